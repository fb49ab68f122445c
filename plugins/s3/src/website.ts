import { STATUS_CODES } from 'node:http'
import type { Readable } from 'node:stream'
import type { GetObjectOutput, WebsiteConfiguration } from '@aws-sdk/client-s3'
import { AwsError, type ServiceClient } from '@ministack/gateway'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerHeaders } from './cors.js'
import { noSuchBucket, s3Error } from './errors.js'
import type { Context } from './kit.js'
import { hostId, idHeaders } from './request-ids.js'
import type { Bucket } from './types.js'
import { routeOf, type WebsiteRedirect } from './website-routing.js'

declare module '@ministack/gateway' {
  interface Services {
    s3: ServiceClient<typeof import('@aws-sdk/client-s3')>
  }
}

/** What a website answers. */
interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Readable | undefined
}

/**
 * Serves a request to a bucket's website endpoint: index and error documents, redirects, routing rules. Visitors are anonymous, so what they
 * see is what the bucket lets everyone read.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
 *
 * @param ctx anonymous.
 */
export async function serveWebsite(
  ctx: Context,
  name: string,
  bucket: Readonly<Bucket> | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const page = await pageOf(ctx, name, bucket, request)
  const cors = bucket ? answerHeaders(bucket, { method: request.method, headers: request.headers }) : {}
  reply.code(page.status).headers({ ...page.headers, ...cors, ...idHeaders(ctx) })
  return reply.send(page.body)
}

async function pageOf(ctx: Context, name: string, bucket: Readonly<Bucket> | undefined, request: FastifyRequest): Promise<Page> {
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw s3Error('MethodNotAllowed', { fields: { Method: request.method, ResourceType: 'OBJECT' }, headers: { allow: 'HEAD, GET' } })
    }
    if (!bucket) throw noSuchBucket(name)
    checkEndpoint(bucket, request)
    const { website } = bucket.config
    if (!website) throw s3Error('NoSuchWebsiteConfiguration', { fields: { BucketName: bucket.name } })
    return await visit(ctx, bucket, website, request)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return errorPage(ctx, error)
  }
}

/** @throws IncorrectEndpoint at the website endpoint of another region. */
function checkEndpoint(bucket: Readonly<Bucket>, { headers }: FastifyRequest): void {
  const host = (headers.host ?? String(headers[':authority'] ?? '')).toLowerCase()
  const [, region, domain] = /\.s3-website[.-]([a-z]{2,4}(?:-[a-z]+)+-\d+)\.(.+)$/.exec(host) ?? []
  if (region === undefined || region === bucket.region) return
  throw s3Error('IncorrectEndpoint', { fields: { Endpoint: `${bucket.name}.s3-website.${bucket.region}.${domain}` } })
}

async function visit(ctx: Context, bucket: Readonly<Bucket>, website: WebsiteConfiguration, request: FastifyRequest): Promise<Page> {
  const origin = `${request.protocol}://${request.headers.host ?? String(request.headers[':authority'] ?? '')}`
  const [rawPath = '/'] = request.raw.url?.split('?') ?? []
  const all = website.RedirectAllRequestsTo
  if (all)
    return redirectPage({ status: 301, location: `${all.Protocol ?? request.protocol}://${all.HostName ?? ''}${request.raw.url ?? '/'}` })
  const asked = decodePath(rawPath.slice(1))
  const suffix = website.IndexDocument?.Suffix ?? 'index.html'
  const key = asked === '' || asked.endsWith('/') ? asked + suffix : asked
  const early = routeOf(website.RoutingRules, asked, undefined, origin)
  if (early) return redirectPage(early)
  try {
    return await documentPage(ctx, bucket, key, request, 200)
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 0) < 400) throw error
    if (key === asked && hasObject(ctx, bucket, `${asked}/${suffix}`)) {
      return folderPage(ctx, `${rawPath}/`)
    }
    const late = routeOf(website.RoutingRules, asked, error.status, origin)
    if (late) return redirectPage(late)
    const document = website.ErrorDocument?.Key
    if (document === undefined) throw error
    return errorDocument(ctx, bucket, document, request, error)
  }
}

function hasObject(ctx: Context, bucket: Readonly<Bucket>, key: string): boolean {
  const version = ctx.stores.objects.in(bucket.id).current(key)
  return version !== undefined && !version.deleteMarker
}

