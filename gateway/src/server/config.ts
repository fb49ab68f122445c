import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Config } from '../runtime/config.js'
import type { LogLevel } from '../runtime/log.js'

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable, or several, with a value that can't be used; the message names each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const MIB = 1024 * 1024
const LOG_LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  silent: 'silent',
  off: 'silent',
}

/**
 * Reads the configuration from the environment; LocalStack's names stand in for MiniStack's own where those aren't set.
 * @param overrides what the caller (a command line, an embedding program) says itself.
 * @throws ConfigError that names every variable with a wrong value.
 */
export function readConfig(env: Environment = process.env, overrides: Partial<Config> = {}): Config {
  const read = new Reader(env)
  const config: Config = {
    port: read.port('GATEWAY_PORT') ?? read.port('EDGE_PORT') ?? 4566,
    bindHost: read.text('BIND_HOST') ?? '0.0.0.0',
    host: read.host('MINISTACK_HOST') ?? read.host('LOCALSTACK_HOST'),
    region: read.matching('MINISTACK_REGION', /^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/, 'a region such as us-east-1') ?? 'us-east-1',
    account: read.matching('MINISTACK_ACCOUNT_ID', /^\d{12}$/, 'an account id of 12 digits') ?? '000000000000',
    services: read.list('SERVICES'),
    plugins: read.list('MINISTACK_PLUGINS') ?? [],
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS) ?? (/^(1|true)$/i.test(env.DEBUG ?? '') ? 'debug' : 'info'),
    persist: read.flag('PERSIST_STATE') ?? read.flag('PERSISTENCE') ?? false,
    stateDir: resolve(read.text('STATE_DIR') ?? join(tmpdir(), 'ministack-state')),
    s3Persist: read.flag('S3_PERSIST') ?? false,
    s3DataDir: resolve(read.text('S3_DATA_DIR') ?? join(tmpdir(), 'ministack-data', 's3')),
    s3GlobalNamespace: read.flag('S3_GLOBAL_NAMESPACE') ?? false,
    dynamodbEnforceThroughput: read.flag('DYNAMODB_ENFORCE_THROUGHPUT') ?? false,
    ssl: read.flag('USE_SSL') ?? false,
    sslCert: read.text('MINISTACK_SSL_CERT'),
    sslKey: read.text('MINISTACK_SSL_KEY'),
    eager: read.flag('EAGER_SERVICE_LOADING') ?? false,
    verifySignatures: read.flag('MINISTACK_VERIFY_SIGNATURES') ?? false,
    authorize: read.flag('MINISTACK_AUTHORIZE') ?? read.flag('ENFORCE_IAM') ?? false,
    maxBodyBytes: read.number('MINISTACK_MAX_BODY_BYTES', { min: 1, whole: true }) ?? 16 * MIB,
    env: { ...env },
    ...overrides,
  }
  if ((config.sslCert === undefined) !== (config.sslKey === undefined)) {
    read.wrong('MINISTACK_SSL_CERT and MINISTACK_SSL_KEY go together: set both or neither')
  }
  // Plugins read these from `env` when they need them; a wrong one is told now, not then.
  read.flag('RDS_PERSIST')
  read.port('RDS_BASE_PORT')
  read.port('ELASTICACHE_BASE_PORT')
  read.number('MINISTACK_WORKER_THREADS', { min: 0, whole: true })
  for (const setting of Object.values(RUNTIME_SETTINGS)) {
    const value = read.text(setting.variable)
    const problem = value === undefined || setting.variable === 'SFN_MOCK_CONFIG' ? undefined : setting.problem(value)
    if (problem) read.wrong(`${setting.variable} ${problem}`)
  }
  const warmTtl = read.number('LAMBDA_WARM_TTL_SECONDS', { min: 0 })
  if (warmTtl !== undefined && warmTtl > 86_400) read.wrong(`LAMBDA_WARM_TTL_SECONDS must be 86400 or less, not '${warmTtl}'`)
  read.check()
  return config
}

