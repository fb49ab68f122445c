import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as dynamodbstreams from '@aws-sdk/client-dynamodb-streams'
import * as s3 from '@aws-sdk/client-s3'
import * as documents from '@aws-sdk/lib-dynamodb'
import t, { type Test } from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'
import { SCENARIOS, type Step } from './every-operation.js'

const REGION = 'eu-west-1'
const POLL_MS = 50

/** Sends a request and gives its output as JSON would have it; throws what the client throws. */
type Call = (service: NonNullable<Step['service']>, operation: string, region: string, input: object) => Promise<unknown>

interface Client {
  readonly call: Call
  /** It takes and gives values of its language instead of DynamoDB's own form. */
  readonly native?: boolean
  close?(): void
}

/** Answers a line for each line: the output of a request or what boto3 raised. With an argument, DynamoDB is used by its resources. */
const BRIDGE = `
import boto3, json, sys
from decimal import Decimal
from boto3.dynamodb.types import TypeDeserializer
from botocore import xform_name

session, known, native = boto3.Session(), {}, len(sys.argv) > 1
TABLE = {'PutItem', 'GetItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan'}
RESOURCE = {'BatchGetItem', 'BatchWriteItem'}

def get(kind, service, region):
    key = kind, service, region
    if key not in known: known[key] = getattr(session, kind)(service, region_name=region)
    return known[key]

def plain(value):
    if isinstance(value, list): return [plain(v) for v in value]
    if not isinstance(value, dict): return value
    if len(value) == 1 and next(iter(value)) in ('S', 'N', 'SS', 'NS', 'L', 'M', 'BOOL', 'NULL'): return TypeDeserializer().deserialize(value)
    return {k: plain(v) for k, v in value.items()}

def send(service, operation, region, values):
    method = xform_name(operation)
    if service != 'dynamodb' or not native: return getattr(get('client', service, region), method)(**values)
    resource, values = get('resource', service, region), plain(values)
    if operation in TABLE: return getattr(resource.Table(values.pop('TableName')), method)(**values)
    return getattr(resource if operation in RESOURCE else resource.meta.client, method)(**values)

def encode(value):
    if isinstance(value, set): return sorted(value)
    return float(value) if isinstance(value, Decimal) else str(value)

for line in sys.stdin:
    try: answer = {'output': send(*json.loads(line))}
    except Exception as e: answer = {'error': repr(e)}
    print(json.dumps(answer, default=encode), flush=True)
`

