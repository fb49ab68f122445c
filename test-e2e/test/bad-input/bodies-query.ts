import type { Random } from '../../src/random.js'
import { type BadRequest, type Target, write } from './request.js'
import { queryTargets } from './targets.js'

/** Bad form bodies for the query protocols. */
export function* badQuery(random: Random): Generator<BadRequest> {
  for (const target of queryTargets) {
    const text = target.body.toString()
    const { Action = '', Version = '' } = target.value as Record<string, string>
    const kind = (kind: 'refused' | 'answered', what: string, body: string | Buffer): BadRequest => ({
      name: `${target.name}: ${what}`,
      send: [write(target, { body: Buffer.from(body as string) })],
      expect: { kind, form: target.form },
    })
    const action = `Action=${Action}&Version=${Version}`

    for (const body of [
      '',
      '&',
      '=',
      '&&&&',
      'Version=',
      `Version=${Version}`,
      `action=${Action}&Version=${Version}`,
      '%00',
      '{"Action":"x"}',
      '<a/>',
    ]) {
      yield kind('refused', `no action: ${body}`, body)
    }
    for (const name of [
      '',
      'Nope',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      `${Action} `,
      `${Action}\0`,
      '../x',
      '%2e',
      'x'.repeat(10_000),
    ]) {
      yield kind('refused', `the action ${name.slice(0, 20)}`, `Action=${encodeURIComponent(name)}&Version=${Version}`)
    }
    for (const sequence of ['%', '%z', '%zz', '%u0041', '%c0%af', '%ff%fe', '%ed%a0%80', '%0', '+%', '%%%']) {
      yield kind('answered', `the sequence ${sequence}`, `${text}&Broken=${sequence}`)
      yield kind('answered', `a name with the sequence ${sequence}`, `${text}&${sequence}=x`)
      yield kind('answered', `a value with the sequence ${sequence}`, text.replace(/=([^=&]+)$/, `=${sequence}$1`))
    }
    for (let i = 0; i < 20; i++) yield kind('answered', 'truncated', text.slice(0, random.int(action.length, text.length - 1)))
    for (const index of ['0', '-1', '999999999', '9'.repeat(400), '1e9', '0x10', '1.5', '', '__proto__', '١', '2147483648']) {
      for (const list of ['Tags.member', 'MessageAttribute', 'SecurityGroupId', 'TagSpecification', 'Attribute']) {
        yield kind(
          'answered',
          `${list} at ${index.slice(0, 12)}`,
          `${text}&${list}.${index}=a&${list}.${index}.Key=k&${list}.${index}.Name=n`,
        )
      }
    }
    for (const name of [
      '__proto__',
      '__proto__.polluted',
      'constructor.prototype.x',
      'Tags.member.1.__proto__.x',
      'Tags.__proto__.Key',
      'toString',
    ]) {
      yield kind('answered', `the parameter ${name}`, `${text}&${name}=true`)
    }
    for (const [name, value] of [
      ['DurationSeconds', 'soon'],
      ['DurationSeconds', '1e999'],
      ['DelaySeconds', 'NaN'],
      ['DelaySeconds', '[]'],
      ['MinCount', 'one'],
      ['MinCount', '0x1'],
      ['RoleArn.x', 'y'],
      ['MaxCount', '99999999999999999999999'],
    ] as const) {
      if (name in target.value!) yield kind('refused', `${name}=${value}`, replaceParam(target, name, value))
      yield kind('answered', `one more ${name}=${value}`, `${text}&${name}=${value}`)
    }
    for (const depth of [100, 10_000, 100_000]) {
      yield kind('answered', `a name ${depth} levels deep`, `${text}&${'a.'.repeat(depth)}b=x`)
      yield kind('answered', `a list ${depth} levels deep`, `${text}&${'Tags.member.1.'.repeat(depth >> 3)}Key=x`)
      yield kind('answered', `${depth} parameters`, text + '&a=b'.repeat(depth))
      yield kind(
        'answered',
        `${depth} list members`,
        text + Array.from({ length: depth }, (_, n) => `&Tags.member.${n + 2}.Key=k${n}`).join(''),
      )
    }
    for (let i = 0; i < 20; i++)
      yield kind('answered', 'nasty text', `${text}&${encodeURIComponent(wellFormed(random.nasty(20)))}=${wellFormed(random.nasty(50))}`)
    for (let i = 0; i < 10; i++)
      yield kind('answered', 'random bytes', Buffer.concat([target.body, Buffer.from('&x='), random.bytes(random.int(1, 300))]))
    for (let i = 0; i < 10; i++)
      yield kind('refused', 'nothing but random bytes', Buffer.concat([Buffer.of(0xff), random.bytes(random.int(1, 300))]))
  }
}

function replaceParam(target: Target, name: string, value: string): string {
  return new URLSearchParams({ ...(target.value as Record<string, string>), [name]: value }).toString()
}

function wellFormed(text: string): string {
  return text.replaceAll('\ud800', '')
}
