import type { PolicyDescriptorType } from '@aws-sdk/client-sts'
import { AwsError, type PolicyStatement, PolicySyntaxError, parsePolicy } from '@ministack/gateway'
import { validationError } from './errors.js'

/** A session's policies as they are kept: the inline document and the ARNs of the managed ones. */
export interface SessionPolicies {
  readonly policy?: string
  readonly policyArns?: readonly string[]
}

/**
 * Checks the session policies of a request.
 * @param account whose managed policies may be named, beside AWS's own.
 * @throws MalformedPolicyDocument, ValidationError
 */
export function sessionPolicies(
  policy: string | undefined,
  descriptors: readonly PolicyDescriptorType[] | undefined,
  account: string,
): SessionPolicies {
  if (policy !== undefined) checkPolicy(policy)
  const policyArns: string[] = []
  for (const { arn } of descriptors ?? []) {
    if (arn === undefined) continue
    const owner = /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/.exec(arn)?.[1]
    if (owner !== 'aws' && owner !== account) throw validationError(`${arn} is invalid`)
    policyArns.push(arn)
  }
  return { ...(policy !== undefined && { policy }), ...(policyArns.length > 0 && { policyArns }) }
}

function checkPolicy(text: string): void {
  try {
    for (const statement of parsePolicy(text, 'identity').Statement) checkNames(statement)
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw new AwsError('MalformedPolicyDocumentException', error.message)
    throw error
  }
}

/** What an identity policy's grammar asks of the names in it. */
function checkNames({ Action, NotAction, Resource, NotResource }: PolicyStatement): void {
  for (const action of [Action ?? NotAction ?? []].flat()) {
    if (action !== '*' && !/^[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+$/.test(action)) {
      throw new PolicySyntaxError('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
    }
  }
  for (const resource of [Resource ?? NotResource ?? []].flat()) {
    if (resource !== '*' && !/^(\*|arn):/.test(resource)) throw new PolicySyntaxError(`Resource ${resource} must be in ARN format or "*".`)
  }
}
