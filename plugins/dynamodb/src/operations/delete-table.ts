import type { TableDescription } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { checkSeparable } from '../replicas/strong.js'
import { describe } from '../tables/describe.js'
import { tableRecord } from '../tables/find.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { TableRecord } from '../tables/record.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html */
export const deleteTable = operation('DeleteTable', (ctx, input) => {
  const record = tableRecord(ctx, input.TableName!)
  // "If table is already in the DELETING state, no error is returned."
  if (record.status === 'DELETING') return { TableDescription: describeDeleted(ctx, record) }
  if (record.deletionProtection) {
    throw validation('Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.')
  }
  checkSettled(record)
  checkSeparable(record)
  ctx.state.tables.update(record.name, table => {
    table.status = 'DELETING'
    for (const index of table.globalIndexes) index.status = 'DELETING'
  })
  const TableDescription = describeDeleted(ctx, record)
  scheduleTransition(ctx, record)
  return { TableDescription }
})

/** DeleteTable tells less of the table than DescribeTable. */
function describeDeleted(ctx: Context, record: Readonly<TableRecord>): TableDescription {
  const { AttributeDefinitions: _attributes, KeySchema: _schema, CreationDateTime: _created, ...rest } = describe(ctx, record)
  return rest
}

/** @throws ResourceInUseException while the table is changing. */
export function checkSettled({ name, status }: Readonly<TableRecord>): void {
  if (status === 'ACTIVE') return
  const doing = status === 'CREATING' ? 'created' : status === 'DELETING' ? 'deleted' : 'updated'
  throw new AwsError('ResourceInUseException', `Attempt to change a resource which is still in use: Table is being ${doing}: ${name}`)
}
