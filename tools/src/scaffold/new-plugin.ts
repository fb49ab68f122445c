import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Manifest, ServiceManifest } from '@ministack/gateway'
import { BotocoreData } from '../models/botocore.js'
import { modelFile } from '../models/cli.js'
import { type GeneratedModel, generateModel } from '../models/generate.js'
import { readJson } from '../workspace.js'
import { draftManifest } from './manifest.js'
import {
  firstOperation,
  type Home,
  indexSource,
  kebab,
  kitSource,
  operationSource,
  packageJson,
  readme,
  testSource,
  tsconfig,
} from './templates.js'

const USAGE = `npm run new-plugin -- <sdk client>... [--id <id>] [--out <folder>]

  <sdk client>   the npm client's short name: \`sqs\` for @aws-sdk/client-sqs; several make one plugin
  --id           the plugin's id; the first client's name by default
  --out          a folder of your own, outside of this repository; plugins/<id> by default

The SDK client must be installed (npm install -D @aws-sdk/client-<sdk client>), and botocore (pip install botocore), which has the constraints.`

/**
 * Scaffolds a service plugin: manifest, models, definition, one operation with its test, package.json, tsconfig.json, README.
 *
 * @returns the exit code
 * @throws Error when the arguments are wrong, the folder has a plugin already, or the SDK client isn't installed
 */
export async function newPlugin(root: string, args: readonly string[]): Promise<number> {
  const { values, positionals } = parsed(args)
  const clients = positionals.map(name => name.replace(/^@aws-sdk\/client-/, ''))
  const [first] = clients
  if (!first) throw new Error(USAGE)
  const id = values.id ?? first
  const folder = values.out ? resolve(process.env.INIT_CWD ?? process.cwd(), values.out) : join(root, 'plugins', id)
  if (existsSync(join(folder, 'manifest.json'))) throw new Error(`${folder} has a plugin already`)
  const home: Home = { packageName: values.out ? basename(folder) : `@ministack/plugin-${id}`, workspace: !values.out }

  const from = installedAt(first, [`${folder}/`, `${process.env.INIT_CWD ?? root}/`, `${root}/test-e2e/`])
  const botocore = new BotocoreData()
  const models = await Promise.all(clients.map(sdk => generateModel(sdk, from, botocore)))
  const manifest = draftManifest(
    id,
    models.map(({ model, title }, i) => ({
      name: clients.length > 1 ? clients[i]! : id,
      title,
      sdk: clients[i]!,
      model: modelFile(clients[i]!, i),
      service: model.service,
    })),
  )
  const files = { ...sources(manifest, models), ...settings(root, manifest, home, from) }
  clients.forEach((sdk, i) => {
    files[modelFile(sdk, i)] = models[i]!.text
  })
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) writeFileSync(path, text)
    console.log(`${folder}/${name}`)
  }
  if (home.workspace) addToWorkspace(root, id, clients, home.packageName)
  console.log(
    home.workspace
      ? '\nNow: npm install && npx biome check --write . && npx tsc -b && node tools/dev.mjs docs'
      : `\nNow: cd ${folder} && npm install -D ${join(root, 'gateway')} && npm install && npm test`,
  )
  return 0
}

/** @throws Error that says which argument isn't understood, and how the command is used. */
function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { id: { type: 'string' }, out: { type: 'string' } } })
  } catch (error) {
    throw new Error(`${(error as Error).message.split('. ')[0]}\n\n${USAGE}`)
  }
}

function installedAt(sdk: string, places: readonly string[]): string {
  const found = places.find(place => {
    try {
      return Boolean(createRequire(place).resolve(`@aws-sdk/client-${sdk}`))
    } catch {
      return false
    }
  })
  if (!found) throw new Error(`@aws-sdk/client-${sdk} is not installed: npm install -D @aws-sdk/client-${sdk}`)
  return found
}

function sources(manifest: Manifest, models: readonly GeneratedModel[]): Record<string, string> {
  const files: Record<string, string> = {}
  const operations: Record<string, string> = {}
  manifest.services.forEach((service: ServiceManifest, i) => {
    const first = firstOperation(models[i]!.model)
    const { name } = first
    operations[service.name] = name
    files[`src/operations/${kebab(name)}.ts`] = operationSource(service, name)
    files[`test/${kebab(name)}.test.ts`] = testSource(manifest, service, first)
  })
  return { 'manifest.json': json(manifest), 'src/index.ts': indexSource(manifest, operations), 'src/kit.ts': kitSource(manifest), ...files }
}

function settings(root: string, manifest: Manifest, home: Home, from: string): Record<string, string> {
  const gateway = readJson<{ version: string }>(join(root, 'gateway/package.json')).version
  const sdk = (createRequire(from)(`${manifest.services[0]!.sdk}/package.json`) as { version: string }).version
  const base = readJson<{ compilerOptions: object }>(join(root, 'tsconfig.base.json')).compilerOptions
  return {
    'package.json': json(packageJson(manifest, home, { gateway: `^${gateway}`, sdk: `^${sdk}` })),
    'tsconfig.json': json(tsconfig(home, base)),
    'README.md': readme(manifest, home),
  }
}

/** The lists that a plugin of this workspace is in; everything else is in its own folder. */
function addToWorkspace(root: string, id: string, clients: readonly string[], packageName: string): void {
  edit<Record<string, string[]>>(join(root, 'tools/plugins.json'), plugins => sorted({ ...plugins, [id]: [...clients] }), compactLists)
  edit<{ dependencies: Record<string, string> }>(join(root, 'ministack/package.json'), file => ({
    ...file,
    dependencies: sorted({ ...file.dependencies, [packageName]: '^0.1.0' }),
  }))
  edit<{ references: { path: string }[] }>(
    join(root, 'tsconfig.json'),
    file => ({ ...file, references: withReference(file.references, `plugins/${id}`) }),
    text => text.replace(/\{\s+("path": "[^"]+")\s+\}/g, '{ $1 }'),
  )
}

/** Puts a plugin among the plugins, in their order; what comes before and after them stays where it is. */
function withReference(references: readonly { path: string }[], path: string): { path: string }[] {
  const isPlugin = (reference: { path: string }) => reference.path.startsWith('plugins/')
  const first = references.findIndex(isPlugin)
  const plugins = [...references.filter(isPlugin), { path }].sort((a, b) => (a.path < b.path ? -1 : 1))
  return [...references.slice(0, first), ...plugins, ...references.slice(first).filter(reference => !isPlugin(reference))]
}

function edit<T>(path: string, change: (file: T) => T, layout = (text: string) => text): void {
  writeFileSync(path, layout(json(change(JSON.parse(readFileSync(path, 'utf8')) as T))))
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const sorted = <T>(object: Record<string, T>) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
const compactLists = (text: string) => text.replace(/\[\s+([^\]{}]*?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)
