import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tls from 'node:tls'
import Fastify from 'fastify'
import { generate } from 'selfsigned'
import t from 'tap'
import { registrationOf } from '../../src/runtime/registration.js'
import { readConfig } from '../../src/server/config.js'
import { startServer } from '../../src/server/start.js'
import { demo, holdPort } from './fixtures/demo.js'
import { serve } from './fixtures/serve.js'

t.test('the banner tells version, port and time', async t => {
  const { lines, port } = await serve(t)
  const banner = lines.filter(line => line.includes(' INFO '))
  t.equal(banner.length, 1, 'and is all that is said')
  t.match(banner[0], new RegExp(` INFO  MiniStack \\d+\\.\\d+\\.\\d+ listens on http://127\\.0\\.0\\.1:${port} \\(1 plugin, \\d+ ms\\)\n$`))
})

t.test('a taken port is an error that says who has it', async t => {
  const { server, port } = await holdPort()
  t.teardown(() => server.close())
  const message =
    process.platform === 'linux'
      ? new RegExp(
          `^port ${port} is taken by process ${process.pid} \\(.*start\\.test\\.js.*\\); choose another with --port or GATEWAY_PORT$`,
        )
      : new RegExp(`^port ${port} is taken by another process; choose another with --port or GATEWAY_PORT$`)
  await t.rejects(serve(t, { config: { port } }), { message })
})

t.test('an address that the machine lacks is an error that says so', async t => {
  await t.rejects(serve(t, { config: { bindHost: '192.0.2.1' } }), { message: 'this machine has no address 192.0.2.1; check BIND_HOST' })
  await t.rejects(serve(t, { config: { bindHost: 'no-such-host.invalid' } }), {
    message: 'this machine has no address no-such-host.invalid; check BIND_HOST',
  })
})

t.test("a folder of a plugin's own that can't be used is told by its variable", async t => {
  const dir = t.testdir({ file: '', demo: {} })
  const one = registrationOf(demo(join(dir, 'demo')).plugin)
  const keeping = { ...one, manifest: { ...one.manifest, eager: true, keep: { when: 's3Persist', in: 's3DataDir' } as const } }
  const start = (s3DataDir: string) => serve(t, { plugins: [keeping], config: { s3Persist: true, s3DataDir } })
  await t.rejects(start(join(dir, 'file')), { message: /^S3_DATA_DIR .*file.state can't be used: ENOTDIR/ })
  await start(join(dir, 'data'))
  await t.rejects(start(join(dir, 'data')), { message: /^S3_DATA_DIR .*data.state is in use by another MiniStack/ })
})

t.test('SERVICES with an unknown name stops the start', async t => {
  await t.rejects(serve(t, { config: { services: ['demo', 'nope'] } }), {
    message: 'SERVICES names what no plugin provides: nope (there are: demo)',
  })
})

t.test('two plugins that claim the same thing stop the start', async t => {
  const one = registrationOf(demo(t.testdir()).plugin)
  const two = { ...one, manifest: { ...one.manifest, id: 'two' } }
  await t.rejects(startServer({ config: readConfig({}, { port: 0, logLevel: 'silent' }), plugins: [one, two] }), {
    message: /plugin 'demo' \(service 'demo'\) and plugin 'two' \(service 'demo'\) both claim the X-Amz-Target prefix 'Demo'/,
  })
})

t.test("a user's own certificate is used", async t => {
  const made = await generate([{ name: 'commonName', value: 'my.own' }], { keyType: 'ec', algorithm: 'sha256' })
  const dir = t.testdir()
  const [sslKey, sslCert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  writeFileSync(sslKey, made.private)
  writeFileSync(sslCert, made.cert)
  await t.test('when it can be read', async t => {
    const { port } = await serve(t, { config: { sslKey, sslCert } })
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    t.equal(socket.getPeerCertificate().subject.CN, 'my.own')
    socket.destroy()
  })
  await t.rejects(serve(t, { config: { sslKey: '/nowhere/key.pem', sslCert } }), { message: /^MINISTACK_SSL_KEY: ENOENT/ })
})

t.test('closing twice is closing once', async t => {
  const server = await serve(t)
  await Promise.all([server.close(), server.close()])
  await server.close()
})

t.test('two servers in one process share nothing', async t => {
  const [one, two] = [await serve(t), await serve(t)]
  await one.app.inject({ method: 'POST', url: '/', headers: { 'x-amz-target': 'Demo.Echo' }, payload: '{}' })
  t.equal(one.gateway.loadedUnits().length, 1)
  t.equal(two.gateway.loadedUnits().length, 0)
})

t.test('a plugin is served alone on any Fastify server', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/own', () => 'mine')
  await app.register(demo(t.testdir()).plugin)
  const echoed = await app.inject({
    method: 'POST',
    url: '/',
    headers: { 'x-amz-target': 'Demo.Echo', 'content-type': 'odd' },
    payload: '{"Text":"x"}',
  })
  t.equal(echoed.body, '{"Text":"x"}')
  t.equal((await app.inject('/own')).body, 'mine', "the server's own routes win")
})
