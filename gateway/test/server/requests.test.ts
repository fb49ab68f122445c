import { once } from 'node:events'
import http from 'node:http'
import t from 'tap'
import { echo, RawClient, serve } from './fixtures/serve.js'

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

async function call(port: number, options: http.RequestOptions, body?: string | Buffer): Promise<Answer> {
  const request = http.request({ port, host: '127.0.0.1', ...options })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }
}

const ECHO = { 'x-amz-target': 'Demo.Echo', 'content-type': 'application/x-amz-json-1.1' }

t.test('every body reaches its service, whatever its content type says', async t => {
  const { port } = await serve(t)
  for (const type of ['nonsense', 'a/b; c=;;', 'multipart/form-data', 'application/json', '']) {
    const { status, headers } = await call(port, { method: 'PUT', path: '/bucket/key', headers: { 'content-type': type } }, 'hello')
    t.equal(status, 200, `'${type}'`)
    t.equal(headers.etag, '"5"', 'all of it')
  }
  const { headers } = await call(port, { method: 'PUT', path: '/bucket/%zz/%E0%A4%A' }, 'hello')
  t.not(headers['x-amzn-requestid'] ?? headers['x-amz-request-id'], undefined, 'a broken escape is for the service to judge')
})

t.test('a form without a signature goes where its body says', async t => {
  const { port } = await serve(t)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const echoed = await call(port, { method: 'POST', path: '/', headers: form }, 'Action=Echo&Version=2026-01-01&Text=from+a+form')
  t.match(echoed.body, /<Text>from a form<\/Text>/)
  const unknown = await call(port, { method: 'POST', path: '/', headers: form }, 'Action=Nope&Version=1')
  t.equal(unknown.status, 400)
  t.match(unknown.body, /^<ErrorResponse><Error><Type>Sender<\/Type><Code>InvalidAction<\/Code>/)
  const object = await call(port, { method: 'POST', path: '/bucket/key', headers: form }, 'just=text')
  t.not(object.status, 500, 'a form that names no action is what its path says')
})

