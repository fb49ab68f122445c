import type { RedirectAllRequestsTo, RoutingRule, WebsiteConfiguration } from '@aws-sdk/client-s3'
import { bucketOf, updateBucket } from '../buckets.js'
import { bodyOf, optionalOneOf, required } from '../documents.js'
import { invalidArgument, invalidRequest, malformedXml, s3Error } from '../errors.js'
import { operation } from '../kit.js'

const MAX_ROUTING_RULES = 50
const PROTOCOLS = ['http', 'https'] as const

export const getBucketWebsite = operation('GetBucketWebsite', (ctx, input) => {
  const { name, config } = bucketOf(ctx, input)
  if (!config.website) throw s3Error('NoSuchWebsiteConfiguration', { fields: { BucketName: name } })
  return config.website
})

export const putBucketWebsite = operation('PutBucketWebsite', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const website = bodyOf(input.WebsiteConfiguration)
  checkWebsite(website)
  updateBucket(ctx, bucket, it => {
    it.config.website = website
  })
  return {}
})

export const deleteBucketWebsite = operation('DeleteBucketWebsite', (ctx, input) => {
  updateBucket(ctx, bucketOf(ctx, input), it => {
    delete it.config.website
  })
  return {}
})

function checkWebsite({ IndexDocument, ErrorDocument, RedirectAllRequestsTo: all, RoutingRules }: WebsiteConfiguration): void {
  if (all) {
    if (IndexDocument || ErrorDocument || RoutingRules) throw malformedXml()
    checkRedirectAll(all)
    return
  }
  if (!IndexDocument) {
    throw invalidArgument('A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty', 'IndexDocument', 'null')
  }
  const suffix = required(IndexDocument.Suffix)
  if (suffix === '' || suffix.includes('/')) throw invalidArgument('The IndexDocument Suffix is not well formed', 'IndexDocument', suffix)
  if (ErrorDocument && !required(ErrorDocument.Key)) throw invalidArgument('The ErrorDocument Key is not well formed', 'ErrorDocument', '')
  if (!RoutingRules) return
  if (RoutingRules.length === 0) throw malformedXml()
  if (RoutingRules.length > MAX_ROUTING_RULES) {
    throw invalidRequest(
      `${RoutingRules.length} routing rules provided, the number of routing rules in a website configuration is limited to 50.`,
    )
  }
  for (const rule of RoutingRules) checkRoutingRule(rule)
}

function checkRedirectAll({ HostName, Protocol }: RedirectAllRequestsTo): void {
  if (!required(HostName)) throw invalidArgument('The HostName is not well formed', 'HostName', HostName)
  optionalOneOf(Protocol, PROTOCOLS)
}

function checkRoutingRule({ Condition, Redirect }: RoutingRule): void {
  const { HostName, HttpRedirectCode, Protocol, ReplaceKeyPrefixWith, ReplaceKeyWith } = required(Redirect)
  if ([HostName, HttpRedirectCode, Protocol, ReplaceKeyPrefixWith, ReplaceKeyWith].every(member => member === undefined))
    throw malformedXml()
  if (Condition && Condition.HttpErrorCodeReturnedEquals === undefined && Condition.KeyPrefixEquals === undefined) {
    throw invalidRequest(
      "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    )
  }
  optionalOneOf(Protocol, PROTOCOLS)
  if (ReplaceKeyPrefixWith !== undefined && ReplaceKeyWith !== undefined) {
    throw invalidRequest('You can only define ReplaceKeyPrefix or ReplaceKey but not both.')
  }
  if (HttpRedirectCode !== undefined && !/^3(?!00)\d\d$/.test(HttpRedirectCode)) {
    throw invalidRequest(`The provided HTTP redirect code (${HttpRedirectCode}) is not valid. Valid codes are 3XX except 300.`)
  }
  const code = Condition?.HttpErrorCodeReturnedEquals
  if (code !== undefined && !/^[45]\d\d$/.test(code)) {
    throw invalidRequest(`The provided HTTP error code (${code}) is not valid. Valid codes are 4XX or 5XX.`)
  }
}
