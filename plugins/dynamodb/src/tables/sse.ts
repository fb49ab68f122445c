import type { SSEDescription, SSESpecification } from '@aws-sdk/client-dynamodb'
import { invalidValues } from '../errors.js'
import type { Context } from '../kit.js'

/**
 * How a table is encrypted; undefined for the key that DynamoDB owns.
 * @throws ValidationException
 */
export function sseDescription(ctx: Context, request: SSESpecification | undefined): SSEDescription | undefined {
  if (!request) return undefined
  const { Enabled, SSEType, KMSMasterKeyId } = request
  if (SSEType === 'AES256') throw invalidValues('SSEType AES256 is not supported')
  if (!Enabled) {
    if (SSEType !== undefined || KMSMasterKeyId !== undefined) {
      throw invalidValues('SSEType and KMSMasterKeyId can only be specified when SSESpecification Enabled is true')
    }
    return undefined
  }
  return { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: keyArn(ctx, KMSMasterKeyId ?? 'alias/aws/dynamodb') }
}

function keyArn(ctx: Context, id: string): string {
  if (id.startsWith('arn:')) return id
  return ctx.arn(id.startsWith('alias/') ? id : `key/${id}`, 'kms')
}