t.test('a body over the limit is refused, not held', async t => {
  const { port } = await serve(t)
  const declared = await RawClient.connect(port)
  declared.send('POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Demo.Echo\r\nContent-Length: 100000000\r\n\r\n')
  t.match(
    await declared.until(/limit|longer/),
    /^HTTP\/1\.1 413 [\s\S]*Connection: close[\s\S]*"__type":"[^"]*RequestEntityTooLarge"/i,
    'before its first byte',
  )
  t.match(await declared.closed(), /^HTTP\/1\.1 413 /, 'and the connection is closed')
  const chunked = await RawClient.connect(port)
  chunked.send('POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Demo.Echo\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (let i = 0; i < 3; i++) chunked.send(`190\r\n${'x'.repeat(400)}\r\n`)
  t.match(await chunked.until(/longer/), /^HTTP\/1\.1 413 /, 'when it goes past the limit')
  chunked.socket.destroy()
  const small = await RawClient.connect(port)
  const body = 'x'.repeat(1001)
  small.send(`POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Demo.Echo\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  t.match(await small.until(/longer/), /^HTTP\/1\.1 413 /)
  small.send(echo('next', { close: true }))
  t.match(await small.closed(), /"next"/, 'after a small one the connection is used again')
})

t.test('a body that stalls is given up', async t => {
  const { port, demo } = await serve(t, { bodyTimeouts: { idle: 40 } })
  const whole = await RawClient.connect(port)
  whole.send('POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Demo.Echo\r\nContent-Length: 10\r\n\r\n{')
  t.match(await whole.until(/RequestTimeout/), /^HTTP\/1\.1 408 /)
  const stream = await RawClient.connect(port)
  stream.send('PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc')
  t.match(await stream.until(/RequestTimeout/), /^HTTP\/1\.1 408 [\s\S]*<Code>RequestTimeout<\/Code>/)
  await stream.closed()
  t.strictSame(demo.uploads, [{ bytes: 3, error: 'RequestTimeout' }])
})

t.test('a body that drips is given up when it takes too long as a whole', async t => {
  const { port } = await serve(t, { bodyTimeouts: { idle: 40, whole: 100 } })
  const client = await RawClient.connect(port)
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Demo.Echo\r\nContent-Length: 900\r\n\r\n')
  const drip = setInterval(() => client.send('x'), 5)
  t.match(await client.until(/RequestTimeout/), /^HTTP\/1\.1 408 /)
  clearInterval(drip)
  client.socket.destroy()
})

t.test('a client that breaks off its upload is told to the service', async t => {
  const { port, demo } = await serve(t)
  const client = await RawClient.connect(port)
  client.send('PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc')
  while (demo.uploads[0]?.bytes !== 3) await new Promise(resolve => setImmediate(resolve))
  client.socket.destroy()
  while (!demo.uploads[0]?.error) await new Promise(resolve => setImmediate(resolve))
  t.equal(demo.uploads[0].error, 'IncompleteBody')
})

t.test('a service may have a small body in one piece, however it came', async t => {
  const { port, demo } = await serve(t)
  const put = (length: number | string, body: string, more = '') =>
    `PUT /bucket/whole HTTP/1.1\r\nHost: localhost\r\n${typeof length === 'number' ? `Content-Length: ${length}` : length}\r\n${more}\r\n${body}`
  const client = await RawClient.connect(port)
  client.send(put(100, 'x'.repeat(40)))
  while (demo.uploads.length === 0) await new Promise(resolve => setImmediate(resolve))
  client.send('x'.repeat(60))
  t.match(await client.until(/etag/i), /etag: "100"/i, 'at the limit, in two pieces')
  client.send(put(0, '') + put(101, 'x'.repeat(101)) + put('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n', 'Connection: close\r\n'))
  await client.closed()
  t.strictSame(demo.uploads, [{ bytes: 100, whole: true }, { bytes: 0, whole: true }, { bytes: 101 }, { bytes: 3 }])
  const waiting = await RawClient.connect(port)
  waiting.send(put(3, '', 'Expect: 100-continue\r\nConnection: close\r\n'))
  await waiting.until(/^HTTP\/1\.1 100 Continue/)
  waiting.send('abc')
  t.match(await waiting.closed(), /HTTP\/1\.1 200 OK/)
  const broken = await RawClient.connect(port)
  broken.send(put(100, 'abc'))
  while (demo.uploads.length < 6) await new Promise(resolve => setImmediate(resolve))
  broken.socket.destroy()
  while (!demo.uploads[5]?.error) await new Promise(resolve => setImmediate(resolve))
  t.equal(demo.uploads[5].error, 'IncompleteBody')
})

t.test('a client that waits for 100 Continue gets it, unless it is refused', async t => {
  const { port } = await serve(t)
  const head = 'PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n'
  const taken = await RawClient.connect(port)
  taken.send(head)
  await taken.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  taken.send('abc')
  t.match(await taken.closed(), /HTTP\/1\.1 200 OK/)
  const refused = await RawClient.connect(port)
  refused.send(
    head
      .replace('/bucket/key', '/')
      .replace('PUT', 'POST')
      .replace('Length: 3', 'Length: 5000')
      .replace('Expect', 'X-Amz-Target: Demo.Echo\r\nExpect'),
  )
  t.match(await refused.closed(), /^HTTP\/1\.1 413 /, 'without 100 Continue')
})

t.test('an answer without a body has none', async t => {
  const { port } = await serve(t)
  const client = await RawClient.connect(port)
  client.send(`HEAD /bucket/1234 HTTP/1.1\r\nHost: localhost\r\n\r\n${echo('next', { close: true })}`)
  const [head = '', ...rest] = (await client.closed()).split('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 200 OK[\s\S]*content-length: 1234/i)
  t.match(rest.join('\r\n\r\n'), /^HTTP\/1\.1 200 OK[\s\S]*"next"/, 'the next answer follows at once')
})

t.test('answers stream, with their length where it is known', async t => {
  const { port } = await serve(t)
  const known = await call(port, { path: '/bucket/9000' })
  t.equal(known.headers['content-length'], '9000')
  t.equal(known.body.length, 9000)
  const unknown = await call(port, { path: '/bucket/5000000' })
  t.equal(unknown.headers['transfer-encoding'], 'chunked')
  t.equal(unknown.body.length, 5_000_000)
  await t.rejects(call(port, { path: '/bucket/broken' }), 'one that breaks off is seen to')
})

t.test('a stream gets its pieces back once they are sent, not before', async t => {
  const { port, demo } = await serve(t)
  const { body } = await call(port, { path: '/bucket/recycled' })
  t.equal(demo.recycledBytes.count, 5_000_000)
  t.match(body, /^\0{5000000}$/, 'none was overwritten before')
})

t.test('an answer that cannot be sent is a 500', async t => {
  const { port, lines } = await serve(t)
  const { status } = await call(port, { method: 'POST', path: '/', headers: { 'x-amz-target': 'Demo.Break' } }, '{}')
  t.equal(status, 500)
  t.ok(
    lines.some(line => line.includes('an answer could not be written')),
    'and logged',
  )
})

t.test('an operation without a handler is a 501 that names it', async t => {
  const { port } = await serve(t)
  const { status, body } = await call(port, { method: 'POST', path: '/', headers: { 'x-amz-target': 'Demo.Missing' } }, '{}')
  t.equal(status, 501)
  t.match(body, /demo\.Missing is not implemented/)
})

t.test('a browser may call from any page', async t => {
  const { port } = await serve(t)
  const origin = 'https://app.example'
  const preflight = await call(port, {
    method: 'OPTIONS',
    path: '/',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-amz-target,authorization' },
  })
  t.equal(preflight.status, 204)
  t.match(preflight.headers, { 'access-control-allow-origin': origin, 'access-control-allow-headers': 'x-amz-target,authorization' })
  const answer = await call(port, { method: 'POST', path: '/', headers: { origin, ...ECHO } }, '{}')
  t.equal(answer.headers['access-control-allow-origin'], origin)
  t.match(answer.headers['access-control-expose-headers'], /x-amzn-requestid/)
  const page = await call(port, {
    method: 'OPTIONS',
    path: '/x',
    headers: { host: 'page.localhost', origin, 'access-control-request-method': 'POST' },
  })
  t.match(JSON.parse(page.body), { method: 'OPTIONS' }, "a data plane's own answer wins")
})

t.test('a request in the log is one readable line', async t => {
  const { port, lines } = await serve(t)
  await call(port, { method: 'POST', path: '/', headers: ECHO }, '{}')
  t.equal(
    lines.filter(line => /DEBUG demo\.Echo account=000000000000 region=us-east-1 status=200 ms=[\d.]+ requestId=\S+\n$/.test(line)).length,
    1,
  )
  await call(port, { path: '/page', headers: { host: 'page.localhost' } })
  t.equal(lines.filter(line => /DEBUG demo page GET \/page status=200 ms=[\d.]+ requestId=\S+\n$/.test(line)).length, 1)
})

t.test('inject goes through all tiers as a connection does', async t => {
  const { app } = await serve(t)
  const headers = { host: 'localhost:4566' }
  const echoed = await app.inject({ method: 'POST', url: '/', headers: { ...headers, ...ECHO }, payload: '{"Text":"x"}' })
  t.equal(echoed.body, '{"Text":"x"}')
  t.match(echoed.headers['x-amzn-requestid'], /^[0-9a-f-]{36}$/)
  const put = await app.inject({ method: 'PUT', url: '/bucket/key', headers: { ...headers, 'content-type': 'odd' }, payload: 'abc' })
  t.equal(put.headers.etag, '"3"')
  const got = await app.inject({ url: '/bucket/70000', headers })
  t.equal(got.rawPayload.length, 70_000)
  const broken = await app.inject({ url: '/bucket/%zz', headers })
  t.not(broken.statusCode, 404)
  t.equal((await app.inject({ url: '/_ministack/demo/messages', headers })).body, '{"messages":[]}', 'tier 1')
  t.match((await app.inject({ url: '/a?b=1', headers: { host: 'page.localhost' } })).json(), { url: '/a?b=1' }, 'tier 3')
  t.equal((await app.inject({ url: '/health', headers })).statusCode, 200, 'the admin API')
  t.equal((await app.inject({ method: 'POST', url: '/', headers })).statusCode, 404)
})
