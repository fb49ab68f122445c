import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostName } from '../routing/index.js'
import type { Config } from '../runtime/config.js'
import { ConfigError } from './config.js'

/** A private key and its certificate, in PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

const LOCAL_NAMES = ['localhost', '*.localhost', 'localhost.localstack.cloud', '*.localhost.localstack.cloud', '*.amazonaws.com']
const DAY = 86_400_000

/**
 * The certificate that the configuration names, else a self-made one, kept beside the state when that is kept, so that a client may trust it for good.
 * @throws ConfigError for a file that can't be read.
 */
export async function certificateFor(config: Config): Promise<Certificate> {
  if (config.sslKey !== undefined && config.sslCert !== undefined) {
    const [key, cert] = await Promise.all([read('MINISTACK_SSL_KEY', config.sslKey), read('MINISTACK_SSL_CERT', config.sslCert)])
    return { key, cert }
  }
  if (!config.persist) return selfMade(config)
  const dir = join(config.stateDir, 'tls')
  const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  try {
    const [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')])
    return { key, cert }
  } catch {
    const made = await selfMade(config)
    await mkdir(dir, { recursive: true })
    await Promise.all([writeFile(keyFile, made.key, { mode: 0o600 }), writeFile(certFile, made.cert)])
    return made
  }
}

async function read(variable: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`${variable}: ${(error as Error).message}`)
  }
}

async function selfMade(config: Config): Promise<Certificate> {
  // Loaded only for the first TLS hello: most runs never see one.
  const { generate } = await import('selfsigned')
  const own = config.host === undefined ? [] : [hostName(config.host), `*.${hostName(config.host)}`]
  const regional = `*.${config.region}.amazonaws.com`
  const altNames = [
    ...[...LOCAL_NAMES, regional, ...own].map(value => ({ type: 2 as const, value })),
    ...['127.0.0.1', '::1'].map(ip => ({ type: 7 as const, ip })),
  ]
  const now = Date.now()
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + 825 * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  })
  return { key: made.private, cert: made.cert }
}
