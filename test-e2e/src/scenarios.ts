import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { plain } from './attribute-values.js'

const REGION = 'eu-west-1'
const POLL_MS = 50

/** The services that scenarios send requests to. */
export type Service = 'dynamodb' | 'dynamodbstreams' | 's3'

/**
 * One request of a scenario. A `<name>` in its input or expectation stands for a value that an earlier step saved; `<account>` is the caller's.
 * Items are in DynamoDB's own form; a client with values of its language takes and gives those instead.
 */
export interface Step {
  /** By default the scenario's own service. */
  readonly service?: Service
  readonly operation: string
  /** By default `eu-west-1`. */
  readonly region?: string
  readonly input: object
  /** What the output must have, as `t.match` sees it; a body is its text. */
  readonly expect?: object
  /** What the client's error says, of a request that has to fail. */
  readonly fails?: RegExp
  /** Repeats the request until the value at this path of the output is this one. */
  readonly until?: readonly [path: string, value: string]
  /** Values of the output, by path, for later steps; with a pattern, its first group. */
  readonly save?: Readonly<Record<string, string | readonly [path: string, pattern: RegExp]>>
}

/** Says that a client is too old to have an operation. */
export class UnknownOperation extends Error {}

/** One of the ways to reach AWS. */
export interface Client {
  /**
   * Sends a request and gives its output as JSON would have it, with the text of bodies.
   * @throws what the client throws; UnknownOperation when it doesn't have the operation.
   */
  call(service: Service, operation: string, region: string, input: object): Promise<unknown>
  /** It takes and gives values of its language instead of DynamoDB's own form. */
  readonly native?: boolean
  close?(): void
}

/** Who plays a scenario. */
export interface Player {
  readonly client: Client
  readonly account: string
  /** The service of steps that name none. */
  readonly service: Service
  /** The operations that answered as expected, `service operation`, and those that the client doesn't have. */
  readonly driven: Set<string>
  readonly unknown: Set<string>
}

/** The value with what earlier steps saved in place of the names. */
function filled<T>(value: T, saved: Readonly<Record<string, string>>): T {
  if (typeof value === 'string') return value.replace(/<(\w+)>/g, (whole, name) => saved[name] ?? whole) as T
  if (Array.isArray(value)) return value.map(member => filled(member, saved)) as T
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, saved)])) as T
}

function at(output: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], output)
}

/** Whether the lists that are expected, at any depth, are as long in the output; `t.match` allows more. */
function sameLengths(output: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return true
  if (Array.isArray(expected) && (output as unknown[]).length !== expected.length) return false
  return Object.entries(expected).every(([name, member]) => sameLengths((output as Record<string, unknown>)[name], member))
}

/** Sends a scenario's requests and notes what became of each. */
export async function play(t: Test, player: Player, steps: readonly Step[]): Promise<void> {
  const saved: Record<string, string> = { account: player.account }
  for (const step of steps) {
    const name = `${step.service ?? player.service} ${step.operation}`
    try {
      if (await took(t, player, step, name, saved)) player.driven.add(name)
    } catch (error) {
      if (!(error instanceof UnknownOperation)) throw new Error(`${name}: ${error}`, { cause: error })
      player.unknown.add(name)
    }
  }
}

/** Whether a step went as expected. */
async function took(t: Test, player: Player, step: Step, name: string, saved: Record<string, string>): Promise<boolean> {
  const { service = player.service, operation, region = REGION, input, expect = {}, until, fails, save = {} } = step
  const { call, native } = player.client
  const request = filled(input, saved)
  if (fails) {
    const error = await call(service, operation, region, request).then(
      () => 'no error',
      error => error,
    )
    if (error instanceof UnknownOperation) throw error
    return t.match(String(error), fails, `${name} fails`)
  }
  let output = await call(service, operation, region, request)
  while (until && at(output, until[0]) !== until[1]) {
    await delay(POLL_MS)
    output = await call(service, operation, region, request)
  }
  const filledExpect = filled(expect, saved)
  const expected = native && service === 'dynamodb' ? plain(filledExpect, members => members) : filledExpect
  for (const [key, from] of Object.entries(save)) {
    const [path, pattern] = typeof from === 'string' ? [from, /(.*)/s] : from
    saved[key] = pattern.exec(String(at(output, path)))![1]!
  }
  return t.match(output, expected, name) && t.ok(sameLengths(output, expected), `${name} has no more members in its lists`)
}
