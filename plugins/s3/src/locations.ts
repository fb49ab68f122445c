import type { HttpInfo } from '@ministack/gateway'

/**
 * The address of an object as the client would reach it, in the style of its own request. All of the key is encoded, slashes too, as S3 does.
 *
 * @param http undefined for a call in this process, which has no address.
 */
export function locationOf(http: HttpInfo | undefined, bucket: string, key: string): string {
  const path = encodeURIComponent(key)
  if (!http) return `http://s3.amazonaws.com/${bucket}/${path}`
  const host = `${http.secure ? 'https' : 'http'}://${http.host}`
  return http.host.startsWith(`${bucket}.`) ? `${host}/${path}` : `${host}/${bucket}/${path}`
}
