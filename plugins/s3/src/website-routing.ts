import type { Redirect, RoutingRule } from '@aws-sdk/client-s3'

/** Where a website sends a request instead. */
export interface WebsiteRedirect {
  readonly status: number
  readonly location: string
}

/**
 * The redirect that a website's routing rules have for a key.
 *
 * @param error the HTTP status that the request would be answered with; undefined before it is looked at.
 * @param origin where the request came to: `http://host`.
 */
export function routeOf(
  rules: readonly RoutingRule[] | undefined,
  key: string,
  error: number | undefined,
  origin: string,
): WebsiteRedirect | undefined {
  for (const { Condition = {}, Redirect } of rules ?? []) {
    const { HttpErrorCodeReturnedEquals: code, KeyPrefixEquals: prefix = '' } = Condition
    if (!Redirect || !key.startsWith(prefix)) continue
    if (code === undefined ? error === undefined : error === Number(code)) return redirectTo(Redirect, key, prefix, origin)
  }
  return undefined
}

function redirectTo(
  { HostName, HttpRedirectCode, Protocol, ReplaceKeyPrefixWith, ReplaceKeyWith }: Redirect,
  key: string,
  prefix: string,
  origin: string,
): WebsiteRedirect {
  const [scheme = 'http:', host = ''] = origin.split('//')
  const target = ReplaceKeyWith ?? (ReplaceKeyPrefixWith === undefined ? key : ReplaceKeyPrefixWith + key.slice(prefix.length))
  const path = target.split('/').map(encodeURIComponent).join('/')
  return { status: Number(HttpRedirectCode ?? 301), location: `${Protocol ? `${Protocol}:` : scheme}//${HostName ?? host}/${path}` }
}
