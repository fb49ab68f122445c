import { readFileSync } from 'node:fs'

/**
 * When a process began, in the system's own count: with its number it tells a process from a later one that was given the same number.
 * @returns undefined where there is no such process, or the system doesn't say (only Linux does).
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie is dead, and only waits for its parent to hear of it.
    return fields[0] === 'Z' ? 'ended' : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}
