import { once } from 'node:events'
import type http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import t, { type Test } from 'tap'
import { echo, RawClient, type Served, serve } from './fixtures/serve.js'

const TARGET = { 'x-amz-target': 'Demo.Echo', 'content-type': 'application/x-amz-json-1.1' }

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function overHttp2(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, body?: string | Buffer) {
  const stream = session.request(headers)
  const response = once(stream, 'response') as Promise<[http2.IncomingHttpHeaders]>
  stream.end(body)
  const [head] = await response
  return { head, body: await text(stream) }
}

function open(t: Test, url: string, options?: http2.SecureClientSessionOptions): http2.ClientHttp2Session {
  const session = http2.connect(url, options)
  t.teardown(() => session.destroy())
  return session
}

t.test('one port speaks HTTP/1.1', async t => {
  const { port } = await serve(t)
  const client = await RawClient.connect(port)
  client.send(echo('hi'))
  const answer = await client.until(/\{"Text":"hi"\}$/)
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(answer, /\r\nx-amzn-requestid: [0-9a-f-]{36}\r\n/i)
  client.send(echo('again'))
  await client.until(/"again"/)
  t.pass('the connection is used again')
  client.socket.destroy()
})

t.test('one port answers pipelined requests in order', async t => {
  const { port } = await serve(t)
  const client = await RawClient.connect(port)
  client.send(echo('one') + echo('two') + echo('three', { close: true }))
  t.strictSame(
    [...(await client.closed()).matchAll(/\{"Text":"(\w+)"\}/g)].map(m => m[1]),
    ['one', 'two', 'three'],
  )
})

t.test('one port takes a first request that comes byte by byte', async t => {
  const { port } = await serve(t)
  const client = await RawClient.connect(port)
  client.socket.setNoDelay(true)
  for (const char of echo('slowly', { close: true })) {
    client.send(char)
    await new Promise(resolve => setImmediate(resolve))
  }
  t.match(await client.closed(), /"slowly"/)
})

t.test('one port speaks HTTP/2 by prior knowledge', async t => {
  const { port } = await serve(t)
  const session = open(t, `http://localhost:${port}`)
  const answers = await Promise.all(
    ['a', 'b'].map(Text => overHttp2(session, { ':method': 'POST', ':path': '/', ...TARGET }, JSON.stringify({ Text }))),
  )
  t.strictSame(
    answers.map(({ head, body }) => [head[':status'], body]),
    [
      [200, '{"Text":"a"}'],
      [200, '{"Text":"b"}'],
    ],
  )
  const got = await overHttp2(session, { ':method': 'GET', ':path': '/bucket/5' })
  t.equal(got.head['content-length'], '5')
  const page = await overHttp2(session, { ':method': 'GET', ':path': '/x', ':authority': 'page.localhost' })
  t.match(JSON.parse(page.body), { url: '/x' }, 'a data plane is found by its authority')
})

t.test('one port speaks TLS, with HTTP/2 or HTTP/1.1 by ALPN', async t => {
  const { port } = await serve(t)
  const session = open(t, `https://localhost:${port}`, { rejectUnauthorized: false })
  const { body } = await overHttp2(session, { ':method': 'POST', ':path': '/', ...TARGET }, '{"Text":"h2"}')
  t.equal(body, '{"Text":"h2"}')
  t.equal(session.alpnProtocol, 'h2')
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false })
  t.teardown(() => agent.destroy())
  for (const Text of ['one', 'two']) {
    const request = https.request({ port, host: '127.0.0.1', method: 'POST', headers: TARGET, agent }).end(JSON.stringify({ Text }))
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    t.equal(await text(response), JSON.stringify({ Text }), `HTTP/1.1 over TLS, ${Text}`)
  }
})

t.test('the self-made certificate is good for every name that a client may use', async t => {
  const { port } = await serve(t, { config: { host: 'cloud.example:4566' } })
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subjectaltname = '' } = socket.getPeerCertificate()
  for (const name of ['localhost', '*.localhost.localstack.cloud', '*.us-east-1.amazonaws.com', 'cloud.example', '*.cloud.example']) {
    t.ok(subjectaltname.includes(`DNS:${name}`), name)
  }
  t.match(subjectaltname, /IP Address:127\.0\.0\.1/)
  socket.destroy()
})

