import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLog, type Log } from '../../../src/runtime/log.js'
import { UnitStore, type UnitStoreOptions } from '../../../src/runtime/persistence/index.js'
import { AccountScopedDict } from '../../../src/runtime/scoped-dict.js'

export const HERE = { account: '000000000000', region: 'us-east-1' }

/** A log that keeps its lines. */
export function keepingLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  return { lines, log: createLog('debug', line => lines.push(line)) }
}

/** What a test gives to end what it began. */
interface Test {
  teardown(fn: () => Promise<void>): void
}

/** A unit with one dict, opened and restored; closed when the test is over, so until then it is as after a crash. */
export async function openUnit(t: Test | undefined, dir: string, options: Partial<UnitStoreOptions> = {}) {
  const { log, lines } = keepingLog()
  const store = await UnitStore.open({ dir, unit: 'toy', stateVersion: 1, log, ...options })
  t?.teardown(() => store.close().catch(() => {}))
  const dict = new AccountScopedDict<unknown>('things')
  await store.restore([dict])
  return { store, dict, things: dict.in(HERE), lines }
}

/** What the state on disk holds, read by a store of its own that changes nothing. */
export async function stateOf(dir: string): Promise<Record<string, unknown>> {
  const { things } = await openUnit(undefined, dir)
  return Object.fromEntries(things.entries())
}

export async function filesOf(dir: string): Promise<string[]> {
  return (await readdir(join(dir, 'toy'))).sort()
}

export function textOf(dir: string, file: string): Promise<string> {
  return readFile(join(dir, 'toy', file), 'utf8')
}
