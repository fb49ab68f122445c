/** Levels as `LOG_LEVEL` takes them. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where a part of MiniStack says what it does. Text first, facts after: `log.warn('journal has a torn line', { file })`. */
export interface Log {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void
  info(message: string, facts?: Readonly<Record<string, unknown>>): void
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
  error(message: string, facts?: Readonly<Record<string, unknown>>): void
  readonly level: LogLevel
}

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }

/**
 * A log of one readable line a message.
 * @param write takes each finished line, newline included; standard error by default.
 */
export function createLog(level: LogLevel, write: (line: string) => void = line => process.stderr.write(line)): Log {
  const at = (name: Exclude<LogLevel, 'silent'>) =>
    ORDER[name] < ORDER[level]
      ? () => {}
      : (message: string, facts?: Readonly<Record<string, unknown>>) =>
          write(`${new Date().toISOString()} ${name.toUpperCase().padEnd(5)} ${message}${facts ? format(facts) : ''}\n`)
  return { level, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function format(facts: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const key in facts) {
    const value = facts[key]
    if (value === undefined) continue
    text += ` ${key}=${value instanceof Error ? (value.stack ?? value.message) : typeof value === 'string' ? value : JSON.stringify(value)}`
  }
  return text
}
