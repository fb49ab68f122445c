import type { PluginFolder } from '../workspace.js'
import type { ServiceCoverage } from './coverage.js'

/** The operation tables of a plugin's README. */
export function operationTables(services: readonly ServiceCoverage[]): string {
  return services.map(operationTable).join('\n\n')
}

function operationTable({ name, title, implemented, missing }: ServiceCoverage): string {
  const row = (label: string, operations: readonly string[]) =>
    `| ${label} (${operations.length}) | ${operations.map(each => `\`${each}\``).join(', ') || '–'} |`
  return [
    `### ${title} (\`${name}\`)`,
    '',
    '| | operations |',
    '|---|---|',
    row('implemented', implemented),
    row('answers 501', missing),
  ].join('\n')
}

/** The services table of the root README. */
export function servicesTable(
  plugins: readonly { readonly plugin: PluginFolder; readonly services: readonly ServiceCoverage[] }[],
): string {
  const rows = plugins.flatMap(({ plugin, services }) =>
    services.map(({ name, title, implemented, missing }) => {
      const names = [...new Set([plugin.id, name, ...(plugin.manifest.aliases ?? [])])].map(each => `\`${each}\``).join(', ')
      return `| [${title}](plugins/${plugin.id}/README.md) | ${names} | ${implemented.length} of ${implemented.length + missing.length} |`
    }),
  )
  return ['| service | in `SERVICES` | operations |', '|---|---|---|', ...rows].join('\n')
}
