import type { Manifest } from '@ministack/gateway'
import type { ModelJson } from '@ministack/gateway/protocol'

/** The folder that a template writes for: inside this workspace, or a third party's own package. */
export interface Home {
  /** `@ministack/plugin-acm`. */
  readonly packageName: string
  /** What tsconfig.json extends, and the gateway's project, when the plugin lives in this workspace. */
  readonly workspace: boolean
}

/** The plugin's definition. `operations` has the one operation of a service that the scaffold wrote. */
export function indexSource({ services }: Manifest, operations: Readonly<Record<string, string>>): string {
  const named = services.map(({ name }) => ({ name, kit: identifier(name), operation: operations[name]! }))
  const imports = named.map(({ operation }) => `import { ${camel(operation)} } from './operations/${kebab(operation)}.js'`)
  const definitions = named.map(
    ({ name, kit, operation }) => `    ${property(name)}: ${kit}.service({ ${operation}: ${camel(operation)} }),`,
  )
  return `import { definePlugin } from '@ministack/gateway'
import { ${named.map(({ kit }) => kit).join(', ')} } from './kit.js'
${imports.join('\n')}

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
${definitions.join('\n')}
  },
})
`
}

/** What the operations are written with, typed by the SDK clients. */
export function kitSource({ services }: Manifest): string {
  const kits = services.map(({ name, sdk }) => `export const ${identifier(name)} = forService<typeof import('${sdk}')>()`)
  return `import { forService } from '@ministack/gateway'\n\n${kits.join('\n')}\n`
}

/** One operation, to be filled in: until then it says by name that it isn't there. */
export function operationSource({ name }: Manifest['services'][number], operation: string): string {
  return `import { notImplemented } from '@ministack/gateway'
import { ${identifier(name)} } from '../kit.js'

export const ${camel(operation)} = ${identifier(name)}.operation('${operation}', ctx => {
  throw notImplemented(ctx.service, ctx.operation)
})
`
}

/** A test through the front door, the plugin behind the real gateway: the operation says by name that it isn't there, or first what it requires. */
export function testSource(
  manifest: Manifest,
  service: Manifest['services'][number],
  { name: operation, requires }: FirstOperation,
): string {
  const client = identifier(service.name)
  const options = service === manifest.services[0] ? '' : `, { service: '${service.name}' }`
  const title = requires ? `${operation} asks for what it requires` : 'an operation that is not implemented says so by name'
  const error = requires
    ? `    message: /${requires}/i,`
    : `    code: 'NotImplemented',
    message: '${service.name}.${operation} is not implemented in MiniStack',
    status: 501,`
  return `import { testService } from '@ministack/gateway/testing'
import t from 'tap'
import plugin from '../src/index.js'

t.test('${title}', async t => {
  const ${client} = await testService<typeof import('${service.sdk}')>(plugin${options})
  t.teardown(() => ${client}.close())
  await t.rejects(${client}.client.${camel(operation)}({}${requires ? ' as never' : ''}), {
${error}
  })
})
`
}

/** package.json of a plugin; the gateway is a peer, the SDK clients are there for their types alone. */
export function packageJson(manifest: Manifest, { packageName, workspace }: Home, versions: { gateway: string; sdk: string }): object {
  const clients = Object.fromEntries(manifest.services.map(({ sdk }) => [sdk, versions.sdk]))
  const own = { '@types/node': '^20.19.0', tap: '^21.8.0', typescript: '^7.0.2' }
  return {
    name: packageName,
    version: '0.1.0',
    description: `${manifest.services.map(service => service.title).join(' and ')} for MiniStack`,
    license: 'MIT',
    type: 'module',
    engines: { node: '>=20.19' },
    ministack: './manifest.json',
    exports: {
      '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' },
      './manifest.json': './manifest.json',
      './package.json': './package.json',
    },
    files: ['dist/src', 'manifest.json', 'model*.json', 'README.md'],
    ...(!workspace && {
      scripts: { build: 'tsc -b', test: 'tsc -b && tap --disable-coverage', prepare: 'tap build' },
      tap: { plugin: ['!@tapjs/typescript'], include: ['dist/test/**/*.test.js'], exclude: ['**/node_modules/**'] },
    }),
    dependencies: {},
    peerDependencies: { '@ministack/gateway': versions.gateway },
    devDependencies: { '@ministack/gateway': versions.gateway, ...clients, ...(!workspace && own) },
  }
}

/** tsconfig.json of a plugin; `base` is what the workspace's tsconfig.base.json says, for a plugin that lives elsewhere. */
export function tsconfig({ workspace }: Home, base: object): object {
  const compilerOptions = { rootDir: '.', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' }
  const include = ['src', 'test']
  if (!workspace) return { compilerOptions: { ...base, ...compilerOptions }, include }
  return { extends: '../../tsconfig.base.json', compilerOptions, include, references: [{ path: '../../gateway' }] }
}

/** README.md with an empty place for the operation table, which `docs` fills. */
export function readme(manifest: Manifest, { packageName, workspace }: Home): string {
  return `# ${packageName}

${manifest.services.map(service => service.title).join(' and ')} for ${workspace ? '[MiniStack](../../README.md)' : 'MiniStack'}, a local AWS.

An operation that is not implemented answers 501 \`NotImplemented\` and its name, in the service's own protocol.

## Operations

<!-- operations -->
<!-- /operations -->
`
}

/** The operation to begin with, and a member that it can't do without. */
export interface FirstOperation {
  readonly name: string
  readonly requires: string | undefined
}

/** The first operation that needs no input, else the first. */
export function firstOperation(model: Pick<ModelJson, 'operations' | 'shapes'>): FirstOperation {
  const names = Object.keys(model.operations).sort()
  const requires = (name: string) => model.shapes[model.operations[name]!.input.slice(1)]?.required?.[0]
  const name = names.find(each => !requires(each)) ?? names[0]
  if (!name) throw new Error('the model has no operations')
  return { name, requires: requires(name) }
}

const camel = (name: string) => name[0]!.toLowerCase() + name.slice(1)
export const kebab = (name: string) => name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
const identifier = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
const property = (name: string) => (/^[a-z]\w*$/i.test(name) ? name : `'${name}'`)
