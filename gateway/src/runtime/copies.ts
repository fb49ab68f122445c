/**
 * Lets `instanceof` recognise what another copy of this package made: a plugin that is given by its path has a gateway of its own in its node_modules.
 * @param type the class; its subclasses are told apart as ever.
 */
export function knownAcrossCopies(type: { readonly name: string; readonly prototype: object }): void {
  const mark = Symbol.for(`@ministack/gateway/${type.name}`)
  Object.defineProperty(type.prototype, mark, { value: true })
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== type) return Function.prototype[Symbol.hasInstance].call(this, value)
      return typeof value === 'object' && value !== null && mark in value
    },
  })
}
