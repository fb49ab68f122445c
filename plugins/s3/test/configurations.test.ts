import t from 'tap'
import { refuses, SIGNED, startS3 } from './kit.js'

const B = { Bucket: 'data' }

t.test('configurations with an id', async t => {
  t.test('are kept, replaced, listed by pages and deleted', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.getBucketMetricsConfiguration({ ...B, Id: 'none' }), 'NoSuchConfiguration', {
      status: 404,
      message: 'The specified configuration does not exist.',
    })
    await refuses(t, client.deleteBucketMetricsConfiguration({ ...B, Id: 'none' }), 'NoSuchConfiguration')
    await refuses(t, client.putBucketMetricsConfiguration({ ...B, Id: 'a', MetricsConfiguration: { Id: 'b' } }), 'InvalidArgument')
    await refuses(t, client.putBucketMetricsConfiguration({ ...B, Id: 'a b', MetricsConfiguration: { Id: 'a b' } }), 'InvalidArgument')
    for (let i = 0; i < 103; i++) {
      const Id = `m${String(i).padStart(3, '0')}`
      await client.putBucketMetricsConfiguration({ ...B, Id, MetricsConfiguration: { Id, Filter: { Prefix: `${i}/` } } })
    }
    t.same(await client.getBucketMetricsConfiguration({ ...B, Id: 'm007' }), {
      MetricsConfiguration: { Id: 'm007', Filter: { Prefix: '7/' } },
    })
    const first = await client.listBucketMetricsConfigurations(B)
    t.match({ length: first.MetricsConfigurationList?.length, IsTruncated: first.IsTruncated }, { length: 100, IsTruncated: true })
    const second = await client.listBucketMetricsConfigurations({ ...B, ContinuationToken: first.NextContinuationToken })
    t.same(
      second.MetricsConfigurationList?.map(it => it.Id),
      ['m100', 'm101', 'm102'],
    )
    t.equal(second.IsTruncated, false)
    await client.deleteBucketMetricsConfiguration({ ...B, Id: 'm102' })
    await refuses(t, client.getBucketMetricsConfiguration({ ...B, Id: 'm102' }), 'NoSuchConfiguration')
  })

  t.test('are checked: inventory', async t => {
    const { client } = await startS3(t)
    const whole = {
      Id: 'i',
      IsEnabled: true,
      IncludedObjectVersions: 'All' as const,
      Schedule: { Frequency: 'Daily' as const },
      Destination: { S3BucketDestination: { Bucket: 'arn:aws:s3:::logs', Format: 'CSV' as const } },
      OptionalFields: ['Size' as const],
    }
    const put = (change: object) =>
      client.putBucketInventoryConfiguration({ ...B, Id: 'i', InventoryConfiguration: { ...whole, ...change } })
    await refuses(t, put({ Schedule: { Frequency: 'Hourly' } }), 'MalformedXML')
    await refuses(t, put({ OptionalFields: ['Colour'] }), 'MalformedXML')
    await refuses(t, put({ Destination: { S3BucketDestination: { Bucket: 'logs', Format: 'CSV' } } }), 'InvalidArgument', {
      message: 'Invalid bucket ARN.',
    })
    await put({})
    t.same(await client.getBucketInventoryConfiguration({ ...B, Id: 'i' }), { InventoryConfiguration: whole })
    t.same((await client.listBucketInventoryConfigurations(B)).InventoryConfigurationList, [whole])
    await client.deleteBucketInventoryConfiguration({ ...B, Id: 'i' })
    t.same(await client.listBucketInventoryConfigurations(B), { IsTruncated: false })
  })

  t.test('are checked: analytics and intelligent tiering', async t => {
    const { client } = await startS3(t)
    const analytics = { Id: 'a', Filter: { Prefix: 'x/' }, StorageClassAnalysis: {} }
    await refuses(
      t,
      client.putBucketAnalyticsConfiguration({ ...B, Id: 'a', AnalyticsConfiguration: { Id: 'a', StorageClassAnalysis: undefined } }),
      'MalformedXML',
    )
    await client.putBucketAnalyticsConfiguration({ ...B, Id: 'a', AnalyticsConfiguration: analytics })
    t.same(await client.getBucketAnalyticsConfiguration({ ...B, Id: 'a' }), { AnalyticsConfiguration: analytics })
    t.same((await client.listBucketAnalyticsConfigurations(B)).AnalyticsConfigurationList, [analytics])
    await client.deleteBucketAnalyticsConfiguration({ ...B, Id: 'a' })
    const put = (Days: number) =>
      client.putBucketIntelligentTieringConfiguration({
        ...B,
        Id: 't',
        IntelligentTieringConfiguration: { Id: 't', Status: 'Enabled', Tierings: [{ Days, AccessTier: 'ARCHIVE_ACCESS' }] },
      })
    await refuses(t, put(89), 'InvalidArgument')
    await put(90)
    t.equal((await client.listBucketIntelligentTieringConfigurations(B)).IntelligentTieringConfigurationList?.length, 1)
    t.equal((await client.getBucketIntelligentTieringConfiguration({ ...B, Id: 't' })).IntelligentTieringConfiguration?.Status, 'Enabled')
    await client.deleteBucketIntelligentTieringConfiguration({ ...B, Id: 't' })
    await refuses(t, client.getBucketIntelligentTieringConfiguration({ ...B, Id: 't' }), 'NoSuchConfiguration')
  })
})

