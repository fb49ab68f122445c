import { arnOf, type Config, type HttpInfo, type Scope } from '@ministack/gateway'
import { invalidRequest } from './errors.js'

const STANDARD_NAME = /^[\w-]{1,80}$/
const FIFO_NAME = /^(?=.{1,80}$)[\w-]+\.fifo$/

/**
 * Checks a new queue's name.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 * @throws AwsError InvalidParameterValue
 */
export function checkQueueName(name: string, fifo: boolean): void {
  if (fifo) {
    if (FIFO_NAME.test(name)) return
    throw invalidRequest(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    )
  }
  if (!STANDARD_NAME.test(name))
    throw invalidRequest('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length')
}

export function queueArn({ account, region }: Scope, name: string): string {
  return arnOf('sqs', region, account, name)
}

/** Where a request came in, as far as queue URLs show it. */
interface Addressed {
  readonly config: Pick<Config, 'host' | 'port' | 'ssl'>
  readonly http: Pick<HttpInfo, 'host' | 'secure'> | undefined
}

/** The URL of a queue, on the configured host or else the one that the request came to. */
export function queueUrl({ config, http }: Addressed, account: string, name: string): string {
  const scheme = (http ? http.secure : config.ssl) ? 'https' : 'http'
  return `${scheme}://${hostOf(config, http)}/${account}/${name}`
}

function hostOf(config: Addressed['config'], http: Addressed['http']): string {
  if (config.host === undefined) return http?.host || `localhost:${config.port}`
  return /:\d+$/.test(config.host) ? config.host : `${config.host}:${config.port}`
}

const PATH_END = /^\d{12}\/[\w.-]{1,80}$/

/** The `{account}/{name}` at the end of a queue's URL or path, whatever its host; undefined where there is none. */
export function queuePath(url: string): string | undefined {
  const slash = url.lastIndexOf('/', url.lastIndexOf('/') - 1)
  const path = url.slice(slash + 1)
  return slash >= 0 && PATH_END.test(path) ? path : undefined
}