t.test('a self-made certificate lasts as long as the state', async t => {
  const config = { persist: true, stateDir: t.testdir() }
  const fingerprints: string[] = []
  for (let i = 0; i < 2; i++) {
    await t.test(`start ${i + 1}`, async t => {
      const { port } = await serve(t, { config })
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      fingerprints.push(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
  }
  t.equal(fingerprints[0], fingerprints[1])
})

t.test('one port passes WebSocket upgrades on, over TCP and TLS', async t => {
  const { port } = await serve(t)
  for (const secure of [false, true]) {
    const socket = secure ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }) : net.connect(port, '127.0.0.1')
    socket.write('GET /chat HTTP/1.1\r\nHost: page.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    let received = ''
    for await (const chunk of socket) {
      received += chunk
      if (received.endsWith('hello /chat')) socket.write('ping')
      if (received.endsWith('ping')) break
    }
    t.match(received, /^HTTP\/1\.1 101 [\s\S]*hello \/chatping$/, secure ? 'TLS' : 'TCP')
  }
})

t.test('an upgrade that nobody takes is refused', async t => {
  const { port } = await serve(t)
  const client = await RawClient.connect(port)
  client.send('GET /bucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  t.match(await client.closed(), /^HTTP\/1\.1 404 /)
})

t.test('an offer of HTTP/2 by upgrade is answered over HTTP/1.1', async t => {
  const { port } = await serve(t)
  const client = await RawClient.connect(port)
  client.send(
    echo('h2c', { close: true }).replace(
      'Connection: close',
      'Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk',
    ),
  )
  t.match(await client.closed(), /^HTTP\/1\.1 200 OK[\s\S]*"h2c"/)
})

t.test('a connection that says nothing is closed', async t => {
  const { port } = await serve(t, { limits: { firstBytes: 30 } })
  const client = await RawClient.connect(port)
  t.equal(await client.closed(), '')
  const tricky = await RawClient.connect(port)
  tricky.send('GET / HT')
  t.equal(await tricky.closed(), '', 'or only a part of its first line')
})

t.test('headers that take too long are refused', async t => {
  const { port } = await serve(t, { limits: { headers: 60 } })
  const client = await RawClient.connect(port)
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nX-One: 1\r\n')
  t.match(await client.closed(), /^HTTP\/1\.1 408 /)
})

t.test('a flood of headers is refused', async t => {
  const { port } = await serve(t, { limits: { headerBytes: 8192 } })
  const client = await RawClient.connect(port)
  client.send(`POST / HTTP/1.1\r\nHost: localhost\r\n${'X-Flood: 0123456789\r\n'.repeat(2000)}\r\n`)
  t.match(await client.closed(), /^HTTP\/1\.1 431 /)
  const session = open(t, `http://localhost:${port}`)
  session.on('error', () => {})
  const flood = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x-flood-${i}`, 'y'.repeat(100)]))
  await t.rejects(overHttp2(session, { ':method': 'POST', ':path': '/', ...flood }), 'over HTTP/2 too')
})

t.test('what is not HTTP is refused', async t => {
  const { port } = await serve(t)
  const client = await RawClient.connect(port)
  client.send('SSH-2.0-OpenSSH_9.9\r\n\r\n')
  t.match(await client.closed(), /^HTTP\/1\.1 400 /)
})

t.test('no byte soup brings the server down', async t => {
  const { port } = await serve(t)
  for (const soup of [
    '\x16\x03\x01\x00\x05hello',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\xff',
    'PRX',
    '\x00\x00\x00',
    'GET \x00 HTTP/1.1\r\n\r\n',
    '\x16',
  ]) {
    const client = await RawClient.connect(port)
    client.send(soup)
    client.socket.end()
    await client.closed()
  }
  const client = await RawClient.connect(port)
  client.send(echo('alive', { close: true }))
  t.match(await client.closed(), /"alive"/)
})

async function waitCall(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port)
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Demo.Wait\r\nContent-Length: 2\r\n\r\n{}')
  return client
}

t.test('closing lets requests under way end and closes idle connections', async t => {
  const server: Served = await serve(t)
  const idle = await RawClient.connect(server.port)
  idle.send(echo('x'))
  await idle.until(/"x"/)
  const silent = await RawClient.connect(server.port)
  const session = open(t, `http://localhost:${server.port}`)
  await overHttp2(session, { ':method': 'POST', ':path': '/', ...TARGET }, '{}')
  const busy = await waitCall(server.port)
  await server.demo.waiting
  const closed = server.close()
  await Promise.all([idle.closed(), silent.closed(), once(session, 'close')])
  server.demo.release()
  t.match(await busy.closed(), /^HTTP\/1\.1 200 OK[\s\S]*"done"/)
  await closed
  await t.rejects(RawClient.connect(server.port), 'nothing listens any more')
})

t.test('closing ends what does not end by itself when the grace period is over', async t => {
  const server = await serve(t, { limits: { grace: 50 } })
  const busy = await waitCall(server.port)
  await server.demo.waiting
  const closed = server.close()
  t.equal(await busy.closed(), '')
  server.demo.release()
  await closed
  t.equal(server.demo.aborted.length, 1, 'the handler is told')
})

t.test('a handler learns that its client has hung up', async t => {
  const { port, demo } = await serve(t)
  const client = await waitCall(port)
  await demo.waiting
  client.socket.destroy()
  while (demo.aborted.length === 0) await new Promise(resolve => setImmediate(resolve))
  t.strictSame(demo.aborted, ['the client hung up'])
  demo.release()
})