t.test('on the wire', async t => {
  const s3 = await startS3(t)
  const send = (method: string, url: string, body?: string) =>
    s3.http({ method, url, headers: SIGNED, ...(body !== undefined && { body }) })
  const rules =
    '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>'
  t.equal((await send('PUT', '/data?cors', rules)).status, 200)
  const cors = await send('GET', '/data?cors')
  t.match(cors.body, '<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>')
  t.equal((await send('DELETE', '/data?cors')).status, 204)
  t.equal((await send('PUT', '/data?cors', '<CORSConfiguration>')).status, 400)
  t.match((await send('PUT', '/data?cors', '<CORSConfiguration>')).body, '<Code>MalformedXML</Code>')
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:DeleteBucket', Resource: 'arn:aws:s3:::data' }],
  })
  t.equal((await send('PUT', '/data?policy', policy)).status, 204)
  t.equal((await send('GET', '/data?policy')).body, policy)
  t.match((await send('GET', '/data?policyStatus')).body, '<IsPublic>false</IsPublic>')
  const logging = await send('GET', '/data?logging')
  t.equal(
    logging.body,
    '<?xml version="1.0" encoding="UTF-8"?>\n<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></BucketLoggingStatus>',
  )
  const notification = await send('GET', '/data?notification')
  t.equal(
    notification.body,
    '<?xml version="1.0" encoding="UTF-8"?>\n<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></NotificationConfiguration>',
  )
  t.match(
    (await send('GET', '/data?encryption')).body,
    '<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled>',
  )
})

t.test('configurations outlive the process', async t => {
  const s3 = await startS3(t, { persist: true })
  const Rules = [{ ID: 'r', Status: 'Enabled' as const, Filter: { Prefix: 'x' }, Expiration: { Date: new Date('2030-01-01T00:00:00Z') } }]
  await s3.client.putBucketLifecycleConfiguration({ ...B, LifecycleConfiguration: { Rules } })
  await s3.client.putBucketCors({ ...B, CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] } })
  const control = s3.service<typeof import('@aws-sdk/client-s3-control')>('s3control')
  const account = { AccountId: '000000000000' }
  await control.putPublicAccessBlock({ ...account, PublicAccessBlockConfiguration: { BlockPublicAcls: true } })
  await control.createAccessPoint({ ...account, Name: 'point', Bucket: 'data' })
  await s3.restart()
  t.same((await s3.client.getBucketLifecycleConfiguration(B)).Rules, Rules)
  t.equal((await s3.client.getBucketCors(B)).CORSRules?.length, 1)
  t.equal((await control.getPublicAccessBlock(account)).PublicAccessBlockConfiguration?.BlockPublicAcls, true)
  t.equal((await control.getAccessPoint({ ...account, Name: 'point' })).Bucket, 'data')
})
