import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { serve } from './fixtures/serve.js'

t.test('health tells which services run', async t => {
  const { app } = await serve(t)
  const health = async (url: string) => (await app.inject({ url })).json()
  t.match(await health('/_ministack/health'), {
    services: { demo: 'available', store: 'available' },
    edition: 'community',
    version: /^\d+\.\d+\.\d+$/,
    ready_scripts: { status: 'completed', total: 0, completed: 0, failed: 0 },
  })
  await app.inject({ method: 'POST', url: '/', headers: { 'x-amz-target': 'Demo.Echo' }, payload: '{}' })
  for (const url of ['/_localstack/health', '/health']) t.match(await health(url), { services: { demo: 'running', store: 'running' } })
})

t.test('/health is an object of S3 when it is signed', async t => {
  const { app } = await serve(t)
  const authorization = 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0'
  const { body } = await app.inject({ url: '/health', headers: { authorization } })
  t.notMatch(body, 'ready_scripts')
})

t.test('coverage lists what is implemented and what is missing, without loading the service', async t => {
  const { app, gateway } = await serve(t)
  t.strictSame((await app.inject('/_ministack/coverage')).json(), {
    services: {
      demo: { title: 'Demo', implemented: ['Break', 'Echo', 'Wait'], missing: ['Missing'] },
      store: { title: 'Store', implemented: ['GetThing', 'HeadThing', 'PutThing'], missing: [] },
    },
  })
  t.strictSame(gateway.loadedUnits(), [])
})

t.test('background work is listed', async t => {
  const { app, gateway } = await serve(t)
  const unit = await gateway.unit('demo')
  unit.background.after(60_000, 'later', () => {})
  t.match((await app.inject('/_ministack/background')).json(), { tasks: { demo: [{ name: 'later', due: /^\d{4}-/ }] } })
})

t.test('info tells what runs', async t => {
  const { app } = await serve(t)
  t.match((await app.inject('/_ministack/info')).json(), { node: process.version, pid: process.pid, plugins: ['demo'], loaded: [] })
})

t.test('what is not in the admin API is a 404 that says so', async t => {
  const { app } = await serve(t)
  const { statusCode, body } = await app.inject('/_ministack/nope')
  t.equal(statusCode, 404)
  t.equal(body, '{"error":"there is no GET /_ministack/nope in the admin API"}')
})

t.test('config changes the allowed settings only', async t => {
  const { app, gateway } = await serve(t)
  const post = (payload: object) => app.inject({ method: 'POST', url: '/_ministack/config', payload })
  const wanted = {
    'athena.ATHENA_DATA_DIR': '/data',
    'stepfunctions._SFN_WAIT_SCALE': 0.5,
    'stepfunctions._sfn_mock_config': { StateMachines: {} },
  }
  t.strictSame((await post(wanted)).json(), { applied: wanted })
  t.match(gateway.config.env, { ATHENA_DATA_DIR: '/data', SFN_WAIT_SCALE: '0.5', SFN_MOCK_CONFIG: '{"StateMachines":{}}' })
  t.equal(process.env.SFN_WAIT_SCALE, undefined, 'of this MiniStack, not of the process')
  const wrong = await post({ 'lambda_svc.LAMBDA_EXECUTOR': 'podman', __proto: 1, 'athena.ATHENA_DATA_DIR': '/other' })
  t.equal(wrong.statusCode, 400)
  t.match(wrong.json().error, /^lambda_svc\.LAMBDA_EXECUTOR must be one of auto, local, docker, not "podman"; __proto is not a setting/)
  t.equal(gateway.config.env.ATHENA_DATA_DIR, '/data', 'nothing of it is applied')
  t.equal((await post([])).statusCode, 400)
})

t.test('reset wipes, and runs the init scripts again when asked', async t => {
  const dir = t.testdir({ boot: { 'a.sh': 'echo boot >> "$OUT"' }, ready: { 'b.sh': 'echo ready >> "$OUT"' } })
  const out = join(dir, 'out')
  const { app, ready } = await serve(t, {
    config: { env: { ...process.env, OUT: out } },
    initFolders: { boot: [join(dir, 'boot')], ready: [join(dir, 'ready')] },
  })
  await ready
  const reset = async (url: string) => (await app.inject({ method: 'POST', url })).json()
  t.strictSame(await reset('/_ministack/reset'), { reset: 'ok' })
  t.equal(readFileSync(out, 'utf8'), 'boot\nready\n')
  t.strictSame(await reset('/_ministack/reset?init=1'), { reset: 'ok' })
  t.equal(readFileSync(out, 'utf8'), 'boot\nready\nboot\nready\n')
})

t.test('init scripts run in the order of their names, of every kind, and one that fails stops none', async t => {
  const dir = t.testdir({
    boot: { 'one.sh': 'echo "boot $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_DEFAULT_REGION" >> "$OUT"' },
    ready: {
      '3.js': 'import("node:fs").then(fs => fs.appendFileSync(process.env.OUT, "js\\n"))',
      '1.sh': 'echo "ready $AWS_ENDPOINT_URL" >> "$OUT"',
      '2.sh': 'echo "no such bucket" >&2; exit 3',
      '4-program': '#!/bin/sh\necho program >> "$OUT"\n',
      '5.py': 'import os\nopen(os.environ["OUT"], "a").write("py\\n")\n',
      'notes.txt': 'not a script',
    },
  })
  chmodSync(join(dir, 'ready', '4-program'), 0o755)
  const out = join(dir, 'out')
  const server = await serve(t, {
    config: { env: { ...process.env, OUT: out }, region: 'eu-west-1' },
    initFolders: { boot: [join(dir, 'nowhere'), join(dir, 'boot')], ready: [join(dir, 'ready')] },
  })
  t.equal(readFileSync(out, 'utf8'), 'boot test test eu-west-1\n', 'boot scripts run before the port opens')
  await server.ready
  t.equal(readFileSync(out, 'utf8'), `boot test test eu-west-1\nready http://127.0.0.1:${server.port}\njs\nprogram\npy\n`)
  const ready = await server.app.inject('/_ministack/ready')
  t.equal(ready.statusCode, 200)
  t.strictSame(ready.json(), { status: 'completed', total: 5, completed: 4, failed: 1 })
  t.ok(
    server.lines.some(line => /ERROR ready script .*2\.sh failed: exit code 3/.test(line)),
    'the failure is logged',
  )
})

t.test('ready is 503 until the scripts are done', async t => {
  const dir = t.testdir({ ready: { 'wait.sh': 'while [ ! -e "$GO" ]; do sleep 0.01; done' } })
  const go = join(dir, 'go')
  const server = await serve(t, { config: { env: { ...process.env, GO: go } }, initFolders: { boot: [], ready: [join(dir, 'ready')] } })
  while ((await server.app.inject('/_ministack/ready')).json().status !== 'running') await new Promise(resolve => setImmediate(resolve))
  const waiting = await server.app.inject('/_ministack/ready')
  t.equal(waiting.statusCode, 503)
  t.strictSame(waiting.json(), { status: 'running', total: 1, completed: 0, failed: 0 })
  t.notOk(existsSync(go))
  await server.close()
  t.pass('closing ends the script that runs')
})
