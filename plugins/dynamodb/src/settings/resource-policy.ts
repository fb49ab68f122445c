import { AwsError, evaluatePolicy, PolicySyntaxError, parsePolicy } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { checkKeepsReplicating } from '../replicas/multi-account.js'
import type { ResourcePolicy, TableRecord } from '../tables/record.js'

const RESOURCE_ARN = /^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):(\d{12}):table\/([a-zA-Z0-9_.-]+)(\/stream\/.+)?$/
const MAX_BYTES = 20 * 1024

/** A table or stream that has a policy, or may have one. */
interface Resource {
  readonly table: Readonly<TableRecord>
  readonly stream: boolean
}

/** @throws ValidationException for what is no ARN of a table or stream, ResourceNotFoundException when it isn't there. */
function resourceOf(ctx: Context, arn: string): Resource {
  const [, region, account, name, stream] = RESOURCE_ARN.exec(arn) ?? []
  if (!name) throw validation(`Invalid ResourceArn: ${arn}`)
  const table = region === ctx.region && account === ctx.account ? ctx.state.tables.get(name) : undefined
  if (!table || (stream && table.stream?.arn !== arn)) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`)
  }
  return { table, stream: stream !== undefined }
}

function policyOf({ table, stream }: Resource): ResourcePolicy | undefined {
  return stream ? table.streamPolicy : table.policy
}

/**
 * A policy as it is kept.
 * @throws ValidationException when the text isn't a policy, or shuts the caller out without saying so.
 */
export function newPolicy(ctx: Context, arn: string, text: string, confirmed: boolean | undefined): ResourcePolicy {
  if (Buffer.byteLength(text) > MAX_BYTES) throw validation(`Policy size has exceeded the maximum allowed size of ${MAX_BYTES} bytes`)
  try {
    const document = parsePolicy(text, 'resource')
    const locksOut = evaluatePolicy(document, { caller: ctx.caller, action: 'dynamodb:PutResourcePolicy', resource: arn }) === 'deny'
    if (locksOut && !confirmed) {
      throw validation(
        'The new resource-based policy will not allow you to update this policy in the future. Set ConfirmRemoveSelfResourceAccess to true to confirm.',
      )
    }
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw validation(`Invalid policy document: ${error.message}`)
    throw error
  }
  return { text, revision: String(ctx.clock.now()) }
}

function noPolicy(arn: string): AwsError {
  return new AwsError('PolicyNotFoundException', `Resource-based policy not found for the provided ResourceArn: ${arn}`)
}

/** @throws PolicyNotFoundException when the policy isn't at the revision that the request expects. */
function checkRevision(arn: string, policy: ResourcePolicy | undefined, expected: string | undefined): void {
  if (expected === undefined) return
  if (expected === 'NO_POLICY' ? policy !== undefined : policy?.revision !== expected) throw noPolicy(arn)
}

function write(ctx: Context, { table, stream }: Resource, policy: ResourcePolicy | undefined): void {
  ctx.state.tables.update(table.name, t => {
    const member = stream ? 'streamPolicy' : 'policy'
    if (policy) t[member] = policy
    else delete t[member]
  })
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html */
export const putResourcePolicy = operation('PutResourcePolicy', (ctx, input) => {
  const arn = input.ResourceArn!
  const policy = newPolicy(ctx, arn, input.Policy!, input.ConfirmRemoveSelfResourceAccess)
  const resource = resourceOf(ctx, arn)
  const old = policyOf(resource)
  checkRevision(arn, old, input.ExpectedRevisionId)
  // The same policy again is the same revision.
  if (old?.text === policy.text) return { RevisionId: old.revision }
  if (!resource.stream) checkKeepsReplicating(resource.table, policy)
  const revision = old && old.revision >= policy.revision ? String(Number(old.revision) + 1) : policy.revision
  write(ctx, resource, { text: policy.text, revision })
  return { RevisionId: revision }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html */
export const getResourcePolicy = operation('GetResourcePolicy', (ctx, { ResourceArn }) => {
  const policy = policyOf(resourceOf(ctx, ResourceArn!))
  if (!policy) throw noPolicy(ResourceArn!)
  return { Policy: policy.text, RevisionId: policy.revision }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html */
export const deleteResourcePolicy = operation('DeleteResourcePolicy', (ctx, { ResourceArn, ExpectedRevisionId }) => {
  const resource = resourceOf(ctx, ResourceArn!)
  const old = policyOf(resource)
  checkRevision(ResourceArn!, old, ExpectedRevisionId)
  if (!old) return {}
  if (!resource.stream) checkKeepsReplicating(resource.table, undefined)
  write(ctx, resource, undefined)
  return { RevisionId: old.revision }
})

/** What a resource's policy says of what a caller is about to do. */
export function policyDecision(ctx: Context, arn: string, policy: ResourcePolicy | undefined): 'allow' | 'deny' | 'none' {
  if (!policy) return 'none'
  return evaluatePolicy(parsePolicy(policy.text, 'resource'), {
    caller: ctx.caller,
    action: `dynamodb:${ctx.operation}`,
    resource: arn,
  })
}
