import { randomBytes } from 'node:crypto'
import { hostRegion } from './endpoints.js'
import { s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { AccessPoint } from './types.js'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html */
export function isValidAccessPointName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/.test(name) && !/(-s3alias|--op-s3|--xa-s3)$/.test(name) && !name.startsWith('xn--')
}

/** The name in what a request calls an access point, which may be its ARN. */
export function accessPointName(given: string | undefined): string {
  return /^arn:[^:]*:s3:[^:]*:\d*:accesspoint\/(.+)$/.exec(given ?? '')?.[1] ?? given ?? ''
}

/** An access point of the caller's account and region, by its name or ARN. @throws NoSuchAccessPoint */
export function accessPointOf(ctx: Context, given: string | undefined): Readonly<AccessPoint> {
  const name = accessPointName(given)
  const [, region = ctx.region, account = ctx.account] = /^arn:[^:]*:s3:([^:]*):(\d*):/.exec(given ?? '') ?? []
  const point = region === ctx.region && account === ctx.account ? ctx.state.accessPoints.get(name) : undefined
  if (!point) throw s3Error('NoSuchAccessPoint', { fields: { AccessPointName: name } })
  return point
}

export function accessPointArn(ctx: Context, { region, account, name }: Readonly<AccessPoint>): string {
  return `arn:${ctx.partition}:s3:${region}:${account}:accesspoint/${name}`
}

/** A name by which an access point can be used wherever a bucket's can. */
export function newAlias(name: string): string {
  const random = randomBytes(17).toString('hex')
  return `${name.slice(0, 20)}-${random}-s3alias`
}

/** The access point that a request names in the place of a bucket: by its alias, its ARN, or the name and account of its host name. */
export function accessPointNamed(ctx: Context, bucket: string): Readonly<AccessPoint> | undefined {
  const arn = /^arn:[^:]*:s3:([^:]*):(\d{12}):accesspoint[/:](.+)$/.exec(bucket)
  if (arn) return ctx.stores.accessPoints.in({ region: arn[1] ?? '', account: arn[2] ?? '' }).get(arn[3] ?? '')
  if (!bucket.endsWith('-s3alias')) {
    const [, name = '', account = ''] = /^(.+)-(\d{12})$/.exec(bucket) ?? []
    return name === '' ? undefined : ctx.stores.accessPoints.in({ region: hostRegion(ctx.http) ?? ctx.region, account }).get(name)
  }
  for (const [, points] of ctx.stores.accessPoints.scopes()) for (const point of points.values()) if (point.alias === bucket) return point
  return undefined
}
