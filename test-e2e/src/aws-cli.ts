import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './programs.js'
import { type Client, UnknownOperation } from './scenarios.js'

/** The operations whose body goes to a file, and what the SDKs call it. */
const BODIES: Readonly<Record<string, string>> = {
  GetObject: 'Body',
  GetObjectAnnotation: 'AnnotationPayload',
  GetObjectTorrent: 'Body',
  SelectObjectContent: 'Payload',
}

/** The AWS CLI, a process a request. */
export function cli(env: Record<string, string>): Client {
  return {
    call: async (service, operation, region, input) => {
      const command = kebab(operation)
      const member = BODIES[operation]
      const folder = member && (await mkdtemp(join(tmpdir(), 'ministack-cli-')))
      const file = folder && join(folder, 'body')
      try {
        // One request a command, as the other clients send: the CLI would otherwise follow the pages to their end.
        const args = [service === 's3' ? 's3api' : service, command, '--no-paginate', '--region', region, '--output', 'json']
        const given = file ? [...options(input), file] : ['--cli-input-json', JSON.stringify(input)]
        const { code, stdout, stderr } = await run('aws', [...args, ...given], { env })
        if (/invalid choice/i.test(stderr)) throw new UnknownOperation(stderr)
        if (code !== 0) throw new Error(stderr)
        const output = stdout.trim() === '' ? {} : JSON.parse(stdout)
        return file && member ? { ...output, [member]: await readFile(file, 'utf8') } : output
      } finally {
        if (folder) await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** The input as options, for the commands that insist on them: those with a file. */
function options(input: object): string[] {
  return Object.entries(input).flatMap(([name, value]) => [
    `--${kebab(name)}`,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ])
}

function kebab(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase()
}