/** A setting that may be changed while MiniStack runs. */
export interface RuntimeSetting {
  /** The variable in `config.env` that plugins read. */
  readonly variable: string
  /** Says what is wrong with a value, or nothing. */
  problem(value: unknown): string | undefined
}

const oneOf = (...choices: readonly string[]) => ({
  problem: (value: unknown) =>
    typeof value === 'string' && choices.includes(value) ? undefined : `must be one of ${choices.join(', ')}, not ${JSON.stringify(value)}`,
})

/** What `POST /_ministack/config` takes, by the names that it takes them under. */
export const RUNTIME_SETTINGS: Readonly<Record<string, RuntimeSetting>> = {
  'lambda_svc.LAMBDA_EXECUTOR': { variable: 'LAMBDA_EXECUTOR', ...oneOf('auto', 'local', 'docker') },
  'athena.ATHENA_ENGINE': { variable: 'ATHENA_ENGINE', ...oneOf('auto', 'duckdb') },
  'athena.ATHENA_DATA_DIR': {
    variable: 'ATHENA_DATA_DIR',
    problem: value => (typeof value === 'string' && value !== '' ? undefined : `must be a folder's path, not ${JSON.stringify(value)}`),
  },
  'stepfunctions._sfn_mock_config': {
    variable: 'SFN_MOCK_CONFIG',
    problem: value =>
      typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value))
        ? undefined
        : `must be a file's path or the configuration itself, not ${JSON.stringify(value)}`,
  },
  'stepfunctions._SFN_WAIT_SCALE': {
    variable: 'SFN_WAIT_SCALE',
    problem: value =>
      (typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')) &&
      Number.isFinite(Number(value)) &&
      Number(value) >= 0
        ? undefined
        : `must be a number of 0 or more, not ${JSON.stringify(value)}`,
  },
}

class Reader {
  readonly #env: Environment
  readonly #problems: string[] = []

  constructor(env: Environment) {
    this.#env = env
  }

  wrong(problem: string): undefined {
    this.#problems.push(problem)
  }

  check(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems.join('\n'))
  }

  /** An empty variable is one that isn't set. */
  text(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined
  }

  list(name: string): string[] | undefined {
    const items = this.text(name)
      ?.split(',')
      .map(item => item.trim())
      .filter(Boolean)
    return items?.length ? items : undefined
  }

  matching(name: string, pattern: RegExp, what: string): string | undefined {
    const value = this.text(name)
    return value === undefined || pattern.test(value) ? value : this.wrong(`${name} must be ${what}, not '${value}'`)
  }

  host(name: string): string | undefined {
    return this.matching(name, /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/, 'a host name with or without a port')
  }

  choice<T>(name: string, choices: Readonly<Record<string, T>>): T | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    return Object.hasOwn(choices, value.toLowerCase())
      ? choices[value.toLowerCase()]
      : this.wrong(`${name} must be one of ${Object.keys(choices).join(', ')}, not '${value}'`)
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase()
    if (value === undefined) return undefined
    if (['1', 'true', 'yes', 'on'].includes(value)) return true
    if (['0', 'false', 'no', 'off'].includes(value)) return false
    return this.wrong(`${name} must be 1 or 0 (true or false, yes or no, on or off), not '${value}'`)
  }

  port(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    return /^\d{1,5}$/.test(value) && Number(value) <= 65_535
      ? Number(value)
      : this.wrong(`${name} must be a port from 0 to 65535, not '${value}'`)
  }

  number(name: string, { min, whole = false }: { min: number; whole?: boolean }): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const number = Number(value)
    return Number.isFinite(number) && number >= min && (!whole || Number.isInteger(number))
      ? number
      : this.wrong(`${name} must be a ${whole ? 'whole ' : ''}number of ${min} or more, not '${value}'`)
  }
}
