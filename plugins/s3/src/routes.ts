import type { Caller, Unit } from '@ministack/gateway'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { bucketNamed } from './buckets.js'
import { corsHeaders, preflightOf } from './cors.js'
import type { Context } from './kit.js'
import { hostId, idHeaders } from './request-ids.js'
import type { S3State } from './state.js'
import { serveWebsite } from './website.js'

/** Hosts of website endpoints, `bucket.s3-website.region.host` and `bucket.s3-website-region.host`. */
const WEBSITE = /^(.+)\.s3-website[.-]/
/** Hosts with the bucket in their name; the manifest's virtual hosts. */
const VIRTUAL_HOST =
  /^(.+)\.s3(?:-fips|-accelerate|-external-1)?(?:\.dualstack)?(?:[.-][a-z]{2,4}(?:-[a-z]+)+-\d+)?\.(?![a-z]{2,4}(?:-[a-z]+)+-\d+\.)/
/** Hosts of access points, `name-account.s3-accesspoint.region.host`. */
const ACCESS_POINT = /^(.+-\d{12})\.s3-accesspoint(?:-fips)?(?:\.dualstack)?\.[a-z]{2,4}(?:-[a-z]+)+-\d+\./

/** What isn't an API call: websites, and the questions that browsers ask before a request to another origin. */
export function routes(app: FastifyInstance, unit: Unit<S3State>): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  // The gateway's id of a request, which S3 calls otherwise.
  app.addHook('onRequest', async (_request, reply) => {
    reply.raw.removeHeader('x-amzn-requestid')
  })
  app.options('/*', (request, reply) => answerPreflight(anonymous(unit), unit.config.host, request, reply))
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'],
    url: '/*',
    exposeHeadRoute: false,
    handler: (request, reply) => {
      const ctx = anonymous(unit)
      const name = WEBSITE.exec(hostOf(request))?.[1] ?? ''
      return serveWebsite(ctx, name, ctx.state.buckets.get(name) ?? ctx.stores.owners.only(name), request, reply)
    },
  })
}

/** A context for who hasn't said who they are. */
function anonymous(unit: Unit<S3State>): Context {
  const { account, region } = unit.config
  const caller: Caller = { account, arn: `arn:aws:iam::${account}:anonymous`, userId: 'anonymous', type: 'anonymous' }
  return unit.context({ account, region, caller })
}

function hostOf(request: FastifyRequest): string {
  return (request.headers.host ?? String(request.headers[':authority'] ?? '')).replace(/:\d+$/, '').toLowerCase()
}

/** Answers a preflight by the rules of the bucket that it is for; where a bucket has none, a local S3 lets every page in. */
function answerPreflight(ctx: Context, ownHost: string | undefined, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = '/'] = request.raw.url?.split('?') ?? []
  const host = hostOf(request)
  const virtual = (WEBSITE.exec(host) ?? ACCESS_POINT.exec(host) ?? VIRTUAL_HOST.exec(host))?.[1] ?? labelsBefore(host, ownHost)
  const name = virtual ?? path.split('/')[1] ?? ''
  const { bucket } = bucketNamed(ctx, name)
  const question = preflightOf(request.headers)
  if (typeof question === 'string') return refuse(ctx, reply, 400, 'BadRequest', question)
  if (!bucket?.config.cors)
    return reply
      .code(204)
      .headers({ ...openHeaders(question.origin, question.method, question.headers), ...idHeaders(ctx) })
      .send()
  const headers = corsHeaders(bucket, question)
  if (headers)
    return reply
      .code(200)
      .headers({ ...headers, ...idHeaders(ctx), 'content-length': '0' })
      .send()
  const onObject = virtual === undefined ? path.split('/').slice(2).join('/') !== '' : path !== '/'
  const extra = `<Method>${escapeXml(question.method)}</Method><ResourceType>${onObject ? 'OBJECT' : 'BUCKET'}</ResourceType>`
  const message =
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
  return refuse(ctx, reply, 403, 'AccessForbidden', message, extra)
}

/** Hosts of S3 without a bucket, `s3.region.host`, where the path has it. */
const PATH_STYLE = /^s3(?:-fips|-external-1)?(?:\.dualstack)?(?:[.-][a-z]{2,4}(?:-[a-z]+)+-\d+)?\.[^.]/

/** What stands before one of this server's own names: `bucket.localhost`. */
function labelsBefore(host: string, ownHost: string | undefined): string | undefined {
  if (PATH_STYLE.test(host)) return undefined
  const own = [...(ownHost ? [ownHost.replace(/:\d+$/, '').toLowerCase()] : []), 'localhost.localstack.cloud', 'localhost']
  const domain = own.find(name => host.endsWith(`.${name}`))
  return domain && host.slice(0, -domain.length - 1)
}

function openHeaders(origin: string, method: string, headers: readonly string[]): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': method,
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '600',
    vary: 'origin, access-control-request-method, access-control-request-headers',
  }
}

function refuse(ctx: Context, reply: FastifyReply, status: number, code: string, message: string, extra = ''): FastifyReply {
  const ids = `<RequestId>${ctx.requestId}</RequestId><HostId>${hostId(ctx)}</HostId>`
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${extra}${ids}</Error>`
  return reply
    .code(status)
    .headers({ 'content-type': 'application/xml', ...idHeaders(ctx) })
    .send(body)
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`)
}
