import { type PolicyDocument, parsePolicy } from '@ministack/gateway'
import { missingParameter } from '../errors.js'
import { operation } from '../kit.js'
import { removePermission as withoutPermission, addPermission as withPermission } from '../permissions.js'
import type { Queue } from '../queue.js'
import { queueAt } from '../state.js'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
export const addPermission = operation('AddPermission', (ctx, { QueueUrl, Label, AWSAccountIds, Actions }) => {
  const queue = queueAt(ctx, QueueUrl)
  if (!Label) throw missingParameter('Label')
  if (!AWSAccountIds?.length) throw missingParameter('AWSAccountIds')
  if (!Actions?.length) throw missingParameter('Actions')
  setPolicy(queue, withPermission(policyOf(queue), queue.arn, { label: Label, accounts: AWSAccountIds, actions: Actions }))
  return {}
})

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html */
export const removePermission = operation('RemovePermission', (ctx, { QueueUrl, Label }) => {
  const queue = queueAt(ctx, QueueUrl)
  if (!Label) throw missingParameter('Label')
  setPolicy(queue, withoutPermission(policyOf(queue), Label))
  return {}
})

function policyOf(queue: Queue): PolicyDocument | undefined {
  const { Policy } = queue.record.attributes
  return Policy ? parsePolicy(Policy, 'resource') : undefined
}

function setPolicy(queue: Queue, policy: PolicyDocument | undefined): void {
  const { Policy: _, ...others } = queue.record.attributes
  queue.configure(policy ? { ...others, Policy: JSON.stringify(policy) } : others)
}
