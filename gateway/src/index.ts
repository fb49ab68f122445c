export {
  type Answer,
  type AnyHandler,
  forService,
  type Handler,
  type HandlerInput,
  type HandlerOutput,
  type PluginDefinition,
  type ServiceDefinition,
  type ServiceHooks,
  type ServiceKit,
  type StreamingOutput,
} from './authoring/define.js'
export { AwsError, type AwsErrorOptions, notImplemented } from './authoring/errors.js'
export type { Input, OperationName, Operations, Output, ServiceClient } from './authoring/operations.js'
export { type Page, type PageOptions, pageToken, paginate, readPageToken } from './authoring/pagination.js'
export { definePlugin, type Plugin } from './authoring/plugin.js'
export {
  type OneOrMore,
  type PolicyDocument,
  type PolicyKind,
  type PolicyStatement,
  PolicySyntaxError,
  parsePolicy,
} from './authoring/policy.js'
export { evaluatePolicy, like, type PolicyDecision, type PolicyRequest } from './authoring/policy-evaluation.js'
export { processStart } from './authoring/process-start.js'
export type { RecyclingStream } from './authoring/recycling.js'
export { parseSchedule, type Schedule, ScheduleSyntaxError } from './authoring/schedule/schedule.js'
export { type WholeBody, wholeBody } from './authoring/whole-body.js'
export { accountOfAccessKeyId } from './runtime/access-keys.js'
export { type Arn, arnOf, parseArn, partitionOf } from './runtime/arn.js'
export type { Background, BackgroundTask } from './runtime/background.js'
export { type Clock, FakeClock, SystemClock, type Timer } from './runtime/clock.js'
export type { Config } from './runtime/config.js'
export type { Bound, Caller, Context, HttpInfo, Services } from './runtime/context.js'
export type { AccessKey, Credentials } from './runtime/credentials.js'
export { createLog, type Log, type LogLevel } from './runtime/log.js'
export type { DataPlane, Manifest, MatchRules, ServiceManifest } from './runtime/manifest.js'
export {
  AccountScopedDict,
  type ChangeSink,
  type DictView,
  type Durable,
  type Level,
  type Scope,
  type Stored,
} from './runtime/scoped-dict.js'
export type { Unit } from './runtime/unit.js'
