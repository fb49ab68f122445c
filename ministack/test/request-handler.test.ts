import { Readable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import { InProcessHandler, type SdkRequest } from '../src/request-handler.js'

/** An app that tells what it got, streams, or never answers. */
async function handlerOf(t: { teardown(fn: () => unknown): void }) {
  const app = Fastify({ routerOptions: { onBadUrl: (_path, req, res) => echo(req, res) } })
  const hangUps: string[] = []
  const echo = (req: Readable & { url?: string; method?: string; headers: object }, res: { end(text: string): unknown }) => {
    const chunks: Buffer[] = []
    req
      .on('data', chunk => chunks.push(chunk))
      .on('end', () => {
        const { url, method, headers } = req
        res.end(JSON.stringify({ url, method, headers, body: Buffer.concat(chunks).toString('base64') }))
      })
  }
  app.addHook('onRequest', (request, reply, done) => {
    const { url } = request.raw
    if (url === '/fastify') return done()
    reply.hijack()
    const { raw } = reply
    if (url?.startsWith('/never')) {
      raw.on('close', () => hangUps.push(url))
    } else if (url?.startsWith('/stream')) {
      raw.writeHead(206, 'Some of it', { 'X-Kind': 'stream', 'Set-Cookie': ['a=1', 'b=2'] })
      raw.write('first')
      raw.on('close', () => hangUps.push(url))
      if (url === '/stream') raw.end(' last')
    } else echo(request.raw, raw)
  })
  app.get('/fastify', () => ({ by: 'fastify' }))
  await app.ready()
  t.teardown(() => app.close())
  const handler = new InProcessHandler(app, () => true)
  const send = async (request: Partial<SdkRequest>, options = {}) => {
    const { response } = await handler.handle({ method: 'POST', path: '/', headers: { host: 'localhost:4566' }, ...request }, options)
    return response
  }
  const json = async (request: Partial<SdkRequest>) => JSON.parse(await text((await send(request)).body))
  return { app, handler, send, json, hangUps }
}

async function text(stream: Readable): Promise<string> {
  let all = ''
  for await (const chunk of stream) all += chunk
  return all
}

t.test('the path arrives as the client wrote it', async t => {
  const { json } = await handlerOf(t)
  for (const path of ['/b/a/../c', '/b//x', '//b', '/b/%2e%2e/c', '/b/%zz', '/b/a b', '/']) t.equal((await json({ path })).url, path)
})

t.test('the query is escaped as the signature has it', async t => {
  const { json } = await handlerOf(t)
  const query = { uploads: null, prefix: "a b/(1)*'!", id: ['2', '1'], empty: '' }
  t.equal((await json({ query })).url, '/?empty=&id=2&id=1&prefix=a%20b%2F%281%29%2A%27%21&uploads')
  t.equal((await json({ query: {} })).url, '/')
})

t.test('every kind of body arrives whole', async t => {
  const { json } = await handlerOf(t)
  const bytes = Uint8Array.of(1, 0, 255)
  const bodies: [unknown, Uint8Array][] = [
    ['héllo', Buffer.from('héllo')],
    [bytes, bytes],
    [new Uint8Array([9, ...bytes]).subarray(1), bytes],
    [bytes.buffer, bytes],
    [Readable.from([Buffer.from(bytes), Buffer.from('x')]), Buffer.from([...bytes, 120])],
    [new Blob(['bl', 'ob']), Buffer.from('blob')],
    [new Blob(['web']).stream(), Buffer.from('web')],
    [undefined, Buffer.alloc(0)],
    ['', Buffer.alloc(0)],
  ]
  for (const [body, expected] of bodies) t.equal((await json({ body })).body, Buffer.from(expected).toString('base64'))
  await t.rejects(json({ body: { not: 'a body' } }), { message: "a request body of the kind [object Object] can't be sent" })
})

t.test('a stream without a length is chunked, and nobody is asked to continue', async t => {
  const { json } = await handlerOf(t)
  const { headers } = await json({ headers: { host: 'h', Expect: '100-continue' }, body: Readable.from(['x']) })
  t.match(headers, { 'transfer-encoding': 'chunked', host: 'h' })
  t.notOk('expect' in headers)
  const withLength = await json({ headers: { 'content-length': '1' }, body: Readable.from(['x']) })
  t.notOk('transfer-encoding' in withLength.headers)
})

t.test("Fastify's own routes answer too", async t => {
  const { send } = await handlerOf(t)
  t.equal(await text((await send({ method: 'GET', path: '/fastify' })).body), '{"by":"fastify"}')
})

t.test('an answer is a stream that begins with its headers', async t => {
  const { send } = await handlerOf(t)
  const { statusCode, reason, headers, body } = await send({ path: '/stream' })
  t.equal(statusCode, 206)
  t.equal(reason, 'Some of it')
  t.match(headers, { 'x-kind': 'stream', 'set-cookie': 'a=1, b=2' })
  t.equal(await text(body), 'first last')
})

t.test('a client that aborts while it waits is heard of', async t => {
  const { send, hangUps } = await handlerOf(t)
  const abort = new AbortController()
  const waiting = t.rejects(send({ path: '/never' }, { abortSignal: abort.signal }), { name: 'AbortError' })
  setImmediate(() => abort.abort())
  await waiting
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(hangUps, ['/never'])
  await t.rejects(send({}, { abortSignal: abort.signal }), { name: 'AbortError' }, 'and at once when it was aborted before')
})

t.test("the SDK's older kind of abort signal works too", async t => {
  const { send } = await handlerOf(t)
  const signal: { aborted: boolean; onabort?: (() => void) | null } = { aborted: false }
  const waiting = t.rejects(send({ path: '/never' }, { abortSignal: signal }), { name: 'AbortError' })
  setImmediate(() => signal.onabort?.())
  await waiting
})

t.test('an abort while the answer streams breaks the stream off', async t => {
  const { send, hangUps } = await handlerOf(t)
  const abort = new AbortController()
  const { body } = await send({ path: '/stream-on' }, { abortSignal: abort.signal })
  setImmediate(() => abort.abort())
  await t.rejects(text(body), { name: 'AbortError' })
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(hangUps, ['/stream-on'])
})

t.test('an answer that does not begin in time is a TimeoutError', async t => {
  const { send } = await handlerOf(t)
  await t.rejects(send({ path: '/never' }, { requestTimeout: 5 }), { name: 'TimeoutError', message: 'No answer within 5 ms' })
})

t.test('a body that fails fails the request with its own error', async t => {
  const { send } = await handlerOf(t)
  const body = new Readable({
    read() {
      this.destroy(new Error('the file is gone'))
    },
  })
  await t.rejects(send({ body }), { message: 'the file is gone' })
})

t.test('a closed MiniStack says so', async t => {
  const { app } = await handlerOf(t)
  await t.rejects(new InProcessHandler(app, () => false).handle({ method: 'GET', path: '/', headers: {} }), {
    message: 'MiniStack is closed',
  })
})
