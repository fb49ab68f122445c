import t from 'tap'
import { ConfigError, readConfig } from '../../src/server/config.js'

t.test('without variables everything has its default', async t => {
  t.match(readConfig({}), {
    port: 4566,
    bindHost: '0.0.0.0',
    host: undefined,
    region: 'us-east-1',
    account: '000000000000',
    services: undefined,
    plugins: [],
    logLevel: 'info',
    persist: false,
    ssl: false,
    eager: false,
    verifySignatures: false,
    authorize: false,
  })
})

t.test('a variable sets its field', async t => {
  const cases: [Record<string, string>, Partial<ReturnType<typeof readConfig>>][] = [
    [{ GATEWAY_PORT: '4567' }, { port: 4567 }],
    [{ EDGE_PORT: '4568' }, { port: 4568 }],
    [{ GATEWAY_PORT: '0', EDGE_PORT: '4568' }, { port: 0 }],
    [{ BIND_HOST: '127.0.0.1' }, { bindHost: '127.0.0.1' }],
    [{ MINISTACK_HOST: 'cloud.test:4566' }, { host: 'cloud.test:4566' }],
    [{ LOCALSTACK_HOST: 'ls' }, { host: 'ls' }],
    [{ MINISTACK_HOST: 'a', LOCALSTACK_HOST: 'b' }, { host: 'a' }],
    [{ MINISTACK_REGION: 'us-gov-west-1' }, { region: 'us-gov-west-1' }],
    [{ MINISTACK_ACCOUNT_ID: '111122223333' }, { account: '111122223333' }],
    [{ SERVICES: ' s3, sqs,' }, { services: ['s3', 'sqs'] }],
    [{ SERVICES: '' }, { services: undefined }],
    [{ MINISTACK_PLUGINS: './mine,other' }, { plugins: ['./mine', 'other'] }],
    [{ LOG_LEVEL: 'WARNING' }, { logLevel: 'warn' }],
    [{ DEBUG: '1' }, { logLevel: 'debug' }],
    [{ DEBUG: 'express:*' }, { logLevel: 'info' }],
    [{ DEBUG: '1', LOG_LEVEL: 'error' }, { logLevel: 'error' }],
    [
      { PERSIST_STATE: '1', STATE_DIR: '/state' },
      { persist: true, stateDir: '/state' },
    ],
    [{ PERSISTENCE: 'true' }, { persist: true }],
    [{ PERSIST_STATE: '0', PERSISTENCE: '1' }, { persist: false }],
    [
      { S3_PERSIST: 'yes', S3_DATA_DIR: '/s3', S3_GLOBAL_NAMESPACE: 'on', DYNAMODB_ENFORCE_THROUGHPUT: '1' },
      { s3Persist: true, s3DataDir: '/s3', s3GlobalNamespace: true, dynamodbEnforceThroughput: true },
    ],
    [
      { USE_SSL: '1', MINISTACK_SSL_CERT: '/c', MINISTACK_SSL_KEY: '/k' },
      { ssl: true, sslCert: '/c', sslKey: '/k' },
    ],
    [{ EAGER_SERVICE_LOADING: '1' }, { eager: true }],
    [{ MINISTACK_VERIFY_SIGNATURES: '1' }, { verifySignatures: true }],
    [{ MINISTACK_AUTHORIZE: '1' }, { authorize: true }],
    [{ ENFORCE_IAM: '1' }, { authorize: true }],
    [{ MINISTACK_MAX_BODY_BYTES: '1024' }, { maxBodyBytes: 1024 }],
  ]
  for (const [env, wanted] of cases) t.match(readConfig(env), wanted, JSON.stringify(env))
})

t.test('an override wins over a variable', async t => {
  t.match(readConfig({ GATEWAY_PORT: '1' }, { port: 2 }), { port: 2 })
})

t.test('a wrong value is an error that names the variable', async t => {
  const cases: [Record<string, string>, string][] = [
    [{ GATEWAY_PORT: 'x' }, "GATEWAY_PORT must be a port from 0 to 65535, not 'x'"],
    [{ EDGE_PORT: '70000' }, "EDGE_PORT must be a port from 0 to 65535, not '70000'"],
    [{ MINISTACK_HOST: 'http://x' }, "MINISTACK_HOST must be a host name with or without a port, not 'http://x'"],
    [{ MINISTACK_REGION: 'mars' }, "MINISTACK_REGION must be a region such as us-east-1, not 'mars'"],
    [{ MINISTACK_ACCOUNT_ID: '12' }, "MINISTACK_ACCOUNT_ID must be an account id of 12 digits, not '12'"],
    [{ LOG_LEVEL: 'loud' }, "LOG_LEVEL must be one of trace, debug, info, warn, warning, error, silent, off, not 'loud'"],
    [{ PERSIST_STATE: 'maybe' }, "PERSIST_STATE must be 1 or 0 (true or false, yes or no, on or off), not 'maybe'"],
    [{ MINISTACK_SSL_CERT: '/c' }, 'MINISTACK_SSL_CERT and MINISTACK_SSL_KEY go together: set both or neither'],
    [{ RDS_BASE_PORT: '-1' }, "RDS_BASE_PORT must be a port from 0 to 65535, not '-1'"],
    [{ MINISTACK_WORKER_THREADS: '1.5' }, "MINISTACK_WORKER_THREADS must be a whole number of 0 or more, not '1.5'"],
    [{ LAMBDA_EXECUTOR: 'podman' }, 'LAMBDA_EXECUTOR must be one of auto, local, docker, not "podman"'],
    [{ SFN_WAIT_SCALE: 'fast' }, 'SFN_WAIT_SCALE must be a number of 0 or more, not "fast"'],
    [
      { GATEWAY_PORT: 'x', USE_SSL: 'y' },
      "GATEWAY_PORT must be a port from 0 to 65535, not 'x'\nUSE_SSL must be 1 or 0 (true or false, yes or no, on or off), not 'y'",
    ],
  ]
  for (const [env, message] of cases) t.throws(() => readConfig(env), new ConfigError(message), JSON.stringify(env))
})
