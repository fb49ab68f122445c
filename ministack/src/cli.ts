import { parseArgs } from 'node:util'
import { detach, stop, tellParent } from './daemon.js'
import { clientEnvironment } from './endpoint.js'
import { version } from './package.js'
import { exportLines } from './shell.js'

const HELP = `MiniStack, a local AWS on one port.

  ministack [options]     serve until Ctrl+C
  ministack env           print what a shell must export: eval "$(ministack env)"

  -p, --port <port>       listen on this port (GATEWAY_PORT, 4566)
  -s, --services <names>  serve only these, separated by commas (SERVICES, all)
      --persist           keep state over restarts, in STATE_DIR (PERSIST_STATE)
  -d, --detach            run in the background; returns once it answers
      --stop              stop the one that runs in the background on this port
  -v, --version           print the version
  -h, --help              print this

Everything else is set by environment variables; the README lists them.
`

/** What the command line asks for. */
interface Command {
  readonly action: 'serve' | 'detach' | 'stop' | 'env' | 'version' | 'help'
  /** Variables that options stand for; they win over the environment's. */
  readonly env: Readonly<Record<string, string>>
}

/** Runs the command line program; sets the exit code: 1 for what failed, 2 for arguments that aren't understood. */
export async function main(args: readonly string[]): Promise<void> {
  let command: Command
  try {
    command = parse(args)
  } catch (error) {
    // Node adds advice on how to pass such a thing as a positional argument, which isn't taken either.
    process.stderr.write(`${(error as Error).message.split('. ')[0]}\n\n${HELP}`)
    process.exitCode = 2
    return
  }
  const env = { ...process.env, ...command.env }
  try {
    switch (command.action) {
      case 'help':
        process.stdout.write(HELP)
        break
      case 'version':
        process.stdout.write(`${version()}\n`)
        break
      case 'env':
        process.stdout.write(exportLines(clientEnvironment(env), process.env.SHELL))
        break
      case 'detach':
        process.stdout.write(`${await detach(env)}\n`)
        break
      case 'stop':
        process.stdout.write(`${await stop(env)}\n`)
        break
      case 'serve': {
        // Loaded only here: it is most of the program, and the other commands answer at once without it.
        const { serve } = await import('./serve.js')
        await serve(env)
      }
    }
  } catch (error) {
    await fail(error)
  }
}

/** @throws Error that says which argument isn't understood. */
function parse(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      port: { type: 'string', short: 'p' },
      services: { type: 'string', short: 's' },
      persist: { type: 'boolean' },
      detach: { type: 'boolean', short: 'd' },
      stop: { type: 'boolean' },
      version: { type: 'boolean', short: 'v' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [word, ...rest] = positionals
  if ((word !== undefined && word !== 'env') || rest.length > 0) throw new Error(`unknown command '${positionals.join(' ')}'`)
  if (values.port !== undefined && !/^\d{1,5}$/.test(values.port)) throw new Error(`--port takes a number, not '${values.port}'`)
  if (values.services !== undefined && values.services.trim() === '') throw new Error('--services takes at least one name')
  const env = {
    ...(values.port !== undefined && { GATEWAY_PORT: values.port }),
    ...(values.services !== undefined && { SERVICES: values.services }),
    ...(values.persist && { PERSIST_STATE: '1' }),
  }
  const action = values.help
    ? 'help'
    : values.version
      ? 'version'
      : word === 'env'
        ? 'env'
        : values.stop
          ? 'stop'
          : values.detach
            ? 'detach'
            : 'serve'
  return { action, env }
}

/** Says what is wrong, in a line for what the user can put right, with its stack for what is our fault; nothing keeps running. */
async function fail(error: unknown): Promise<never> {
  const { message, stack } = error as Error
  const ours = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
  process.stderr.write(`${ours ? stack : message}\n`)
  tellParent({ error: message })
  process.exit(1)
}
