import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Client, UnknownOperation } from './scenarios.js'

/** Answers a line for each line: the output of a request or what boto3 raised. With an argument, DynamoDB is used by its resources. */
const BRIDGE = `
import boto3, json, sys
from decimal import Decimal
from boto3.dynamodb.types import TypeDeserializer
from botocore import xform_name
from botocore.eventstream import EventStream
from botocore.response import StreamingBody

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
    if isinstance(value, StreamingBody): return value.read().decode(errors='replace')
    if isinstance(value, EventStream): return ''.join(event['Records']['Payload'].decode() for event in value if 'Records' in event)
    if isinstance(value, set): return sorted(value)
    return float(value) if isinstance(value, Decimal) else str(value)

for line in sys.stdin:
    try: answer = json.dumps({'output': send(*json.loads(line))}, default=encode)
    except AttributeError as e: answer = json.dumps({'unknown': repr(e)})
    except Exception as e: answer = json.dumps({'error': repr(e)})
    print(answer, flush=True)
`

/** boto3 in a process of its own; natively, with its resources for DynamoDB. */
export function boto3(env: Record<string, string>, native = false): Client {
  const child = spawn('python3', ['-c', BRIDGE, ...(native ? ['native'] : [])], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: { resolve: (output: unknown) => void; reject: (error: Error) => void }[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    const { output, error, unknown } = JSON.parse(line)
    const { resolve, reject } = waiting.shift()!
    if (unknown !== undefined) reject(new UnknownOperation(unknown))
    else if (error === undefined) resolve(output)
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
