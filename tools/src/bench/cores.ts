import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The cores that servers and load keep to; undefined where they can't be told apart. */
export interface Cores {
  readonly server: number
  readonly load: number
}

/** Two of the cores that this process may use, one for servers, one for load; this process keeps to the latter from now on. */
export function takeCores(): Cores | undefined {
  if (!existsSync('/proc/self/status') || spawnSync('taskset', ['--version']).status !== 0) return undefined
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const [server, load] = list.split(',').flatMap(part => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
  if (server === undefined || load === undefined) return undefined
  spawnSync('taskset', ['-a', '-p', '-c', `${load}`, `${process.pid}`])
  return { server, load }
}
