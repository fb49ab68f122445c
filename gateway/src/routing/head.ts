import { type Credential, credentialOf, parameter, type SignatureProblem } from './sigv4.js'

/** What the router sees of a request; everything that takes work is worked out when a step first asks for it. */
export class RequestHead {
  readonly method: string
  /** The path as sent, percent escapes untouched, no query. */
  readonly path: string
  /** The query as sent, without `?`. */
  readonly rawQuery: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The Host header or `:authority`, port included. */
  readonly host: string
  /** Asks for a WebSocket. */
  readonly upgrade: boolean
  /** The body as form data, once it was read for a route that needs it. */
  form: URLSearchParams | undefined
  #credential: Credential | SignatureProblem | undefined | null = null

  /** @param url the request target as sent; of the absolute form (`GET http://host/path`) only what comes after the host counts. */
  constructor(method: string, url: string, headers: RequestHead['headers'], upgrade = false) {
    this.method = method
    this.headers = headers
    this.upgrade = upgrade
    const { host } = headers
    this.host = typeof host === 'string' ? host : ''
    const target = url.charCodeAt(0) === 0x2f ? url : originForm(url)
    const mark = target.indexOf('?')
    if (mark === -1) {
      this.path = target
      this.rawQuery = ''
    } else {
      this.path = target.slice(0, mark)
      this.rawQuery = target.slice(mark + 1)
    }
  }

  /** The signature of the request; undefined when it isn't signed. */
  get credential(): Credential | SignatureProblem | undefined {
    if (this.#credential === null) this.#credential = credentialOf(this.headers, this.rawQuery)
    return this.#credential
  }

  /** The first segment of the path. */
  get firstSegment(): string {
    const end = this.path.indexOf('/', 1)
    return end === -1 ? this.path.slice(1) : this.path.slice(1, end)
  }

  header(name: string): string | undefined {
    const value = this.headers[name]
    return typeof value === 'string' ? value : value?.[0]
  }

  /** A form POST, the only body that may say which service it is for. */
  get isForm(): boolean {
    return this.method === 'POST' && /^application\/x-www-form-urlencoded/i.test(this.header('content-type') ?? '')
  }

  /** A parameter of the Query protocols, from the query or the form. */
  queryParameter(name: string): string | undefined {
    return parameter(this.rawQuery, name) ?? this.form?.get(name) ?? undefined
  }
}

function originForm(url: string): string {
  const scheme = url.indexOf('://')
  if (scheme === -1) return url === '*' ? '/' : `/${url}`
  const slash = url.indexOf('/', scheme + 3)
  return slash === -1 ? '/' : url.slice(slash)
}
