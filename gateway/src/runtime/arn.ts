/** The partition that a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  return 'aws'
}

/** `arn:{partition}:{service}:{region}:{account}:{resource}`; region and account may be empty. */
export function arnOf(service: string, region: string, account: string, resource: string, partition = partitionOf(region)): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`
}

/** The parts of an ARN. `resource` is all after the fifth colon. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

/** Takes an ARN apart; undefined for text that isn't one. */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:(aws[a-z-]*):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(text)
  if (!match) return undefined
  const [, partition = '', service = '', region = '', account = '', resource = ''] = match
  return { partition, service, region, account, resource }
}
