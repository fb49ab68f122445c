import type {
  ApproximateCreationDateTimePrecision,
  AttributeDefinition,
  AutoScalingTargetTrackingScalingPolicyConfigurationDescription,
  BillingMode,
  ContributorInsightsMode,
  IndexStatus,
  KeySchemaElement,
  OnDemandThroughput,
  OnDemandThroughputOverride,
  Projection,
  ProvisionedThroughputOverride,
  ReplicaGlobalSecondaryIndex,
  SSEDescription,
  StreamViewType,
  TableClass,
  TableStatus,
  Tag,
} from '@aws-sdk/client-dynamodb'

/** Provisioned capacity; zero for on-demand tables. Times are milliseconds since the epoch. */
export interface Throughput {
  read: number
  write: number
  increasedAt?: number
  decreasedAt?: number
  /** Decreases on the day of `decreasedAt`. */
  decreases: number
  /** What it becomes when the table or index is done updating. */
  next?: { readonly read: number; readonly write: number }
}

/** Capacity that a table or index can take at once, as far as it was asked for. */
export interface Warm {
  readonly read?: number
  readonly write?: number
}

export interface IndexRecord {
  readonly name: string
  readonly arn: string
  readonly keySchema: KeySchemaElement[]
  readonly projection: Projection
}

export interface GlobalIndexRecord extends IndexRecord {
  status: IndexStatus
  backfilling?: boolean
  throughput: Throughput
  onDemand?: OnDemandThroughput
  warm?: Warm
}

/** A table's stream, the present one or the last. */
export interface StreamRecord {
  readonly arn: string
  readonly label: string
  readonly viewType: StreamViewType
  readonly createdAt: number
  enabled: boolean
}

/** A table's time to live. */
export interface TimeToLive {
  readonly attribute: string
  readonly enabled: boolean
  readonly changedAt: number
  /** While it is on its way there: `ENABLING`, `DISABLING`. */
  readonly settling?: true
}

/** A table's recovery to any point in time: since when, and how many days back. */
export interface PointInTimeRecovery {
  readonly enabledAt: number
  readonly days: number
}

/** A resource-based policy. */
export interface ResourcePolicy {
  readonly text: string
  readonly revision: string
}

/** Contributor insights of a table or index. */
export interface Insights {
  readonly enabled: boolean
  readonly mode: ContributorInsightsMode
  readonly changedAt: number
}

/** A Kinesis data stream that a table's changes go to. */
export interface KinesisDestination {
  readonly arn: string
  readonly enabled: boolean
  readonly precision: ApproximateCreationDateTimePrecision
}

/** How a table's, an index's or a replica's capacity would be scaled. */
export interface AutoScaling {
  readonly minimum: number
  readonly maximum: number
  readonly role: string
  /** Undefined as long as there is a range without a policy that moves capacity in it. */
  readonly policyName?: string
  readonly policy?: AutoScalingTargetTrackingScalingPolicyConfigurationDescription
}

/** A member of a global table, as the others know it. */
export interface ReplicaRecord {
  readonly region: string
  /** Given where the members are in different accounts. */
  readonly account?: string
  readonly key?: string
  readonly throughput?: ProvisionedThroughputOverride
  readonly onDemand?: OnDemandThroughputOverride
  readonly indexes?: ReplicaGlobalSecondaryIndex[]
  readonly tableClass?: TableClass
}

/** A table, as it is stored; its items are in the {@link ItemStore} under its id. */
export interface TableRecord {
  readonly name: string
  /** Differs for each table, also of the same name. */
  readonly id: string
  readonly arn: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  status: TableStatus
  readonly keySchema: KeySchemaElement[]
  attributeDefinitions: AttributeDefinition[]
  readonly localIndexes: IndexRecord[]
  globalIndexes: GlobalIndexRecord[]
  billingMode: BillingMode
  /** When it last became on-demand. */
  onDemandSince?: number
  throughput: Throughput
  onDemand?: OnDemandThroughput
  warm?: Warm
  tableClass?: TableClass
  tableClassChangedAt?: number
  deletionProtection: boolean
  sse?: SSEDescription
  /** What the encryption is about to become; nothing for the key that DynamoDB owns. */
  sseChange?: { readonly to?: SSEDescription }
  stream?: StreamRecord
  ttl?: TimeToLive
  pitr?: PointInTimeRecovery
  policy?: ResourcePolicy
  /** The policy of the table's stream. */
  streamPolicy?: ResourcePolicy
  /** Contributor insights by index; the table's own under the empty name. */
  insights?: Record<string, Insights>
  kinesis?: KinesisDestination[]
  /** Auto scaling settings, by what they are of. */
  scaling?: Record<string, AutoScaling>
  /** The other members of the global table. */
  replicas?: ReplicaRecord[]
  /** Whether the table's settings may be replicated to other accounts. */
  settingsReplication?: 'ENABLED' | 'DISABLED'
  /** Given for a member of a global table that is consistent in all its regions. */
  consistency?: 'STRONG'
  /** The region of such a table's witness, which has no table of its own. */
  witness?: string
  /** Given for a member of a global table of the old version. */
  globalVersion?: '2017.11.29'
  /** What the table was restored from. */
  restored?: { readonly backupArn?: string; readonly tableArn: string; readonly at: number }
  /** While the items of a restore or an import are being put in: the table is dropped if that is cut short. */
  loading?: boolean
  tags: Tag[]
}
