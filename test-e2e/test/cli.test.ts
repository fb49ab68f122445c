import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import t from 'tap'
import { ministack } from '../src/programs.js'
import { startServerProcess } from '../src/server.js'

const clientOf = (endpoint: string) =>
  new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 })

t.test('the foreground server answers and ends in good order on SIGTERM and SIGINT', async t => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const server = await startServerProcess()
    t.match(server.log.at(-1), /MiniStack \d+\.\d+\.\d+ listens on http:\/\/localhost:\d+ \(47 plugins, \d+ ms\)$/)
    const health = (await (await fetch(`${server.endpoint}/_ministack/health`)).json()) as { services: object }
    t.ok('sqs' in health.services)
    t.strictSame(await server.kill(signal), { code: 0, signal: null })
    t.match(server.log.at(-1), `${signal}: MiniStack stops`)
  }
})

t.test('a request under way is finished before the server ends', async t => {
  const server = await startServerProcess({ args: ['--services', 'sqs'] })
  t.teardown(() => server.kill('SIGKILL'))
  const headers = {
    'x-amz-target': 'AmazonSQS.ListQueues',
    'content-type': 'application/x-amz-json-1.0',
    'content-length': 2,
    expect: '100-continue',
  }
  const upload = request({ port: server.port, method: 'POST', headers })
  const answer = once(upload, 'response')
  upload.flushHeaders()
  await once(upload, 'continue')
  const ended = server.kill('SIGTERM')
  await server.line(/SIGTERM: MiniStack stops/)
  upload.end('{}')
  const [response] = (await answer) as [IncomingMessage]
  t.equal(response.statusCode, 200)
  response.resume()
  t.strictSame(await ended, { code: 0, signal: null })
})

t.test('--services serves only those', async t => {
  const server = await startServerProcess({ args: ['--services', 'sqs,sts'] })
  t.teardown(() => server.kill('SIGKILL'))
  const health = (await (await fetch(`${server.endpoint}/_ministack/health`)).json()) as { services: object }
  t.strictSame(Object.keys(health.services), ['sqs', 'sts'])
  const refused = await ministack(['--services', 'sqs,nothing', '--port', '0'])
  t.equal(refused.code, 1)
  t.match(refused.stderr, /nothing/)
})

t.test('a taken port is refused with who has it', async t => {
  const server = await startServerProcess()
  t.teardown(() => server.kill('SIGKILL'))
  for (const args of [[], ['--detach']]) {
    const { code, stderr } = await ministack([...args, '--port', String(server.port)], { TMPDIR: t.testdir() })
    t.equal(code, 1)
    t.match(stderr, `port ${server.port} is taken by`)
    if (process.platform === 'linux') t.match(stderr, `process ${server.pid}`)
  }
})

t.test('a wrong setting stops the start by name', async t => {
  const { code, stderr } = await ministack([], { LOG_LEVEL: 'loud' })
  t.equal(code, 1)
  t.match(stderr, /^LOG_LEVEL must be one of /)
})

t.test('a plugin that cannot be used stops the start by name', async t => {
  const { code, stderr } = await ministack([], { GATEWAY_PORT: '0', MINISTACK_PLUGINS: './not-there' })
  t.equal(code, 1)
  t.match(stderr, /^there is no plugin '\.\/not-there'/)
})

t.test('--detach returns once it answers, and --stop once it is gone', async t => {
  const TMPDIR = t.testdir()
  const folder = join(TMPDIR, `ministack-${userInfo().username}`)
  const started = await ministack(['--detach', '--port', '0', '--services', 'sqs'], { TMPDIR })
  t.equal(started.code, 0)
  const [, port, pid, log] = /^MiniStack listens on port (\d+) \(process (\d+), log (.*)\)\n$/.exec(started.stdout) ?? []
  t.teardown(() => {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended, as it should.
    }
  })
  t.equal((await fetch(`http://127.0.0.1:${port}/_ministack/health`)).status, 200)
  t.strictSame((await readdir(folder)).sort(), [`${port}.log`, `${port}.pid`])
  t.equal(await readFile(join(folder, `${port}.pid`), 'utf8'), `${pid}\n`)
  t.match(await readFile(log!, 'utf8'), /listens on/)

  const stopped = await ministack(['--stop', '--port', port!], { TMPDIR })
  t.strictSame([stopped.code, stopped.stdout], [0, `MiniStack on port ${port} is stopped\n`])
  await t.rejects(fetch(`http://127.0.0.1:${port}/_ministack/health`))
  t.strictSame(await readdir(folder), [`${port}.log`])
  t.match(await readFile(log!, 'utf8'), /SIGTERM: MiniStack stops/)

  const again = await ministack(['--stop', '--port', port!], { TMPDIR })
  t.equal(again.code, 1)
  t.match(again.stderr, `no MiniStack runs in the background on port ${port}`)
})

t.test('--persist keeps state over restarts, and a folder in use is refused', async t => {
  const STATE_DIR = t.testdir()
  const first = await startServerProcess({ args: ['--persist'], env: { STATE_DIR } })
  await clientOf(first.endpoint).send(new CreateQueueCommand({ QueueName: 'kept' }))
  const second = await ministack(['--persist', '--port', '0'], { STATE_DIR })
  t.equal(second.code, 1)
  t.match(second.stderr, `STATE_DIR ${STATE_DIR} is in use by process ${first.pid}`)
  t.strictSame(await first.kill('SIGTERM'), { code: 0, signal: null })
  const third = await startServerProcess({ args: ['--persist'], env: { STATE_DIR } })
  t.teardown(() => third.kill('SIGKILL'))
  const { QueueUrls } = await clientOf(third.endpoint).send(new ListQueuesCommand({}))
  t.match(QueueUrls, [/\/000000000000\/kept$/])
})

t.test('--version and --help', async t => {
  t.match((await ministack(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
  const { code, stdout } = await ministack(['-h'])
  t.equal(code, 0)
  t.match(stdout, /ministack \[options\]/)
})

t.test('env prints what a shell can evaluate', async t => {
  const { stdout } = await ministack(['env', '--port', '5000'], { SHELL: '/bin/bash' })
  t.equal(
    execFileSync('sh', ['-c', `${stdout}\nprintf %s "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_DEFAULT_REGION"`], { encoding: 'utf8' }),
    'http://localhost:5000 test us-east-1',
  )
})

t.test('what is not understood is refused with the help', async t => {
  const refused = async (args: string[], message: string) => {
    const { code, stderr } = await ministack(args)
    t.equal(code, 2)
    t.equal(stderr.split('\n')[0], message)
    t.match(stderr, /ministack \[options\]/)
  }
  await refused(['--bogus'], "Unknown option '--bogus'")
  await refused(['begin'], "unknown command 'begin'")
  await refused(['env', 'more'], "unknown command 'env more'")
  await refused(['--port', 'http'], "--port takes a number, not 'http'")
  await refused(['--port'], "Option '-p, --port <value>' argument missing")
})
