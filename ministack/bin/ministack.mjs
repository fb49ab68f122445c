#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`MiniStack needs Node.js 20.19 or newer (22 is best), and this is ${process.versions.node}.`)
  process.exit(1)
}
const cli = new URL('../dist/src/cli.js', import.meta.url)
if (!existsSync(cli)) {
  console.error('MiniStack is not built: run `npm start` or `npm run build` at the root of the workspace.')
  process.exit(1)
}
// Compiled code is kept for the next start, by Node versions that can (22.8 and newer).
module.enableCompileCache?.()
const { main } = await import(cli.href)
await main(process.argv.slice(2))
