import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { AwsError } from '../authoring/errors.js'
import type { WireResponse } from '../protocol/index.js'
import { ApiCall, asAwsError, find, inProcessSteps, protocolFor, runSteps, WireCall, wireSteps } from './api-call.js'
import type { Caller } from './context.js'
import type { ApiRoute, HttpExchange } from './exchange.js'
import type { Gateway } from './gateway.js'
import { freezeDeep, streamInput, streamOutput } from './in-process.js'
import type { LoadedUnit } from './loaded-unit.js'
import type { Scope } from './scoped-dict.js'

/** Runs an API call that came over HTTP; a refusal is an answer too. */
export async function answerCall(gateway: Gateway, unit: LoadedUnit, route: ApiRoute, exchange: HttpExchange): Promise<WireResponse> {
  const started = gateway.log.level === 'debug' ? performance.now() : undefined
  const service = unit.services.get(route.service.name)!
  const arrived = service.answered ? gateway.clock.now() : 0
  const wire = new WireCall(route, exchange, protocolFor(service, exchange))
  const { account, region } = route
  const call = new ApiCall(gateway, unit, service, { account, region, requestId: exchange.requestId, origin: exchange, wire })
  let refused: AwsError | undefined
  gateway.enter()
  try {
    const wait = runSteps(wireSteps, call)
    if (wait) await wait
  } catch (error) {
    refused = asAwsError(error, call)
    call.response = wire.protocol.serializeError(refused, call.requestId, call.model, wire)
  } finally {
    gateway.leave()
  }
  const response = call.response!
  if (service.answered) showAnswer(call, response, refused, arrived)
  if (started !== undefined) {
    const ms = Math.round((performance.now() - started) * 10) / 10
    const { status } = response
    gateway.log.debug(`${service.manifest.name}.${call.operation || '?'}`, { account, region, status, ms, requestId: call.requestId })
  }
  return response
}

function showAnswer(call: ApiCall, { status, headers, body }: WireResponse, refused: AwsError | undefined, arrived: number): void {
  const { service, context, operation, requestId, gateway } = call
  const bytes = body instanceof Readable ? undefined : Buffer.byteLength(body ?? '')
  try {
    service.answered?.(context, { status, headers, bytes, arrived, ...(refused && { error: refused.code }) })
  } catch (error) {
    gateway.log.error(`${service.manifest.name}.${operation || '?'}: the look at its answer failed`, { requestId, error })
  }
}

/** Who makes an in-process call, and where. */
export interface CallOrigin extends Scope {
  readonly caller?: Caller
  readonly signal?: AbortSignal
}

/** Runs an operation for a caller in this process. @throws AwsError as the service does. */
export async function callInProcess(
  gateway: Gateway,
  unit: LoadedUnit,
  serviceName: string,
  operation: string,
  input: object,
  from: CallOrigin,
): Promise<unknown> {
  const service = unit.services.get(serviceName)!
  const { account, region, caller } = from
  const call = new ApiCall(gateway, unit, service, { account, region, requestId: randomUUID(), origin: from, wire: undefined })
  call.caller = caller
  find(call, operation)
  call.input = streamInput(call.model, input as Record<string, unknown>)
  if (gateway.freeze) freezeDeep(call.input)
  try {
    await runSteps(inProcessSteps, call)
  } catch (error) {
    throw asAwsError(error, call)
  }
  const output = streamOutput(call.model, (call.output ?? {}) as Record<string, unknown>)
  return gateway.freeze ? freezeDeep(output) : output
}
