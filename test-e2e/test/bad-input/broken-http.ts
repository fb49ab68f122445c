import type { Random } from '../../src/random.js'
import { type BadRequest, write } from './request.js'
import { jsonTargets } from './targets.js'

const GOOD = 'GET /_ministack/health HTTP/1.1\r\nhost: localhost\r\n'

/** What isn't HTTP, or nearly. The client half-closes its side, so that what is incomplete is seen to be. */
export function* brokenHttp(random: Random): Generator<BadRequest> {
  const broken = (name: string, bytes: string | Buffer, end = true): BadRequest => ({
    name: `http: ${name}`,
    send: [typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes],
    end,
    expect: { kind: 'broken' },
  })
  const lines = [
    'GET',
    'GET /',
    'GET / ',
    'GET / HTTP/9.9',
    'GET / HTTP/0.9',
    'GET / FTP/1.1',
    'GET  / HTTP/1.1',
    'GET / HTTP/1.1 x',
    'get / HTTP/1.1',
    'G\u0000T / HTTP/1.1',
    'NOPE / HTTP/1.1',
    ' GET / HTTP/1.1',
    'GET \u0000 HTTP/1.1',
    'GET /a b HTTP/1.1',
    'GET\t/\tHTTP/1.1',
    'POST',
    '\u00ff\u00fe',
    '{}',
    '*',
    '-'.repeat(300),
  ]
  for (const line of lines) {
    yield broken(`the line ${JSON.stringify(line.slice(0, 30))}`, `${line}\r\nhost: localhost\r\n\r\n`)
    yield broken(`nothing but ${JSON.stringify(line.slice(0, 30))}`, line)
  }
  const heads = [
    'content-length: -1',
    'content-length: 1e3',
    'content-length: 0x10',
    'content-length: 5, 6',
    'content-length: 99999999999999999999999',
    'content-length: 1\r\ncontent-length: 2',
    'content-length: 5\r\ntransfer-encoding: chunked',
    'transfer-encoding: nope',
    'transfer-encoding: chunked, chunked',
    'transfer-encoding: gzip',
    'transfer-encoding : chunked',
    'no colon',
    ': no name',
    ' folded: yes',
    'a: b\r\n folded',
    'a b: c',
    'a\u0000: b',
    'a: \u0000',
    'a: b\rc',
    'a: b\nc',
    'é: x',
    'host: other\r\nhost: third',
    'expect: 200-maybe',
    'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x',
    'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13',
    'upgrade: h2c\r\nhttp2-settings: %%%',
    'connection: close, close, close',
    'te: trailers, deflate;q=x',
    'trailer: content-length',
  ]
  for (const head of heads) {
    for (const method of ['GET', 'POST', 'PUT']) {
      yield broken(
        `${method} with ${JSON.stringify(head.slice(0, 60))}`,
        `${method} /_ministack/health HTTP/1.1\r\nhost: localhost\r\n${head}\r\n\r\nhello`,
      )
    }
  }
  const chunks = [
    'zz\r\nhello\r\n0\r\n\r\n',
    '-5\r\nhello\r\n',
    '5\r\nhel',
    '5\r\nhelloXX',
    'fffffffffffffffff\r\n',
    '5;a="\r\nhello\r\n',
    '0\r\nbad trailer\r\n\r\n',
    '5\nhello\n0\n\n',
    '\r\n\r\n',
    '5 \r\nhello\r\n0\r\n\r\n',
    `5;${'x'.repeat(40_000)}\r\nhello\r\n0\r\n\r\n`,
    '0\r\ncontent-length: 5\r\n\r\n',
    '',
  ]
  for (const target of jsonTargets) {
    const head = write(target, { headers: { 'transfer-encoding': 'chunked' }, rawTail: Buffer.alloc(0) })
    for (const chunk of chunks)
      yield broken(
        `${target.name} in the chunks ${JSON.stringify(chunk.slice(0, 30))}`,
        Buffer.concat([head, Buffer.from(chunk, 'latin1')]),
      )
  }
  yield broken('ten thousand headers', `${GOOD}${Array.from({ length: 10_000 }, (_, i) => `x-${i}: y\r\n`).join('')}\r\n`)
  yield broken('a header of a megabyte', `${GOOD}x: ${'y'.repeat(1_000_000)}\r\n\r\n`)
  yield broken('a path of a megabyte', `GET /${'y'.repeat(1_000_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  yield broken('a header name of a megabyte', `${GOOD}${'y'.repeat(1_000_000)}: x\r\n\r\n`)
  yield broken('empty lines without end', '\r\n'.repeat(50_000))
  yield broken('headers that never end', `${GOOD}x: `)
  yield broken('nothing at all', '')
  for (const target of [
    '*',
    'http://',
    'http://[::1',
    '//',
    '\\',
    'localhost:4566',
    'http://x/%zz',
    '?',
    '#',
    '/\u00e9',
    '/_ministack/%zz',
    '/_ministack/../etc',
    '/health?%zz',
    '/_ministack/nope',
  ]) {
    for (const method of ['GET', 'OPTIONS', 'CONNECT', 'TRACE', 'PATCH', 'HEAD', 'PROPFIND']) {
      yield {
        ...broken(`${method} ${target}`, `${method} ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`),
        expect: { kind: 'broken' },
      }
    }
  }
  for (const [path, body] of [
    ['/_ministack/config', '{'],
    ['/_ministack/config', '[]'],
    ['/_ministack/config', '{"__proto__":1}'],
    ['/_ministack/config', '{"nope":1}'],
    ['/_ministack/config', 'x'.repeat(1000)],
  ] as const) {
    yield broken(
      `POST ${path} ${body.slice(0, 20)}`,
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
  }
  for (let i = 0; i < 60; i++)
    yield broken('random bytes', Buffer.concat([Buffer.of(random.int(0x21, 0x7e)), random.bytes(random.int(1, 600))]))
  for (let i = 0; i < 40; i++) {
    const good = write(random.pick(jsonTargets))
    const end = good.indexOf('\r\n\r\n')
    const bytes = Buffer.from(good)
    for (let n = 0; n < 3; n++) bytes[random.int(0, end)] = random.pick([0, 1, 10, 13, 32, 58, 127, 255])
    yield broken('a request with wrong bytes in its head', bytes)
  }
}

/** Connections that begin like TLS, or like HTTP/2, and go on like neither. */
export function* brokenTransports(random: Random): Generator<BadRequest> {
  const broken = (name: string, bytes: Buffer): BadRequest => ({ name, send: [bytes], end: true, expect: { kind: 'broken' } })
  for (const hex of [
    '16',
    '1603',
    '160301',
    '1603010000',
    '160301ffff',
    '16030100050100000100',
    '1603010005ffffffffff',
    '160301000401000000',
    '160300000101',
    '16fefe0001ff',
    '150301000202',
    '1703030005hello00',
  ]) {
    yield broken(`tls: ${hex}`, Buffer.from(hex, 'hex'))
  }
  for (let i = 0; i < 40; i++) {
    const length = random.int(1, 500)
    yield broken(
      'tls: a random hello',
      Buffer.concat([Buffer.of(0x16, 3, random.int(0, 4), length >> 8, length & 255, 1, 0, 0, random.int(0, 255)), random.bytes(length)]),
    )
  }
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  for (let cut = 1; cut < preface.length; cut += 2) yield broken(`h2: the preface cut at ${cut}`, preface.subarray(0, cut))
  yield broken('h2: another preface', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'))
  const frame = (type: number, flags: number, stream: number, payload: Buffer, length = payload.length) => {
    const head = Buffer.alloc(9)
    head.writeUIntBE(length & 0xffffff, 0, 3)
    head[3] = type
    head[4] = flags
    head.writeUInt32BE(stream, 5)
    return Buffer.concat([head, payload])
  }
  const settings = frame(4, 0, 0, Buffer.alloc(0))
  const h2 = (name: string, ...frames: Buffer[]) => broken(`h2: ${name}`, Buffer.concat([preface, settings, ...frames]))
  yield h2('nothing after the settings')
  yield h2('a frame over the limit', frame(0, 0, 1, Buffer.alloc(10), 0xffffff))
  yield h2('data on stream 0', frame(0, 0, 0, Buffer.from('x')))
  yield h2('data on an idle stream', frame(0, 0, 7, Buffer.from('x')))
  yield h2('headers that are no HPACK', frame(1, 5, 1, Buffer.alloc(50, 0xff)))
  yield h2('headers on an even stream', frame(1, 5, 2, Buffer.of(0x82)))
  yield h2('headers without a path', frame(1, 5, 1, Buffer.of(0x82)))
  yield h2('settings of a wrong length', frame(4, 0, 0, Buffer.alloc(5)))
  yield h2('a window of nothing', frame(8, 0, 0, Buffer.alloc(4)))
  yield h2('a window that overflows', frame(8, 0, 0, Buffer.of(0x7f, 255, 255, 255)), frame(8, 0, 0, Buffer.of(0x7f, 255, 255, 255)))
  yield h2('an unknown frame', frame(0xee, 0xff, 1, Buffer.alloc(20)))
  yield h2('a push promise', frame(5, 4, 1, Buffer.alloc(10)))
  yield h2('a priority on itself', frame(2, 0, 1, Buffer.of(0, 0, 0, 1, 0)))
  yield h2('a ping flood', ...Array.from({ length: 5000 }, () => frame(6, 0, 0, Buffer.alloc(8))))
  yield h2('a settings flood', ...Array.from({ length: 5000 }, () => settings))
  yield h2(
    'a reset flood',
    ...Array.from({ length: 2000 }, (_, i) =>
      Buffer.concat([frame(1, 4, i * 2 + 1, Buffer.of(0x82, 0x84, 0x86)), frame(3, 0, i * 2 + 1, Buffer.of(0, 0, 0, 8))]),
    ),
  )
  yield h2(
    'continuations without end',
    frame(1, 0, 1, Buffer.of(0x82)),
    ...Array.from({ length: 3000 }, () => frame(9, 0, 1, Buffer.alloc(100, 0x88))),
  )
  for (let i = 0; i < 60; i++)
    yield h2(
      'random frames',
      frame(random.int(0, 12), random.int(0, 255), random.int(0, 9), random.bytes(random.int(0, 200))),
      random.bytes(random.int(0, 100)),
    )
}
