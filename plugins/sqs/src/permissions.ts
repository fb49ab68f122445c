import { arnOf, type OneOrMore, type PolicyDocument, type PolicyStatement, parseArn } from '@ministack/gateway'
import { overLimit } from './attributes.js'
import { invalidParameter } from './errors.js'

/** The actions that can be granted, without their batch forms, which follow them. */
const GRANTABLE: readonly string[] = [
  '*',
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
]

const OWNERS_ONLY: readonly string[] = [
  'AddPermission',
  'CancelMessageMoveTask',
  'CreateQueue',
  'DeleteQueue',
  'ListMessageMoveTasks',
  'ListQueueTags',
  'ListQueues',
  'RemovePermission',
  'SetQueueAttributes',
  'StartMessageMoveTask',
  'TagQueue',
  'UntagQueue',
]

const LABEL = /^[\w-]{1,80}$/
const ACCOUNT = /^\d{12}$/
const MAX_ACTIONS = 7
const MAX_STATEMENTS = 20

/** @throws AwsError InvalidParameterValue */
export function checkLabel(label: string): void {
  if (!LABEL.test(label)) {
    throw invalidParameter('Label', label, 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.')
  }
}

/** What AddPermission grants. */
export interface Grant {
  readonly label: string
  readonly accounts: readonly string[]
  readonly actions: readonly string[]
}

/**
 * Adds the statement of an AddPermission to a queue's policy.
 * @param policy the policy so far; undefined for none
 * @throws AwsError OverLimit, InvalidParameterValue
 */
export function addPermission(policy: PolicyDocument | undefined, arn: string, { label, accounts, actions }: Grant): PolicyDocument {
  checkLabel(label)
  overLimit(actions.length, MAX_ACTIONS, 'Actions')
  for (const action of actions) {
    if (GRANTABLE.includes(action)) continue
    const reason = OWNERS_ONLY.includes(action)
      ? 'Only the queue owner is allowed to invoke this action.'
      : 'Please refer to the appropriate WSDL for a list of valid actions.'
    throw invalidParameter('ActionName', `SQS:${action}`, reason)
  }
  const unknown = accounts.filter(account => !ACCOUNT.test(account))
  if (unknown.length > 0) throw invalidParameter('PrincipalId', JSON.stringify(unknown), 'Unable to verify.')
  const statements = policy?.Statement ?? []
  if (statements.some(statement => statement.Sid === label)) throw invalidParameter('Label', label, 'Already exists.')
  overLimit(statements.length + 1, MAX_STATEMENTS, 'Statements')
  const { partition } = parseArn(arn)!
  const statement: PolicyStatement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrMore(accounts.map(account => arnOf('iam', '', account, 'root', partition))) },
    Action: oneOrMore(actions.map(action => `SQS:${action}`)),
    Resource: arn,
  }
  return { ...(policy ?? { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy` }), Statement: [...statements, statement] }
}

/** Takes the statement with that label out; undefined when it was the last. @throws AwsError InvalidParameterValue */
export function removePermission(policy: PolicyDocument | undefined, label: string): PolicyDocument | undefined {
  const statements = policy?.Statement ?? []
  const left = statements.filter(statement => statement.Sid !== label)
  if (left.length === statements.length) throw invalidParameter('Label', label, "can't find label on existing policy")
  return left.length > 0 ? { ...policy, Statement: left } : undefined
}

function oneOrMore(values: readonly string[]): OneOrMore<string> {
  return values.length === 1 ? values[0]! : values
}
