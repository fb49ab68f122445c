import t from 'tap'
import { cli } from '../../src/aws-cli.js'
import { boto3 } from '../../src/boto3.js'
import { javascript } from '../../src/js-sdk.js'
import { clientEnv, missing } from '../../src/programs.js'
import { type Client, play } from '../../src/scenarios.js'
import { startServerProcess } from '../../src/server.js'
import { SCENARIOS } from './every-operation.js'

t.setTimeout(600_000)

t.test('every operation of S3', async t => {
  const server = await startServerProcess({ args: ['--services', 's3,sqs'] })
  t.teardown(() => server.stop())
  const coverage = await fetch(`${server.endpoint}/_ministack/coverage`)
  const { services } = (await coverage.json()) as { services: Record<string, { implemented: string[] }> }
  const implemented = services.s3!.implemented.map(operation => `s3 ${operation}`).sort()
  // Each client is an account of its own, so that none meets the buckets of another.
  const env = (account: string) => ({ ...clientEnv(server.endpoint), AWS_ACCESS_KEY_ID: account, AWS_MAX_ATTEMPTS: '1' })

  const clients: readonly [name: string, account: string, skip: string | false, start: (account: string) => Client][] = [
    ['the JS SDK', '100000000001', false, account => javascript(server.endpoint, account)],
    ['boto3', '100000000002', missing('python3', '-c', 'import boto3'), account => boto3(env(account))],
    ['the AWS CLI', '100000000003', missing('aws', '--version'), account => cli(env(account))],
  ]
  for (const [name, account, skip, start] of clients) {
    t.test(name, { skip }, async t => {
      const client = start(account)
      t.teardown(() => client.close?.())
      const player = { client, account, service: 's3', driven: new Set<string>(), unknown: new Set<string>() } as const
      await Promise.all(Object.values(SCENARIOS).map(steps => play(t, player, steps)))
      const known = implemented.filter(operation => !player.unknown.has(operation))
      t.strictSame([...player.driven].filter(operation => operation.startsWith('s3 ')).sort(), known)
    })
  }
})
