import { Agent } from 'node:http'
import type { LookupFunction } from 'node:net'
import {
  AwsEc2QueryProtocol,
  AwsJson1_0Protocol,
  AwsJson1_1Protocol,
  AwsQueryProtocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols'
import type { Model, ProtocolName } from '@ministack/gateway/protocol'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Service } from './services.js'

/** An SDK client, as far as a round trip uses it. */
export interface SdkClient {
  send(command: object): Promise<Record<string, unknown>>
  destroy(): void
}

type Constructor<T> = new (argument: Record<string, unknown>) => T

/** A service's SDK module with a client of it. */
export interface Sdk {
  readonly client: SdkClient
  /** A command; undefined for an operation that the client doesn't have. */
  command(operation: string, input: Record<string, unknown>): object | undefined
  /** The class of a modeled error. */
  errorClass(name: string): unknown
}

/** Where a client finds the server, and how it gets there. */
export interface Transport {
  readonly endpoint: string
  /** `undefined`: the client's own. */
  readonly requestHandler: object | undefined
  /** What is set otherwise than by default. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export const ACCOUNT = '210987654321'

const PROTOCOLS: Readonly<Record<ProtocolName, unknown>> = {
  awsJson1_0: AwsJson1_0Protocol,
  awsJson1_1: AwsJson1_1Protocol,
  awsQuery: AwsQueryProtocol,
  ec2Query: AwsEc2QueryProtocol,
  restJson1: AwsRestJsonProtocol,
  restXml: AwsRestXmlProtocol,
  rpcv2Cbor: AwsSmithyRpcV2CborProtocol,
}

/** All names are this machine: not every one has `*.localhost` in its resolver. */
const lookup: LookupFunction = (_host, { all }, found) =>
  all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)

/** HTTP/1.1 with the SDK's own handler, to `localhost` and names below it: buckets, accounts and host prefixes. */
export function http1(port: number): Transport {
  return {
    endpoint: `http://localhost:${port}`,
    requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, lookup }) }),
  }
}

/** Loads a service's SDK client and makes it speak a protocol; all else is as it is by default. */
export async function sdkOf(service: Service, model: Model, protocol: ProtocolName, transport: Transport): Promise<Sdk> {
  const module = (await import(service.sdk)) as Record<string, unknown>
  const name = Object.keys(module).find(key => /Client$/.test(key) && key !== '__Client' && isClientClass(module[key]))
  if (name === undefined) throw new Error(`${service.sdk} exports no client`)
  const Client = module[name] as Constructor<SdkClient>
  const { endpoint, requestHandler, settings } = transport
  const client = new Client({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'test' },
    maxAttempts: 1,
    // Digests and checksums in answers are checked by the clients; what is answered here has no reason to get them right.
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(service.name === 'sqs' ? { md5: false } : {}),
    ...(requestHandler && { requestHandler }),
    ...(model.service.protocols[0] === protocol ? {} : { protocol: PROTOCOLS[protocol] }),
    ...settings,
  })
  return {
    client,
    command: (operation, input) => {
      const Command = module[`${operation}Command`] as Constructor<object> | undefined
      return Command && new Command(input)
    },
    errorClass: error => module[error],
  }
}

function isClientClass(value: unknown): boolean {
  return typeof value === 'function' && Object.getPrototypeOf(value.prototype ?? Object.prototype) !== Object.prototype
}
