import type { LogLevel } from './log.js'

/** Everything that can be set from outside, read once at the start; `readConfig` in `server/config.ts` makes it from the environment. */
export interface Config {
  /** `GATEWAY_PORT`, else `EDGE_PORT`; 4566. */
  readonly port: number
  /** `BIND_HOST`; 0.0.0.0. */
  readonly bindHost: string
  /** `MINISTACK_HOST` or `LOCALSTACK_HOST`: the host (and port) in the URLs that services hand out; without it the request's own host. */
  readonly host: string | undefined
  /** `MINISTACK_REGION`; us-east-1. */
  readonly region: string
  /** `MINISTACK_ACCOUNT_ID`; 000000000000. */
  readonly account: string
  /** `SERVICES`: the services to serve; undefined is all. */
  readonly services: readonly string[] | undefined
  /** `MINISTACK_PLUGINS`: further plugins, package names or paths. */
  readonly plugins: readonly string[]
  readonly logLevel: LogLevel
  /** `PERSIST_STATE` or `PERSISTENCE`. */
  readonly persist: boolean
  /** `STATE_DIR`. */
  readonly stateDir: string
  readonly s3Persist: boolean
  readonly s3DataDir: string
  /** `S3_GLOBAL_NAMESPACE`: bucket names are unique over all accounts, as on AWS. */
  readonly s3GlobalNamespace: boolean
  /** `DYNAMODB_ENFORCE_THROUGHPUT`: provisioned capacity and on-demand maximums are kept to, and requests beyond them throttled. */
  readonly dynamodbEnforceThroughput: boolean
  readonly ssl: boolean
  readonly sslCert: string | undefined
  readonly sslKey: string | undefined
  /** `EAGER_SERVICE_LOADING`: load every plugin at the start. */
  readonly eager: boolean
  /** `MINISTACK_VERIFY_SIGNATURES`: refuse requests whose SigV4 signature is wrong. Off by default: any key works. */
  readonly verifySignatures: boolean
  /** `MINISTACK_AUTHORIZE` or `ENFORCE_IAM`: refuse what policies and ACLs don't allow. Off by default: everyone may do everything. */
  readonly authorize: boolean
  /** The longest request body that is held in memory, in bytes, for services whose manifest doesn't say otherwise. */
  readonly maxBodyBytes: number
  /** Any other variable that a plugin documents: `LAMBDA_EXECUTOR`, `SFN_WAIT_SCALE`, ... */
  readonly env: Readonly<Record<string, string | undefined>>
}
