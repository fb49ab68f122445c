import { cbor } from '@smithy/core/cbor'
import type { Random } from '../../src/random.js'
import { type BadRequest, write } from './request.js'
import { cborTargets } from './targets.js'

/** Bad CBOR bodies. */
export function* badCbor(random: Random): Generator<BadRequest> {
  for (const target of cborTargets) {
    const make = (kind: 'refused' | 'answered', what: string, body: Buffer): BadRequest => ({
      name: `${target.name}: ${what}`,
      send: [write(target, { body })],
      expect: { kind, form: 'cbor' },
    })
    const hex = (kind: 'refused' | 'answered', what: string, bytes: string) =>
      make(kind, `${what} (${bytes.slice(0, 24)})`, Buffer.from(bytes, 'hex'))
    for (let cut = 1; cut < target.body.length; cut++) yield make('refused', `cut at ${cut}`, target.body.subarray(0, cut))
    for (let i = 0; i < 40; i++) {
      const body = Buffer.from(target.body)
      body[random.int(0, body.length - 1)] = random.int(0, 255)
      yield make('answered', 'a changed byte', body)
    }
    for (let i = 0; i < 30; i++) yield make('answered', 'random bytes', random.bytes(random.int(1, 200)))
    for (const bytes of [
      '9bffffffffffffffff',
      'bbffffffffffffffff',
      '7bffffffffffffffff',
      '5bffffffffffffffff',
      '9a7fffffff',
      'ba7fffffff',
      '7a7fffffff',
      '5a7fffffff',
      'a1617bffffffffffffffff',
      'a16161bbffffffffffffffff01',
    ]) {
      yield hex('refused', 'more than there is', bytes)
    }
    for (const bytes of [
      'ff',
      'fc',
      'fd',
      'fe',
      '1c',
      '1d',
      '1e',
      '3c',
      '5c',
      '7c',
      '9c',
      'bc',
      'dc',
      'f8',
      'f800',
      'f81f',
      '9f',
      'bf',
      '5f',
      '7f',
      '7f01ff',
      '5f6161ff',
      'bf6161ff',
      'a1',
      'a161',
      'a16161',
      'a16161ff',
      'c0',
      'c1',
      'd9d9f7',
      'c249',
      'fb00',
      '80',
      '01',
      '6161',
      'f6',
      'f5',
      '20',
      '9fff',
    ]) {
      yield hex('refused', 'no map of text', bytes)
    }
    for (const bytes of [
      'a10102',
      'a1f501',
      'a1800102',
      'a2616101616102',
      'a169' + '5f5f70726f746f5f5f' + 'a168706f6c6c75746564f5',
      `a16b${Buffer.from('constructor').toString('hex')}01`,
      'a161ff01',
      'a1616162ffff',
      'd9d9f7a0',
    ]) {
      yield hex('answered', 'an odd map', bytes)
    }
    for (const depth of [100, 5_000, 500_000]) {
      yield make('refused', `${depth} lists deep`, Buffer.alloc(depth, 0x81))
      yield make('refused', `${depth} tags deep`, Buffer.alloc(depth, 0xc1))
      yield make('refused', `${depth} endless lists deep`, Buffer.alloc(depth, 0x9f))
      yield make('refused', `${depth} maps deep`, Buffer.from('a16161'.repeat(depth), 'hex'))
      yield make(
        'answered',
        `an unknown member ${depth} deep`,
        Buffer.concat([Buffer.from('a16161', 'hex'), Buffer.alloc(depth, 0x81), Buffer.of(1)]),
      )
    }
    for (const key of ['__proto__', 'constructor', 'toString', 'then']) {
      for (const value of [{ polluted: true }, [], 'x', 1, null]) {
        const body = Buffer.from(cbor.serialize({ ...target.value, [`#${key}`]: value }))
          .toString('latin1')
          .replace(`${String.fromCharCode(0x60 + key.length + 1)}#${key}`, `${String.fromCharCode(0x60 + key.length)}${key}`)
        yield make('answered', `a member ${key}`, Buffer.from(body, 'latin1'))
      }
    }
    for (const wrong of [
      { Namespace: 5 },
      { Namespace: ['n'] },
      { Namespace: 'n', MetricData: 'x' },
      { Namespace: 'n', MetricData: { a: 1 } },
      { Namespace: 'n', MetricData: [5] },
      { Namespace: 'n', MetricData: [{ MetricName: {}, Value: 1 }] },
      { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 'one' }] },
      { Namespace: 'n', MetricData: [{ MetricName: 'm', Timestamp: 'now' }] },
    ]) {
      yield make('refused', `wrong types ${JSON.stringify(wrong)}`, Buffer.from(cbor.serialize(wrong)))
    }
    for (const path of [
      '/service//operation/',
      '/service/Nope/operation/PutMetricData',
      '/service/GraniteServiceVersion20100801/operation/Nope',
      '/service/GraniteServiceVersion20100801/operation/__proto__',
      '/service/GraniteServiceVersion20100801/operation/%zz',
      '/service/GraniteServiceVersion20100801/operation/constructor',
    ]) {
      yield { name: `${target.name}: ${path}`, send: [write(target, { path })], expect: { kind: 'refused', form: 'cbor' } }
    }
  }
}
