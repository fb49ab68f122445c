import type {
  ApproximateCreationDateTimePrecision,
  DestinationStatus,
  KinesisDataStreamDestination,
  KinesisStreamingDestinationOutput,
} from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { checkSettled } from '../operations/delete-table.js'
import { tableRecord } from '../tables/find.js'
import type { KinesisDestination, TableRecord } from '../tables/record.js'

const STREAM_ARN = /^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream\/[a-zA-Z0-9_.-]+$/
const DEFAULT_PRECISION: ApproximateCreationDateTimePrecision = 'MILLISECOND'

function output(
  table: Readonly<TableRecord>,
  StreamArn: string,
  status: DestinationStatus,
  precision?: ApproximateCreationDateTimePrecision,
): KinesisStreamingDestinationOutput {
  return {
    TableName: table.name,
    StreamArn,
    DestinationStatus: status,
    ...(precision && { EnableKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: precision } }),
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html */
export const enableKinesisStreamingDestination = operation('EnableKinesisStreamingDestination', async (ctx, input) => {
  const arn = input.StreamArn!
  if (!STREAM_ARN.test(arn)) throw validation(`Invalid StreamArn: ${arn}`)
  const { name } = tableRecord(ctx, input.TableName!)
  await checkStream(ctx, arn)
  // The table may have changed meanwhile.
  const table = tableRecord(ctx, name)
  checkSettled(table)
  const old = table.kinesis?.find(d => d.arn === arn)
  if (old?.enabled) {
    throw validation(
      'Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.',
    )
  }
  if (table.kinesis?.some(d => d.enabled)) {
    throw validation('Table is already enabled for a Kinesis Data Stream: a table can have one active destination')
  }
  const precision = input.EnableKinesisStreamingConfiguration?.ApproximateCreationDateTimePrecision ?? DEFAULT_PRECISION
  ctx.state.tables.update(name, t => {
    t.kinesis = [...(t.kinesis ?? []).filter(d => d.arn !== arn), { arn, enabled: true, precision }]
  })
  return output(table, arn, 'ENABLING', precision)
})

/** @throws ResourceNotFoundException when Kinesis doesn't have the stream. */
async function checkStream(ctx: Context, StreamARN: string): Promise<void> {
  try {
    await ctx.services.kinesis.describeStreamSummary({ StreamARN })
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') {
      throw new AwsError('ResourceNotFoundException', `Requested resource not found: Kinesis Data Stream: ${StreamARN} not found`)
    }
    throw error
  }
}

/** @throws ResourceNotFoundException when the table doesn't stream there, ValidationException when it did once. */
function activeDestination(table: Readonly<TableRecord>, arn: string, operation: 'DISABLE' | 'UPDATE'): KinesisDestination {
  checkSettled(table)
  const destination = table.kinesis?.find(d => d.arn === arn)
  if (!destination) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${table.name} has no destination: ${arn}`)
  }
  if (!destination.enabled) {
    throw validation(
      `Table is not in a valid state to ${operation.toLowerCase()} Kinesis Streaming Destination: KinesisStreamingDestination must be ACTIVE to perform ${operation} operation.`,
    )
  }
  return destination
}

function replace(ctx: Context, table: Readonly<TableRecord>, destination: KinesisDestination): void {
  ctx.state.tables.update(table.name, t => {
    t.kinesis = t.kinesis!.map(d => (d.arn === destination.arn ? destination : d))
  })
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DisableKinesisStreamingDestination.html */
export const disableKinesisStreamingDestination = operation('DisableKinesisStreamingDestination', (ctx, { TableName, StreamArn }) => {
  const table = tableRecord(ctx, TableName!)
  const destination = activeDestination(table, StreamArn!, 'DISABLE')
  replace(ctx, table, { ...destination, enabled: false })
  return output(table, StreamArn!, 'DISABLING')
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateKinesisStreamingDestination.html */
export const updateKinesisStreamingDestination = operation('UpdateKinesisStreamingDestination', (ctx, input) => {
  const table = tableRecord(ctx, input.TableName!)
  const precision = input.UpdateKinesisStreamingConfiguration?.ApproximateCreationDateTimePrecision
  if (precision === undefined) {
    throw validation(
      'Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot be null or contain only null values',
    )
  }
  const destination = activeDestination(table, input.StreamArn!, 'UPDATE')
  if (precision === destination.precision) {
    throw validation(
      `Invalid Request: Precision is already set to the desired value of ${precision} for tableId: ${table.id}, kdsArn: ${destination.arn}`,
    )
  }
  replace(ctx, table, { ...destination, precision })
  const DestinationStatus: DestinationStatus = 'UPDATING'
  return {
    TableName: table.name,
    StreamArn: input.StreamArn,
    DestinationStatus,
    UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: precision },
  }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeKinesisStreamingDestination.html */
export const describeKinesisStreamingDestination = operation('DescribeKinesisStreamingDestination', (ctx, { TableName }) => {
  const table = tableRecord(ctx, TableName!)
  return {
    TableName: table.name,
    KinesisDataStreamDestinations: (table.kinesis ?? []).map(
      ({ arn, enabled, precision }): KinesisDataStreamDestination => ({
        StreamArn: arn,
        DestinationStatus: enabled ? 'ACTIVE' : 'DISABLED',
        ApproximateCreationDateTimePrecision: precision,
      }),
    ),
  }
})
