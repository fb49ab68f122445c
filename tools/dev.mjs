// The workspace's commands, in plain Node so that they work on a fresh clone: `node tools/dev.mjs <command> [arguments]`.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tapStamp = join(root, 'node_modules/.ministack-tap')

const commands = {
  start: [start, 'install, build and serve; arguments go to `ministack`'],
  test: [tests(isNotEndToEnd), 'install, build and run every test; a part of a path picks the files'],
  e2e: [tests(isEndToEnd), 'the end-to-end tests, through real clients'],
  build: [() => {}, 'install and build'],
  bench: [tool('bench'), 'measure the server beside a bare one'],
  check: [tool('check'), 'the architecture checks'],
  docs: [tool('docs'), "write the READMEs' generated parts; `--check` only compares"],
  'new-plugin': [tool('new-plugin'), '<sdk client>: scaffold a service plugin'],
  'generate-models': [tool('generate-models'), "[plugin...]: write the plugins' models anew; `--notes` lists where the sources differ"],
}

const [name = 'help', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!command) {
  const width = Math.max(...Object.keys(commands).map(each => each.length))
  const usage = Object.entries(commands).map(([each, [, what]]) => `  ${each.padEnd(width)}  ${what}`)
  console.log(`node tools/dev.mjs <command> [arguments]\n\n${usage.join('\n')}`)
  process.exit(name === 'help' || name === '--help' ? 0 : 2)
}
process.chdir(root)
install()
build(name === 'start' ? packages().filter(isServed) : packages())
await command[0](args)

/** Serves in this very process, so that a signal sent to it reaches the server. */
async function start(args) {
  const bin = join(root, 'ministack/bin/ministack.mjs')
  process.argv = [process.argv[0], bin, ...args]
  await import(pathToFileURL(bin).href)
}

/** A command of the compiled tools package. */
function tool(command) {
  return async args => {
    const { main } = await import(pathToFileURL(join(root, 'tools/dist/src/main.js')).href)
    process.exitCode = await main(command, args, root)
  }
}

/**
 * Installs what package-lock.json says, unless npm's own record says that it is there. Not with `npm ci`: that refuses a lock file without
 * the binaries of every other platform, which a registry mirror may lack.
 */
function install() {
  if (isInstalled()) return
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], 'The installation failed.')
}

function isInstalled() {
  const record = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(record, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    const there = present[path]
    if (path === '' || (entry.optional && !there)) return true
    return there !== undefined && there.version === entry.version && there.integrity === entry.integrity
  })
}

/** Compiles packages, unless no source of theirs has changed since they were last compiled. */
function build(folders) {
  const stamp = join(root, `node_modules/.ministack-built-${folders.length}`)
  const state = sourceState(folders)
  const projects = folders.filter(hasProject)
  const isCompiled = projects.every(folder => existsSync(join(folder, 'dist/.tsbuildinfo')))
  if (isCompiled && existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  rmSync(stamp, { force: true })
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...projects], 'The build failed.')
  writeFileSync(stamp, state)
}

/** A digest of every source's path, size and time. */
function sourceState(folders) {
  const hash = createHash('sha256')
  const add = path => {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  for (const file of ['tsconfig.base.json', 'package-lock.json']) add(file)
  for (const folder of folders) {
    for (const part of ['tsconfig.json', 'package.json']) if (existsSync(join(folder, part))) add(join(folder, part))
    for (const part of ['src', 'test']) for (const file of filesIn(join(folder, part))) add(file)
  }
  return hash.digest('hex')
}

function hasProject(folder) {
  return existsSync(join(folder, 'tsconfig.json'))
}

/** What the server is made of: it starts, whatever state the tools and end-to-end tests are in. */
function isServed(folder) {
  return folder !== 'tools' && folder !== 'test-e2e'
}

function isEndToEnd(folder) {
  return folder === 'test-e2e'
}

function isNotEndToEnd(folder) {
  return folder !== 'test-e2e'
}

/** The workspace's package folders. */
function packages() {
  return ['gateway', ...readdirSync('plugins').map(id => `plugins/${id}`), 'ministack', 'tools', 'test-e2e']
}

function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function testFiles(wanted) {
  return packages()
    .filter(wanted)
    .flatMap(folder => filesIn(join(folder, 'dist/test')))
    .filter(
      file => file.endsWith('.test.js') && !file.includes('/fixtures/') && existsSync(file.replace('/dist/', '/').replace(/\.js$/, '.ts')),
    )
}

/** The command that runs the tests of some packages. */
function tests(wanted) {
  return args => runTests(testFiles(wanted), args)
}

/** Runs tests with tap and ends with one plain line: `N passed, N failed`. */
async function runTests(files, args) {
  const options = args.filter(arg => arg.startsWith('-'))
  const picks = args.filter(arg => !arg.startsWith('-'))
  const picked = picks.length ? files.filter(file => picks.some(pick => file.includes(pick))) : files
  if (!picked.length) fail(`No test matches ${picks.join(' ') || 'at all'}.`)
  const tap = join(root, 'node_modules/tap/dist/esm/run.mjs')
  buildTap(tap)
  const child = spawn(process.execPath, [tap, '--disable-coverage', '--reporter=terse', ...options, ...picked], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  let tail = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    process.stdout.write(text)
    tail = (tail + text).slice(-4096)
  })
  const [code] = await once(child, 'close')
  const summary = /# \{ total: \d+(?:, pass: (\d+))?(?:, fail: (\d+))?/.exec(tail)
  const passed = Number(summary?.[1] ?? 0)
  // A file that dies without a failed assertion is a failure too.
  const failed = Math.max(Number(summary?.[2] ?? 0), code === 0 ? 0 : 1)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed ? 1 : 0
}

/** tap compiles itself for the plugins that .taprc names; a fresh node_modules has that still to come. */
function buildTap(tap) {
  const config = readFileSync(join(root, '.taprc'), 'utf8')
  if (existsSync(tapStamp) && readFileSync(tapStamp, 'utf8') === config) return
  run(process.execPath, [tap, 'build'], 'tap could not be built.')
  writeFileSync(tapStamp, config)
}

function run(program, args, failure) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) fail(error ? `${failure} ${error.message}` : failure)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
