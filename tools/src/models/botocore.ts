import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A shape of an AWS service model in the form that botocore carries. */
export interface BotoShape {
  readonly type: string
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly required?: readonly string[]
  readonly members?: Readonly<Record<string, { readonly shape: string }>>
  readonly member?: { readonly shape: string }
  readonly key?: { readonly shape: string }
  readonly value?: { readonly shape: string }
  readonly exception?: boolean
  readonly fault?: boolean
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number; readonly senderFault?: boolean; readonly fault?: boolean }
}

/** An AWS service model in the form that botocore carries (`service-2.json`). */
export interface BotoModel {
  readonly metadata: {
    readonly serviceId: string
    readonly serviceFullName: string
    readonly protocol: string
    readonly protocols?: readonly string[]
    readonly jsonVersion?: string
    readonly endpointPrefix?: string
  }
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly input?: { readonly shape: string }
        readonly output?: { readonly shape: string }
        readonly errors?: readonly { readonly shape: string }[]
      }
    >
  >
  readonly shapes: Readonly<Record<string, BotoShape>>
}

/** The AWS service models of an installed botocore, found by service id. */
export class BotocoreData {
  readonly version: string
  readonly #data: string
  #directories: Map<string, { directory: string; version: string }> | undefined

  /** @param home botocore's package directory; the one that `python3` imports by default */
  constructor(home = process.env.BOTOCORE_HOME ?? findBotocore()) {
    this.#data = join(home, 'data')
    const source = readFileSync(join(home, '__init__.py'), 'utf8')
    this.version = /^__version__ = '([^']+)'/m.exec(source)?.[1] ?? 'unknown'
  }

  /**
   * The model of a service.
   *
   * @param apiVersion taken when there is one of that date, else the newest
   * @throws when botocore has no service of that id
   */
  read(serviceId: string, apiVersion: string): { model: BotoModel; name: string } {
    this.#directories ??= this.#index()
    const found = this.#directories.get(serviceId)
    if (!found) throw new Error(`botocore ${this.version} has no service '${serviceId}'`)
    const wanted = join(this.#data, found.directory, apiVersion)
    const version = existsSync(wanted) ? apiVersion : found.version
    return { model: readModel(join(this.#data, found.directory, version)), name: `${found.directory}/${version}` }
  }

  #index(): Map<string, { directory: string; version: string }> {
    const index = new Map<string, { directory: string; version: string }>()
    for (const directory of readdirSync(this.#data).sort()) {
      const path = join(this.#data, directory)
      if (!existsSync(path) || directory.includes('.') || directory.startsWith('_')) continue
      const version = readdirSync(path)
        .filter(name => /^\d{4}-/.test(name))
        .sort()
        .pop()
      if (version) index.set(readModel(join(path, version)).metadata.serviceId, { directory, version })
    }
    return index
  }
}

function findBotocore(): string {
  try {
    const file = execFileSync('python3', ['-c', 'import botocore; print(botocore.__file__)'], { encoding: 'utf8' })
    return dirname(file.trim())
  } catch (cause) {
    throw new Error('The constraints come from botocore: `pip install botocore`, or set BOTOCORE_HOME to its package directory', { cause })
  }
}

function readModel(directory: string): BotoModel {
  const packed = join(directory, 'service-2.json.gz')
  const text = existsSync(packed) ? gunzipSync(readFileSync(packed)).toString() : readFileSync(join(directory, 'service-2.json'), 'utf8')
  return JSON.parse(text) as BotoModel
}
