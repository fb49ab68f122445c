import { requireMayCall } from '../caller.js'
import { accessDenied, validationError } from '../errors.js'
import { issue } from '../issue.js'
import { operation } from '../kit.js'
import { isGlobalEndpoint } from '../regions.js'

const MAX_SECONDS = 900
/** The policies that a privileged session may be narrowed to. */
const TASK_POLICIES = new Set([
  'IAMAuditRootUserCredentials',
  'IAMCreateRootUserPassword',
  'IAMDeleteRootUserCredentials',
  'S3UnlockBucketPolicy',
  'SQSUnlockQueuePolicy',
])

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html */
export const assumeRoot = operation('AssumeRoot', (ctx, input) => {
  if (isGlobalEndpoint(ctx)) throw validationError('AssumeRoot is not supported on the global endpoint')
  const from = requireMayCall(ctx)
  if (from?.kind === 'root') throw accessDenied(`User: ${ctx.caller.arn} is not authorized to perform: sts:AssumeRoot`)
  const target = input.TargetPrincipal!
  const account = /^(?:arn:aws[a-z-]*:iam::(\d{12}):root|(\d{12}))$/.exec(target)
  const member = account?.[1] ?? account?.[2]
  if (member === undefined) throw validationError(`${target} is invalid`)
  const arn = input.TaskPolicyArn!.arn ?? ''
  const policy = /^arn:aws[a-z-]*:iam::aws:policy\/root-task\/(.+)$/.exec(arn)?.[1]
  if (policy === undefined || !TASK_POLICIES.has(policy)) throw validationError(`${arn} is not a valid task policy`)
  const granted = issue(ctx, {
    caller: { account: member, arn: `arn:${ctx.partition}:sts::${member}:assumed-root`, userId: member, type: 'root' },
    seconds: input.DurationSeconds ?? MAX_SECONDS,
    minTokenSize: input.MinimumSessionTokenSize,
    session: { kind: 'root', policyArns: [arn], ...(from?.sourceIdentity !== undefined && { sourceIdentity: from.sourceIdentity }) },
  })
  return { ...granted, SourceIdentity: from?.sourceIdentity }
})