/** The website's own page for an error, under the error's status. */
async function errorDocument(ctx: Context, bucket: Readonly<Bucket>, key: string, request: FastifyRequest, error: AwsError): Promise<Page> {
  try {
    const page = await documentPage(ctx, bucket, key, request, error.status ?? 404)
    return { ...page, headers: { ...page.headers, ...errorHeaders(error) } }
  } catch (second) {
    if (!(second instanceof AwsError)) throw second
    return errorPage(ctx, error, second)
  }
}

/** A document as it is. Conditions and ranges count only for a page that was asked for, not for an error's. */
async function documentPage(
  ctx: Context,
  bucket: Readonly<Bucket>,
  Key: string,
  { method, headers }: FastifyRequest,
  status: number,
): Promise<Page> {
  const wanted = status === 200
  const date = (value: string | undefined) => (value === undefined || Number.isNaN(Date.parse(value)) ? undefined : new Date(value))
  const output = await ctx.services.s3.getObject({
    Bucket: bucket.name,
    Key,
    ...(wanted && {
      Range: headers.range,
      IfMatch: headers['if-match'],
      IfNoneMatch: headers['if-none-match'],
      IfModifiedSince: date(headers['if-modified-since']),
      IfUnmodifiedSince: date(headers['if-unmodified-since']),
    }),
  })
  const body = output.Body as Readable | undefined
  if (output.WebsiteRedirectLocation !== undefined && wanted) {
    body?.destroy()
    return redirectPage({ status: 301, location: output.WebsiteRedirectLocation })
  }
  if (method === 'HEAD') body?.destroy()
  return {
    status: output.ContentRange !== undefined && wanted ? 206 : status,
    headers: headersOf(output),
    body: method === 'HEAD' ? undefined : body,
  }
}

function headersOf(output: GetObjectOutput): Record<string, string> {
  const given: Record<string, string | undefined> = {
    'accept-ranges': 'bytes',
    'cache-control': output.CacheControl,
    'content-disposition': output.ContentDisposition,
    'content-encoding': output.ContentEncoding,
    'content-language': output.ContentLanguage,
    'content-length': String(output.ContentLength ?? 0),
    'content-range': output.ContentRange,
    'content-type': output.ContentType,
    etag: output.ETag,
    'last-modified': output.LastModified?.toUTCString(),
    'x-amz-version-id': output.VersionId,
    ...Object.fromEntries(Object.entries(output.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function redirectPage({ status, location }: WebsiteRedirect): Page {
  return { status, headers: { location, 'content-length': '0' }, body: undefined }
}

/** What S3 sends to the folder that a key without its slash is. */
function folderPage(ctx: Context, location: string): Page {
  const found = s3Error('Found')
  return { status: 302, headers: { ...errorHeaders(found), ...HTML, location }, body: htmlOf(ctx, found, '302 Moved Temporarily') }
}

const HTML = { 'content-type': 'text/html; charset=utf-8' }

/** S3's own page for an error. */
function errorPage(ctx: Context, error: AwsError, second?: AwsError): Page {
  const status = error.status ?? 400
  if (status === 304) return { status, headers: { ...error.headers }, body: undefined }
  const title = `${status} ${STATUS_CODES[status] ?? ''}`
  return { status, headers: { ...error.headers, ...errorHeaders(error), ...HTML }, body: htmlOf(ctx, error, title, second) }
}

/** The headers by which a website tells an error, on pages of one's own too. */
function errorHeaders(error: AwsError): Record<string, string> {
  const details = Object.entries(error.fields ?? {}).map(([name, value]) => [`x-amz-error-detail-${name}`, headerValue(String(value))])
  return { 'x-amz-error-code': error.code, 'x-amz-error-message': error.message, ...Object.fromEntries(details) }
}

/** Keys may hold what no header can. */
function headerValue(text: string): string {
  return /^[ -~]*$/.test(text) ? text : encodeURIComponent(text)
}

function htmlOf(ctx: Context, error: AwsError, title: string, second?: AwsError): string {
  const ids = [
    ['RequestId', ctx.requestId],
    ['HostId', hostId(ctx)],
  ]
  const list = (of: AwsError, more: string[][] = []) =>
    [['Code', of.code], ['Message', of.message], ...Object.entries(of.fields ?? {}), ...more]
      .map(([name, value]) => `<li>${name}: ${escapeHtml(String(value))}</li>\n`)
      .join('')
  const custom = second
    ? `<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n${list(second)}</ul>\n`
    : ''
  return `<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<ul>\n${list(error, ids)}</ul>\n${custom}<hr/>\n</body>\n</html>\n`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`)
}

/** A broken escape stays as it is: it can only be a key that isn't there. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
