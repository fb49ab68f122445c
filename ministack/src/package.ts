import { readFileSync } from 'node:fs'

/** This package's own package.json: what it depends on are the plugins of the full server. */
export const PACKAGE = new URL('../../package.json', import.meta.url)

export function version(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version
}
