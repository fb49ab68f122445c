import type { MemberRef, ModelJson, OperationJson, ShapeJson, Traits } from '@ministack/gateway/protocol'

/** The parts of a model that are still being put together. */
export interface Draft {
  service: ModelJson['service']
  operations: Record<string, Writable<OperationJson>>
  shapes: Record<string, Writable<ShapeJson>>
}

type Writable<T> = {
  -readonly [K in keyof T]: T[K] extends Readonly<Record<string, infer V>> | undefined ? Record<string, V> | undefined : T[K]
}

/** A member's type, without its traits. */
export function typeOf(ref: MemberRef): string {
  return typeof ref === 'string' ? ref : ref[0]
}

/** A member's traits; empty when it has none. */
export function traitsOf(ref: MemberRef): Traits {
  return typeof ref === 'string' ? {} : ref[1]
}

/** Puts a type and its traits together again; no traits give the bare type. */
export function memberOf(type: string, traits: Traits): MemberRef {
  return Object.keys(traits).length ? [type, traits] : type
}
