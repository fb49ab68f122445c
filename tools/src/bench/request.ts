import { randomUUID } from 'node:crypto'

/** What of a request differs from one service to another. */
export interface RequestParts {
  readonly service: string
  readonly path?: string
  readonly method?: string
  readonly contentType: string
  /** `X-Amz-Target`, for the JSON protocols. */
  readonly target?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** Makes the bytes of a request with the headers that the JS SDK sends, signature included (its form is right, its value isn't). */
export function buildRequest({ service, path = '/', method = 'POST', contentType, target, headers = {}, body }: RequestParts): Buffer {
  const payload = typeof body === 'string' ? Buffer.from(body) : body
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1:4566',
    `content-type: ${contentType}`,
    ...(target ? [`x-amz-target: ${target}`] : []),
    'x-amz-user-agent: aws-sdk-js/3.1053.0',
    'user-agent: aws-sdk-js/3.1053.0 ua/2.1 os/linux#6.18 lang/js md/nodejs#20.20.2 api/bench#3.1053.0 m/E',
    `amz-sdk-invocation-id: ${randomUUID()}`,
    'amz-sdk-request: attempt=1; max=3',
    'x-amz-date: 20260101T000000Z',
    `x-amz-content-sha256: ${'e3b0c442'.repeat(8)}`,
    `authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-user-agent, Signature=${'0123456789abcdef'.repeat(4)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${payload.length}`,
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), payload])
}
