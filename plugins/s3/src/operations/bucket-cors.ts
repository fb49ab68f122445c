import type { CORSRule } from '@aws-sdk/client-s3'
import { bucketOf, updateBucket } from '../buckets.js'
import { CORS_METHODS } from '../cors.js'
import { bodyOf } from '../documents.js'
import { invalidRequest, malformedXml, s3Error } from '../errors.js'
import { operation } from '../kit.js'

const MAX_RULES = 100

export const getBucketCors = operation('GetBucketCors', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (!config.cors) throw s3Error('NoSuchCORSConfiguration', { fields: { BucketName: name } })
  return { CORSRules: config.cors }
})

export const putBucketCors = operation('PutBucketCors', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const rules = bodyOf(input.CORSConfiguration).CORSRules ?? []
  if (rules.length === 0) throw malformedXml()
  if (rules.length > MAX_RULES) throw invalidRequest('The number of CORS rules should not exceed allowed limit of 100 rules.')
  for (const rule of rules) checkRule(rule)
  updateBucket(ctx, bucket, it => {
    it.config.cors = rules
  })
  return {}
})

function checkRule({ AllowedMethods, AllowedOrigins, AllowedHeaders = [], ExposeHeaders = [], ID, MaxAgeSeconds }: CORSRule): void {
  if (!AllowedMethods?.length || !AllowedOrigins?.length) throw malformedXml()
  if (ID !== undefined && ID.length > 255) throw invalidRequest('The ID length should not exceed allowed limit of 255')
  if (MaxAgeSeconds !== undefined && !Number.isInteger(MaxAgeSeconds)) throw malformedXml()
  for (const method of AllowedMethods) {
    if (!CORS_METHODS.includes(method))
      throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
  }
  for (const origin of AllowedOrigins) checkWildcards('AllowedOrigin', origin)
  for (const header of AllowedHeaders) checkWildcards('AllowedHeader', header)
  for (const header of ExposeHeaders) {
    if (header.includes('*')) {
      throw invalidRequest(`ExposeHeader "${header}" contains wildcard. We currently do not support wildcard for ExposeHeader.`)
    }
  }
}

function checkWildcards(name: string, value: string): void {
  if (value.indexOf('*') !== value.lastIndexOf('*')) throw invalidRequest(`${name} "${value}" can not have more than one wildcard.`)
}

export const deleteBucketCors = operation('DeleteBucketCors', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.cors
  })
  return {}
})
