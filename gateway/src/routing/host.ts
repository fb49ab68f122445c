/** What a host name says, once the parts that only say where are taken off. */
export interface HostName {
  /** Lower case, without port and final dot. */
  readonly name: string
  /** The same with `localhost` in place of this server's other names, as plugins' host patterns may have it. */
  readonly local: string
  /** What is left of the known domain without region, account and endpoint variants: `sqs`, `api.ecr`, `bucket.s3`; empty for the bare domain or a foreign name. */
  readonly service: string
  readonly region: string | undefined
}

const LOCAL = ['localhost.localstack.cloud', 'localhost']
const AWS = ['amazonaws.com', 'amazonaws.com.cn', 'api.aws', 'api.amazonwebservices.com.cn', 'on.aws']
const REGION = /^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/
const ACCOUNT = /^\d{12}$/

/**
 * Takes a host name apart.
 * @param header the Host header, with or without a port.
 * @param own the name that `MINISTACK_HOST` gives this server.
 */
export function parseHost(header: string, own: string | undefined): HostName {
  const name = hostName(header)
  const local = [...(own ? [hostName(own)] : []), ...LOCAL]
  for (const domain of [...local, ...AWS]) {
    if (name === domain) return { name, local: local.includes(domain) ? 'localhost' : name, service: '', region: undefined }
    if (!name.endsWith(`.${domain}`)) continue
    const rest = name.slice(0, -domain.length - 1)
    const labels = rest.split('.')
    const region = labels.findLast(label => REGION.test(label))
    const service = labels
      .filter((label, i) => label !== region && label !== 'dualstack' && label !== 'fips' && !(i === 0 && ACCOUNT.test(label)))
      .map(label => label.replace(/-fips$/, ''))
      .join('.')
    return { name, local: local.includes(domain) ? `${rest}.localhost` : name, service, region }
  }
  return { name, local: name, service: '', region: undefined }
}

/** A Host header without its port, in lower case. */
export function hostName(header: string): string {
  const lower = header.toLowerCase()
  if (lower.startsWith('[')) return lower.slice(0, lower.indexOf(']') + 1)
  const colon = lower.indexOf(':')
  const name = colon === -1 ? lower : lower.slice(0, colon)
  return name.endsWith('.') ? name.slice(0, -1) : name
}
