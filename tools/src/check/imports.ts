import { posix } from 'node:path'
import type { SourceFile, Workspace } from '../workspace.js'
import type { Problem } from './problem.js'
import { parse } from './syntax.js'

/** No plugin imports another plugin, or anything outside of its own folder by path. Tests may start the plugins that theirs calls. */
export function pluginImports(file: SourceFile): Problem[] {
  const own = /^(plugins\/[^/]+)\/src\//.exec(file.path)?.[1]
  if (!own) return []
  return problems('plugin-imports', file, specifier => {
    if (/^@ministack\/plugin-/.test(specifier)) return `imports the plugin ${specifier}; call it through ctx.services`
    if (specifier.startsWith('.') && !posix.join(posix.dirname(file.path), specifier).startsWith(`${own}/`))
      return `reaches out of its package: ${specifier}`
    return undefined
  })
}

/** The gateway imports no plugin. */
export function gatewayImports(file: SourceFile): Problem[] {
  if (!file.path.startsWith('gateway/')) return []
  return problems('gateway-imports', file, specifier =>
    /^@ministack\/plugin-|^ministack$|(^|\/)plugins\//.test(specifier)
      ? `the gateway knows no plugin, but imports ${specifier}`
      : undefined,
  )
}

/** No plugin's package depends on another plugin at run time. */
export function pluginDependencies(workspace: Workspace): Problem[] {
  return workspace.plugins.flatMap(({ folder, packageJson }) =>
    Object.keys({ ...packageJson.dependencies, ...packageJson.peerDependencies })
      .filter(name => /^@ministack\/plugin-|^ministack$/.test(name))
      .map(name => ({ check: 'plugin-imports', file: `${workspace.path(folder)}/package.json`, message: `depends on ${name}` })),
  )
}

/** `export *` hides what a module gives; only an index may. */
export function exportStar(file: SourceFile): Problem[] {
  if (/\/index\.ts$/.test(file.path)) return []
  const { program, line } = parse(file)
  return (program.body as { type: string; start: number; exported: unknown }[])
    .filter(statement => statement.type === 'ExportAllDeclaration' && !statement.exported)
    .map(({ start }) => ({ check: 'export-star', file: file.path, line: line(start), message: '`export *` outside of an index' }))
}

function problems(check: string, file: SourceFile, judge: (specifier: string) => string | undefined): Problem[] {
  const { imports, line } = parse(file)
  return imports.flatMap(({ specifier, start }) => {
    const message = judge(specifier)
    return message ? [{ check, file: file.path, line: line(start), message }] : []
  })
}
