import { Readable } from 'node:stream'
import { Model, type ModelJson, type OperationJson, type ProtocolName, type ShapeJson, type WireRequest } from '../../src/protocol/index.js'

interface Parts {
  readonly service?: Partial<ModelJson['service']>
  readonly operations?: Readonly<Record<string, OperationJson>>
  readonly shapes: Readonly<Record<string, ShapeJson>>
}

/** A model for a test: one operation `Do` from `In` to `Out`, and what else the test needs. */
export function modelOf(protocol: ProtocolName, parts: Parts, patch?: unknown): Model {
  const json: ModelJson = {
    generated: { sdk: 'test', constraints: 'test', sha256: '' },
    service: {
      sdk: 'test',
      id: 'Test',
      shape: 'TestService',
      version: '2020-01-01',
      namespace: 'com.amazonaws.test',
      protocols: [protocol],
      target: 'TestService',
      ...parts.service,
    },
    operations: parts.operations ?? { Do: { input: '#In', output: '#Out', http: ['POST', '/do', 200] } },
    shapes: parts.shapes,
  }
  return Model.from(json, patch)
}

/** A request as the server hands it to a protocol. */
export function request(
  parts: { method?: string; target?: string; headers?: Record<string, string>; body?: string | Uint8Array; stream?: Readable } = {},
): WireRequest {
  const [path = '/', rawQuery = ''] = (parts.target ?? '/').split('?')
  return {
    method: parts.method ?? 'POST',
    path,
    rawQuery,
    headers: parts.headers ?? {},
    query: new URLSearchParams(rawQuery),
    body: Buffer.from(parts.body ?? ''),
    stream: parts.stream,
  }
}

/** A response's body as text. */
export async function textOf(body: string | Uint8Array | Readable | undefined): Promise<string> {
  if (body === undefined) return ''
  if (body instanceof Readable) return Buffer.concat(await body.toArray()).toString()
  return Buffer.from(body).toString()
}
