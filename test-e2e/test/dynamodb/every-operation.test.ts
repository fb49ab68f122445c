import t from 'tap'
import { cli } from '../../src/aws-cli.js'
import { boto3 } from '../../src/boto3.js'
import { javascript } from '../../src/js-sdk.js'
import { clientEnv, missing } from '../../src/programs.js'
import { type Client, play } from '../../src/scenarios.js'
import { startServerProcess } from '../../src/server.js'
import { SCENARIOS } from './every-operation.js'

t.setTimeout(240_000)

t.test('every operation of DynamoDB and DynamoDB Streams', async t => {
  const server = await startServerProcess({ args: ['--services', 'dynamodb,dynamodbstreams,kinesis,s3'] })
  t.teardown(() => server.stop())
  const coverage = await fetch(`${server.endpoint}/_ministack/coverage`)
  const { services } = (await coverage.json()) as { services: Record<string, { implemented: string[] }> }
  const implemented = ['dynamodb', 'dynamodbstreams'].flatMap(name => services[name]!.implemented.map(op => `${name} ${op}`)).sort()
  // Each client is an account of its own, so that none meets the tables of another.
  const env = (account: string) => ({ ...clientEnv(server.endpoint), AWS_ACCESS_KEY_ID: account, AWS_MAX_ATTEMPTS: '1' })
  const noBoto3 = missing('python3', '-c', 'import boto3')

  const clients: readonly [name: string, account: string, skip: string | false, start: (account: string) => Client][] = [
    ['the JS SDK', '100000000001', false, account => javascript(server.endpoint, account)],
    ['the JS SDK with documents', '100000000002', false, account => javascript(server.endpoint, account, true)],
    ['boto3', '100000000003', noBoto3, account => boto3(env(account))],
    ['boto3 with resources', '100000000004', noBoto3, account => boto3(env(account), true)],
    ['the AWS CLI', '100000000005', missing('aws', '--version'), account => cli(env(account))],
  ]
  for (const [name, account, skip, start] of clients) {
    t.test(name, { skip }, async t => {
      const client = start(account)
      t.teardown(() => client.close?.())
      const player = { client, account, service: 'dynamodb', driven: new Set<string>(), unknown: new Set<string>() } as const
      await Promise.all(Object.values(SCENARIOS).map(steps => play(t, player, steps)))
      const known = implemented.filter(operation => !player.unknown.has(operation))
      t.strictSame([...player.driven].filter(name => name.startsWith('dynamodb')).sort(), known)
    })
  }
})