function boto3(env: Record<string, string>, native: boolean): Client {
  const child = spawn('python3', ['-c', BRIDGE, ...(native ? ['native'] : [])], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: { resolve: (output: unknown) => void; reject: (error: Error) => void }[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    const { output, error } = JSON.parse(line)
    const { resolve, reject } = waiting.shift()!
    if (error === undefined) resolve(output)
    else reject(new Error(error))
  })
  child.once('exit', code => {
    for (const { reject } of waiting) reject(new Error(`python3 ended with ${code}`))
  })
  return {
    native,
    call: (...request) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify(request)}\n`)
      }),
    close: () => child.stdin.end(),
  }
}

function cli(env: Record<string, string>): Client {
  return {
    call: async (service, operation, region, input) => {
      const command = operation.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase()
      // One request a command, as the other clients send: the CLI would otherwise follow the pages to their end.
      const args = [service === 's3' ? 's3api' : service, command, '--no-paginate', '--cli-input-json', JSON.stringify(input)]
      const { code, stdout, stderr } = await run('aws', [...args, '--region', region, '--output', 'json'], { env })
      if (code !== 0) throw new Error(stderr)
      return stdout === '' ? {} : JSON.parse(stdout)
    },
  }
}

/** What all clients and commands of the SDK have in common, for those that are looked up by name. */
interface Sender {
  send(command: object): Promise<object>
  destroy(): void
}
type Library = Readonly<Record<string, new (input: object) => object>>
const LIBRARIES = { dynamodb, dynamodbstreams, s3 } as unknown as Readonly<Record<string, Library>>
const CLIENTS = {
  dynamodb: dynamodb.DynamoDBClient,
  dynamodbstreams: dynamodbstreams.DynamoDBStreamsClient,
  s3: s3.S3Client,
}

/** The JS SDK; natively, with the document client for all commands that it has. */
function javascript(endpoint: string, account: string, native: boolean): Client {
  const senders = new Map<string, Sender>()
  const credentials = { accessKeyId: account, secretAccessKey: 'test' }
  const senderOf = (service: keyof typeof CLIENTS, region: string): Sender => {
    const key = `${service} ${region}`
    const sender =
      senders.get(key) ??
      (new CLIENTS[service]({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true }) as unknown as Sender)
    senders.set(key, sender)
    return sender
  }
  return {
    native,
    call: async (service, operation, region, input) => {
      const sender = senderOf(service, region)
      const Document = (documents as unknown as Library)[`${operation.replace(/Items?$/, '')}Command`]
      const output =
        native && service === 'dynamodb' && Document
          ? await documents.DynamoDBDocumentClient.from(sender as unknown as dynamodb.DynamoDBClient).send(
              new Document(plain(input, members => new Set(members)) as object) as documents.PutCommand,
            )
          : await sender.send(new LIBRARIES[service]![`${operation}Command`]!(input))
      return JSON.parse(JSON.stringify(output, (_key, value) => (value instanceof Set ? [...value].sort() : value)))
    },
    close: () => {
      for (const sender of senders.values()) sender.destroy()
    },
  }
}

/** The value with each attribute value in it, at any depth, as one of the language. */
function plain(value: unknown, setOf: (members: unknown[]) => unknown): unknown {
  if (Array.isArray(value)) return value.map(member => plain(member, setOf))
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value
  const entries = Object.entries(value)
  const [type, content] = entries.length === 1 ? entries[0]! : ['', undefined]
  switch (type) {
    case 'S':
    case 'BOOL':
      return content
    case 'N':
      return Number(content)
    case 'NULL':
      return null
    case 'SS':
      return setOf(content)
    case 'NS':
      return setOf(content.map(Number))
    case 'L':
    case 'M':
      return plain(content, setOf)
    default:
      return Object.fromEntries(entries.map(([name, member]) => [name, plain(member, setOf)]))
  }
}

/** The value with what earlier steps saved in place of the names. */
function filled<T>(value: T, saved: Readonly<Record<string, string>>): T {
  if (typeof value === 'string') return value.replace(/<(\w+)>/g, (whole, name) => saved[name] ?? whole) as T
  if (Array.isArray(value)) return value.map(member => filled(member, saved)) as T
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, saved)])) as T
}

function at(output: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], output)
}

/** Whether the lists that are expected, at any depth, are as long in the output; `t.match` allows more. */
function sameLengths(output: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return true
  if (Array.isArray(expected) && (output as unknown[]).length !== expected.length) return false
  return Object.entries(expected).every(([name, member]) => sameLengths((output as Record<string, unknown>)[name], member))
}

/** Sends a scenario's requests and adds the operations that answered as expected, `service operation`. */
async function play(t: Test, { call, native }: Client, account: string, steps: readonly Step[], driven: Set<string>): Promise<void> {
  const saved: Record<string, string> = { account }
  for (const { service = 'dynamodb', operation, region = REGION, input, expect = {}, until, fails, save = {} } of steps) {
    const request = filled(input, saved)
    const name = `${service} ${operation}`
    if (fails) {
      const error = await call(service, operation, region, request).then(() => 'no error', String)
      if (t.match(error, fails, `${name} fails`)) driven.add(name)
      continue
    }
    let output = await call(service, operation, region, request)
    while (until && at(output, until[0]) !== until[1]) {
      await delay(POLL_MS)
      output = await call(service, operation, region, request)
    }
    const filledExpect = filled(expect, saved)
    const expected = native && service === 'dynamodb' ? plain(filledExpect, members => members) : filledExpect
    const asExpected = t.match(output, expected, name) && t.ok(sameLengths(output, expected), `${name} has no more members in its lists`)
    if (asExpected) driven.add(name)
    for (const [key, from] of Object.entries(save)) {
      const [path, pattern] = typeof from === 'string' ? [from, /(.*)/s] : from
      saved[key] = pattern.exec(String(at(output, path)))![1]!
    }
  }
}

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
    ['the JS SDK', '100000000001', false, account => javascript(server.endpoint, account, false)],
    ['the JS SDK with documents', '100000000002', false, account => javascript(server.endpoint, account, true)],
    ['boto3', '100000000003', noBoto3, account => boto3(env(account), false)],
    ['boto3 with resources', '100000000004', noBoto3, account => boto3(env(account), true)],
    ['the AWS CLI', '100000000005', missing('aws', '--version'), account => cli(env(account))],
  ]
  for (const [name, account, skip, start] of clients) {
    t.test(name, { skip }, async t => {
      const client = start(account)
      t.teardown(() => client.close?.())
      const driven = new Set<string>()
      await Promise.all(Object.values(SCENARIOS).map(steps => play(t, client, account, steps, driven)))
      t.strictSame([...driven].filter(name => name.startsWith('dynamodb')).sort(), implemented)
    })
  }
})
