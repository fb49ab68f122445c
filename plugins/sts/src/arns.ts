import { createHash } from 'node:crypto'
import { parseArn } from '@ministack/gateway'
import { validationError } from './errors.js'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** An IAM resource that an ARN names. */
export interface IamResource {
  readonly arn: string
  readonly partition: string
  readonly account: string
  /** The last part: a role's name without its path. */
  readonly name: string
}

/**
 * Reads the ARN of an IAM resource such as a role.
 * @param type the resource type before the first slash: `role`, `saml-provider`.
 * @param partition the partition of the region that is called; ARNs don't reach across partitions.
 * @throws ValidationError for anything else.
 */
export function iamResource(arn: string, type: string, partition: string): IamResource {
  const parts = parseArn(arn)
  if (!parts) throw validationError(`${arn} is invalid`)
  const { service, region, account } = parts
  const path = parts.resource.split('/')
  const name = path.at(-1) ?? ''
  const named = path[0] === type && path.length > 1 && /^[\w+=,.@-]{1,128}$/.test(name)
  if (parts.partition !== partition || service !== 'iam' || region !== '' || !/^\d{12}$/.test(account) || !named) {
    throw validationError('Request ARN is invalid')
  }
  return { arn, partition, account, name }
}

/** The unique id of a role, the same each time: `AROA` and 17 letters and digits, as IAM gives them. Role names are unique in an account, paths aside. */
export function roleId(role: IamResource): string {
  const digest = createHash('sha256').update(`${role.account}:${role.name.toLowerCase()}`).digest()
  let id = 'AROA'
  for (let i = 0; i < 17; i++) id += BASE32[digest[i]! & 31]
  return id
}
