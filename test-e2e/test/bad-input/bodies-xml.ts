import type { Random } from '../../src/random.js'
import { type BadRequest, type Target, write } from './request.js'
import { xmlTargets } from './targets.js'

const BOMB = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 12 }, (_, i) => `<!ENTITY ${'b'.repeat(i + 1)} "${`&${i === 0 ? 'a' : 'b'.repeat(i)};`.repeat(10)}">`).join('')}]>`
const LAST = 'b'.repeat(12)

/** Bad XML bodies. */
export function* badXml(random: Random): Generator<BadRequest> {
  for (const target of xmlTargets) {
    const text = target.body.toString()
    const make = (kind: 'refused' | 'answered', what: string, body: string | Buffer): BadRequest => ({
      name: `${target.name}: ${what}`,
      send: [write(target, { body: Buffer.from(body as string) })],
      expect: { kind, form: target.form },
    })
    const [root = ''] = /(?<=^<)\w+/.exec(text) ?? []
    for (let i = 0; i < 25; i++) yield make('refused', 'truncated', text.slice(0, random.int(1, text.length - 1)))
    for (let i = 0; i < 15; i++) yield make('answered', 'damaged', damaged(text, random))
    for (const body of [
      '',
      ' ',
      'text',
      '<',
      '<>',
      '</a>',
      '<a',
      '<a></b>',
      `<${root}>`,
      `<${root}/><${root}/>`,
      '<?xml?>',
      '<!---->',
      '<![CDATA[x]]>',
      '{"a":1}',
      '\u0000',
      '<a b=c/>',
      '<a b="1" b="2"/>',
      '<1/>',
      '<a>&nope;</a>',
      '<a>&#0;</a>',
      '<a>&#xffffffff;</a>',
      '<a>&#x110000;</a>',
    ]) {
      yield make('refused', `instead of ${root}: ${JSON.stringify(body)}`, body)
    }
    yield make('refused', 'an entity bomb', `${BOMB}${text.replace(/>(\w+)</, `>&${LAST};<`)}`)
    yield make('refused', 'an entity bomb in an attribute', `${BOMB}${text.replace('>', ` x="&${LAST};">`)}`)
    yield make('refused', 'an external entity', `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>${text.replace(/>(\w+)</, '>&e;<')}`)
    yield make('refused', 'a parameter entity', `<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost:1/x">%p;]>${text}`)
    for (const depth of [100, 5_000, 100_000]) {
      yield make('refused', `${depth} open elements`, '<a>'.repeat(depth))
      yield make(
        'answered',
        `an unknown element ${depth} deep`,
        text.replace(`</${root}>`, `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</${root}>`),
      )
      yield make('answered', `${depth} attributes`, text.replace('>', `${Array.from({ length: depth }, (_, i) => ` a${i}="b"`).join('')}>`))
      yield make('answered', `${depth} elements`, text.replace(`</${root}>`, `${'<a/>'.repeat(depth)}</${root}>`))
    }
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'xmlns']) {
      yield make('answered', `the element ${name}`, text.replace(`</${root}>`, `<${name}><polluted>true</polluted></${name}></${root}>`))
      yield make('answered', `the attribute ${name}`, text.replace('>', ` ${name}="x">`))
      yield make('answered', `everything in ${name}`, text.replaceAll(/(<\/?)(Part|Object|TagSet)>/g, `$1${name}>`))
    }
    for (const encoding of ['utf-16', 'ebcdic', 'nope', ''])
      yield make('answered', `the encoding ${encoding}`, `<?xml version="1.0" encoding="${encoding}"?>${text}`)
    yield make('answered', 'UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le'))
    for (let i = 0; i < 10; i++) yield make('refused', 'random bytes', Buffer.concat([Buffer.of(0xff), random.bytes(random.int(1, 300))]))
    for (const value of ['abc', '-1', '1e999', '', '99999999999999999999', '<b/>']) {
      if (text.includes('<PartNumber>'))
        yield make(value === '-1' ? 'answered' : 'refused', `PartNumber ${value}`, text.replace('>1<', `>${value}<`))
    }
  }
}

function damaged(text: string, random: Random): string {
  const at = random.int(0, text.length - 1)
  return text.slice(0, at) + random.pick(['<', '>', '&', '"', '/', '\u0001', ']]>', '<!--', '<?', '=']) + text.slice(at + random.int(0, 2))
}

/** The targets whose body isn't read as XML but whose path or query is bad. */
export function* badS3Paths(): Generator<BadRequest> {
  const target: Target = { ...xmlTargets[0]!, name: 's3', method: 'GET', body: Buffer.alloc(0) }
  const paths = [
    '/%',
    '/%zz',
    '/%zz/%',
    '/b/%c0%af',
    '/b/%ff%fe',
    '/b/%ed%a0%80',
    '/b/%00',
    '/b/..%2f..%2fetc',
    '/b/../../etc',
    '//',
    '//b//k',
    '/b/k?%zz=1',
    '/b/k?uploadId=%zz',
    '/b?list-type=2&max-keys=abc',
    '/b?list-type=2&max-keys=-1',
    '/b?versionId=%',
    '/b/k?partNumber=x',
    `/${'b'.repeat(5000)}`,
    `/b/${'k'.repeat(20_000)}`,
    '/b/k?__proto__=1',
    '/__proto__/x',
    '/constructor',
    '/b/%2e%2e',
    '/?x=%',
    '/b?acl&acl&acl',
    '/b/?delete&delete=%zz',
  ]
  for (const path of paths) {
    for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
      yield {
        name: `s3 ${method} ${path.slice(0, 40)}`,
        send: [write(target, { method, path })],
        expect: { kind: 'answered', form: 'restXml' },
      }
    }
  }
}
