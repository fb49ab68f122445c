import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelJson } from '../protocol/model.js'
import type { Registration } from '../runtime/exchange.js'
import type { Gateway } from '../runtime/gateway.js'

/** What of a service is there. */
export interface ServiceCoverage {
  readonly title: string
  readonly implemented: readonly string[]
  readonly missing: readonly string[]
}

/**
 * Lists each service's operations, from its model, by whether a handler is there. A plugin that isn't loaded is only imported for it: nothing of it
 * starts or touches state.
 */
export async function coverageOf(gateway: Gateway): Promise<Record<string, ServiceCoverage>> {
  const entries = await Promise.all(gateway.registrations.map(registration => coverageOfPlugin(gateway, registration)))
  return Object.fromEntries(entries.flat().sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function coverageOfPlugin(gateway: Gateway, registration: Registration): Promise<[string, ServiceCoverage][]> {
  const { manifest, dir } = registration
  const loaded = gateway.loadedUnits().find(unit => unit.id === manifest.id)
  const definition = loaded?.definition ?? (await registration.load()).definition
  return Promise.all(
    manifest.services.map(async ({ name, title, model }): Promise<[string, ServiceCoverage]> => {
      const { operations } = JSON.parse(await readFile(join(dir, model), 'utf8')) as ModelJson
      const handlers = definition.services[name]?.operations ?? {}
      const names = Object.keys(operations).sort()
      return [
        name,
        { title, implemented: names.filter(op => Object.hasOwn(handlers, op)), missing: names.filter(op => !Object.hasOwn(handlers, op)) },
      ]
    }),
  )
}
