import type { Random } from '../../src/random.js'
import { type BadRequest, type Target, write } from './request.js'
import { jsonTargets, restJsonTargets } from './targets.js'

type Json = Record<string, unknown>
type Slot = { readonly holder: Json | unknown[]; readonly key: string | number }

/** Bad JSON bodies for every service that reads JSON. */
export function* badJson(random: Random): Generator<BadRequest> {
  for (const target of [...jsonTargets, ...restJsonTargets]) {
    for (let i = 0; i < 25; i++) yield refused(target, 'truncated', target.body.subarray(0, random.int(1, target.body.length - 1)))
    for (let i = 0; i < 25; i++) {
      const body = damaged(target.body, random)
      if (!parses(body)) yield refused(target, 'damaged', body)
    }
    for (let i = 0; i < 40; i++) yield wrongType(target, random)
    for (const text of [
      '[]',
      '"text"',
      '5',
      'true',
      '[{}]',
      'nul',
      '{]',
      '{"a"}',
      '{,}',
      "{'a':1}",
      '{"a":NaN}',
      '{"a":1}{"b":2}',
      '\u0000',
      '{"a":01}',
      '\ufeff[]',
    ]) {
      yield refused(target, `instead of an object: ${JSON.stringify(text)}`, Buffer.from(text))
    }
    for (const depth of [100, 5_000, 200_000]) {
      yield refused(target, `${depth} open brackets`, Buffer.from('['.repeat(depth)))
      yield refused(target, `${depth} open objects`, Buffer.from('{"a":'.repeat(depth)))
      yield answered(target, `an unknown member ${depth} lists deep`, insert(target, `"Unknown":${'['.repeat(depth)}${']'.repeat(depth)}`))
      const [name] = Object.keys(target.value!)
      yield refused(
        target,
        `a known member ${depth} objects deep`,
        Buffer.from(`{"${name}":${'{"M":'.repeat(depth)}1${'}'.repeat(depth)}}`),
      )
    }
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'then', 'toJSON', '']) {
      for (const value of ['{"polluted":true}', '"x"', '[]', 'null', '1'])
        yield answered(target, `a member ${key} of ${value}`, insert(target, `"${key}":${value}`))
      yield answered(target, `${key} in every map`, inEveryMap(target, key))
    }
    for (let i = 0; i < 10; i++)
      yield answered(
        target,
        'nasty text',
        changed(target, random, () => random.nasty(random.int(1, 200))),
      )
    for (const number of ['1e999', '-1e999', '-0', '1e-400', '99999999999999999999', '0.1', '-1']) {
      yield answered(
        target,
        `the number ${number} somewhere`,
        Buffer.from(JSON.stringify(withSlot(target, random, '#')).replace('"#"', number)),
      )
    }
    for (let i = 0; i < 5; i++) {
      const at = target.body.indexOf('"', random.int(0, target.body.length >> 1)) + 1
      yield answered(
        target,
        'bytes that are not UTF-8',
        Buffer.concat([target.body.subarray(0, at), Buffer.of(0xff, 0xc0, 0x80), target.body.subarray(at)]),
      )
    }
  }
}

function refused(target: Target, what: string, body: Buffer): BadRequest {
  return { name: `${target.name}: ${what}`, send: [write(target, { body })], expect: { kind: 'refused', form: target.form } }
}

function answered(target: Target, what: string, body: Buffer): BadRequest {
  return { name: `${target.name}: ${what}`, send: [write(target, { body })], expect: { kind: 'answered', form: target.form } }
}

function damaged(body: Buffer, random: Random): Buffer {
  const at = random.int(0, body.length - 1)
  const piece = Buffer.from(random.pick(['{', '}', '[', ']', '"', ',', ':', '\\', '\u0001', '//', '-', 'e']))
  const cut = random.int(0, 2)
  return Buffer.concat([body.subarray(0, at), piece, body.subarray(at + cut)])
}

function parses(body: Buffer): boolean {
  try {
    JSON.parse(body.toString())
    return true
  } catch {
    return false
  }
}

function insert(target: Target, member: string): Buffer {
  return Buffer.from(`${target.body.toString().slice(0, -1)},${member}}`)
}

/** All places in a value that hold something. */
function slots(value: unknown): Slot[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Json
  const keys = Array.isArray(value) ? value.keys() : Object.keys(holder)
  return [...keys].flatMap(key => [{ holder, key }, ...slots(holder[key])])
}

function withSlot(target: Target, random: Random, replacement: unknown): Json {
  const copy = structuredClone(target.value) as Json
  const { holder, key } = random.pick(slots(copy))
  ;(holder as Json)[key] = replacement
  return copy
}

function changed(target: Target, random: Random, make: () => unknown): Buffer {
  return Buffer.from(JSON.stringify(withSlot(target, random, make())))
}

/** One member with a value of another type, of a kind that no reader may take for the right one. */
function wrongType(target: Target, random: Random): BadRequest {
  const copy = structuredClone(target.value) as Json
  const { holder, key } = random.pick(slots(copy))
  const old = (holder as Json)[key]
  const wrong: unknown[] = Array.isArray(old)
    ? ['x', 5, { a: 1 }, true]
    : typeof old === 'object'
      ? ['x', 5, [1], true]
      : typeof old === 'string'
        ? [{ a: 1 }, ['x'], [[]], {}]
        : [{ a: 1 }, ['x'], 'five', [[]]]
  const value = random.pick(wrong)
  ;(holder as Json)[key] = value
  return refused(target, `${key} is ${JSON.stringify(value)}`, Buffer.from(JSON.stringify(copy)))
}

function inEveryMap(target: Target, key: string): Buffer {
  const walk = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    if (Array.isArray(value)) return `[${value.map(walk).join(',')}]`
    const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${walk(item)}`)
    const [, first = '"x"'] = Object.entries(value).map(([, item]) => walk(item))
    return `{${[...entries, `${JSON.stringify(key)}:${first}`].join(',')}}`
  }
  return Buffer.from(walk(target.value))
}
