import type { Registration } from '../runtime/exchange.js'

/** Collects who claims what, and who claims it too. */
export class Claims {
  readonly #owners = new Map<string, string>()
  readonly #conflicts: string[] = []

  /**
   * Notes a claim.
   * @param what the kind of thing, in words: `the signing name`.
   * @param owner who claims it, in words: `plugin 'sqs' (service 'sqs')`.
   * @returns whether it is the first to claim it.
   */
  add(what: string, key: string, owner: string): boolean {
    const id = `${what} '${key}'`
    const first = this.#owners.get(id)
    if (first === undefined) {
      this.#owners.set(id, owner)
      return true
    }
    this.#conflicts.push(`${first} and ${owner} both claim ${id}`)
    return false
  }

  /** @throws Error that names every conflict. */
  check(): void {
    if (this.#conflicts.length > 0) throw new Error(`plugins are in conflict:\n  ${this.#conflicts.join('\n  ')}`)
  }
}

/**
 * The plugins that `SERVICES` asks for, by id, alias or service name; all of them without it.
 * @throws Error that names what no plugin answers to.
 */
export function selectPlugins(registrations: readonly Registration[], services: readonly string[] | undefined): Registration[] {
  if (!services) return [...registrations]
  const byName = new Map<string, Registration>()
  for (const registration of registrations) {
    const { id, aliases = [], services } = registration.manifest
    for (const name of [id, ...aliases, ...services.map(s => s.name)]) byName.set(name.toLowerCase(), registration)
  }
  const unknown = services.filter(name => !byName.has(name.toLowerCase()))
  if (unknown.length > 0) {
    const known = [...new Set(registrations.map(r => r.manifest.id))].sort().join(', ')
    throw new Error(`SERVICES names what no plugin provides: ${unknown.join(', ')} (there are: ${known})`)
  }
  const selected = new Set(services.map(name => byName.get(name.toLowerCase())))
  return registrations.filter(r => selected.has(r))
}
