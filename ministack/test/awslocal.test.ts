import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const bin = fileURLToPath(new URL('../../bin/awslocal.mjs', import.meta.url))

/** Runs awslocal with a stand-in for the AWS CLI on the PATH, which tells what it was given. */
async function run(
  t: { testdir(files: Record<string, string>): string },
  args: string[],
  env: Record<string, string> = {},
  script = 'env | grep ^AWS_; for a in "$@"; do echo "arg $a"; done',
) {
  const dir = t.testdir({ aws: `#!/bin/sh\n${script}\n` })
  await chmod(join(dir, 'aws'), 0o755)
  return runWith(args, { PATH: `${dir}:/usr/bin:/bin`, ...env })
}

async function runWith(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', data => {
    output += data
  })
  child.stderr.on('data', data => {
    errors += data
  })
  const [code, signal] = await once(child, 'close')
  return { code, signal, lines: output.trim().split('\n').sort(), errors }
}

t.test('endpoint, credentials and region are filled in, and arguments passed through', async t => {
  const { code, lines } = await run(t, ['sqs', 'send-message', '--message-body', 'a b "c"'])
  t.equal(code, 0)
  t.strictSame(lines, [
    'AWS_ACCESS_KEY_ID=test',
    'AWS_DEFAULT_REGION=us-east-1',
    'AWS_ENDPOINT_URL=http://localhost:4566',
    'AWS_SECRET_ACCESS_KEY=test',
    'arg --endpoint-url=http://localhost:4566',
    'arg --message-body',
    'arg a b "c"',
    'arg send-message',
    'arg sqs',
  ])
})

t.test('what the environment gives is kept', async t => {
  const env = { AWS_ACCESS_KEY_ID: '111111111111', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'eu-west-1', GATEWAY_PORT: '5000' }
  const { lines } = await run(t, ['s3', 'ls'], env)
  t.strictSame(lines, [
    'AWS_ACCESS_KEY_ID=111111111111',
    'AWS_ENDPOINT_URL=http://localhost:5000',
    'AWS_REGION=eu-west-1',
    'AWS_SECRET_ACCESS_KEY=s',
    'arg --endpoint-url=http://localhost:5000',
    'arg ls',
    'arg s3',
  ])
})

t.test('a profile and an endpoint that are asked for are kept', async t => {
  const { lines } = await run(t, ['s3', 'ls', '--profile', 'mine', '--endpoint-url=http://other'])
  t.strictSame(lines, [
    'AWS_ENDPOINT_URL=http://localhost:4566',
    'arg --endpoint-url=http://other',
    'arg --profile',
    'arg ls',
    'arg mine',
    'arg s3',
  ])
})

t.test("the CLI's exit code and signal are passed on", async t => {
  t.equal((await run(t, [], {}, 'exit 42')).code, 42)
  const killed = await run(t, [], {}, 'kill -TERM $$')
  t.ok(killed.signal === 'SIGTERM' || killed.code === 143, 'by the signal itself, or by the code that shells give it')
})

t.test('without the AWS CLI it says what to install', async t => {
  const { code, errors } = await runWith([], { PATH: '/nowhere' })
  t.equal(code, 127)
  t.match(errors, /no `aws` on the PATH\. Install it: https:\/\/docs\.aws\.amazon\.com\//)
})
