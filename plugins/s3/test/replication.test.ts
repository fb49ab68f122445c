import { createHash } from 'node:crypto'
import t from 'tap'
import { refuses, startS3, textOf } from './kit.js'
import { surroundings } from './surroundings.js'

const B = { Bucket: 'data' }

t.test('replication', async t => {
  const Role = 'arn:aws:iam::000000000000:role/replication'
  const Destination = { Bucket: 'arn:aws:s3:::copy' }
  const rule = {
    ID: 'r',
    Status: 'Enabled' as const,
    Priority: 1,
    Filter: { Prefix: '' },
    DeleteMarkerReplication: { Status: 'Enabled' as const },
    Destination,
  }

  t.test('is refused in S3’s words', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.getBucketReplication(B), 'ReplicationConfigurationNotFoundError', {
      status: 404,
      message: 'The replication configuration was not found',
      fields: { BucketName: 'data' },
    })
    const put = (more: object) => client.putBucketReplication({ ...B, ReplicationConfiguration: { Role, Rules: [{ ...rule, ...more }] } })
    await refuses(t, put({}), 'InvalidRequest', {
      message: "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    })
    await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    await refuses(t, put({}), 'InvalidRequest', { message: 'Destination bucket must exist.' })
    await client.createBucket({ Bucket: 'copy' })
    await refuses(t, put({}), 'InvalidRequest', { message: 'Destination bucket must have versioning enabled.' })
    await refuses(t, put({ Destination: { Bucket: 'copy' } }), 'InvalidArgument', { message: 'Invalid bucket ARN.' })
    await refuses(t, put({ Priority: undefined }), 'InvalidRequest')
    const control = { Status: 'Enabled', Time: { Minutes: 15 } }
    await refuses(t, put({ Destination: { ...Destination, ReplicationTime: control } }), 'InvalidRequest', {
      message: 'ReplicationTime cannot be used if metrics are disabled.',
    })
    await refuses(t, put({ Destination: { ...Destination, Metrics: { Status: 'On' } } }), 'MalformedXML')
    await refuses(t, put({ Filter: { Tag: { Key: 'a', Value: 'b' } } }), 'InvalidRequest', {
      message:
        'Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.',
    })
  })

  t.test('reaches no bucket of that name in another account than its destination names', async t => {
    const s3 = await startS3(t)
    const theirs = s3.as({ account: '222222222222' })
    await theirs.createBucket({ Bucket: 'theirs' })
    for (const [client, Bucket] of [[s3.client, 'data'] as const, [theirs, 'theirs'] as const]) {
      await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    }
    const put = (Account: string) => {
      const Rules = [{ ...rule, Destination: { Bucket: 'arn:aws:s3:::theirs', Account } }]
      return s3.client.putBucketReplication({ ...B, ReplicationConfiguration: { Role, Rules } })
    }
    await refuses(t, put('333333333333'), 'InvalidRequest', { message: 'Destination bucket must exist.' })
    await put('222222222222')
    // Since then its name was given to a bucket of a third account.
    await theirs.deleteBucket({ Bucket: 'theirs' })
    const third = s3.as({ account: '333333333333' })
    await third.createBucket({ Bucket: 'theirs' })
    await third.putBucketVersioning({ Bucket: 'theirs', VersioningConfiguration: { Status: 'Enabled' } })
    await s3.client.putObject({ ...B, Key: 'k', Body: 'x' })
    await s3.clock.advance(1000)
    t.equal((await s3.client.headObject({ ...B, Key: 'k' })).ReplicationStatus, 'FAILED')
    t.strictSame((await third.listObjectsV2({ Bucket: 'theirs' })).Contents ?? [], [])
  })

  t.test('is carried out', async t => {
    const { client, clock } = await startS3(t)
    await client.createBucket({ Bucket: 'copy' })
    for (const Bucket of ['data', 'copy']) await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    await client.putBucketReplication({
      ...B,
      ReplicationConfiguration: { Role, Rules: [{ ...rule, Destination: { ...Destination, StorageClass: 'STANDARD_IA' } }] },
    })
    const big = Buffer.alloc(200_000, 'x')
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: big, Metadata: { a: 'b' } })
    t.equal((await client.headObject({ ...B, Key: 'k' })).ReplicationStatus, 'PENDING')
    await clock.advance(1000)
    t.equal((await client.headObject({ ...B, Key: 'k' })).ReplicationStatus, 'COMPLETED')
    const replica = await client.getObject({ Bucket: 'copy', Key: 'k' })
    t.match(replica, { ReplicationStatus: 'REPLICA', VersionId, StorageClass: 'STANDARD_IA', Metadata: { a: 'b' }, ContentLength: 200_000 })
    t.equal((await textOf(replica)).length, 200_000)
    await client.putObjectTagging({ ...B, Key: 'k', Tagging: { TagSet: [{ Key: 't', Value: 'v' }] } })
    await clock.advance(1000)
    t.same((await client.getObjectTagging({ Bucket: 'copy', Key: 'k' })).TagSet, [{ Key: 't', Value: 'v' }])
    await client.deleteObject({ ...B, Key: 'k' })
    await clock.advance(1000)
    await refuses(t, client.getObject({ Bucket: 'copy', Key: 'k' }), 'NoSuchKey')
    t.same((await client.getBucketReplication(B)).ReplicationConfiguration?.Role, Role)
    await client.putBucketVersioning({ Bucket: 'copy', VersioningConfiguration: { Status: 'Suspended' } })
    await client.putObject({ ...B, Key: 'k2', Body: 'x' })
    await clock.advance(1000)
    t.equal((await client.headObject({ ...B, Key: 'k2' })).ReplicationStatus, 'FAILED')
    await client.deleteBucketReplication(B)
    await client.putObject({ ...B, Key: 'k3', Body: 'x' })
    t.equal((await client.headObject({ ...B, Key: 'k3' })).ReplicationStatus, undefined)
  })

  /** S3 with a versioned source and versioned destinations, and the rules that replicate to them. */
  async function replicated(t: Parameters<typeof startS3>[0], rules: object[], destinations = ['copy']) {
    const { sent, plugins } = surroundings()
    const s3 = await startS3(t, { with: plugins })
    for (const Bucket of destinations) await s3.client.createBucket({ Bucket })
    for (const Bucket of ['data', ...destinations]) {
      await s3.client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    }
    const Rules = rules.map((more, at) => ({ ...rule, ID: `r${at}`, Priority: at, ...more }))
    await s3.client.putBucketReplication({ ...B, ReplicationConfiguration: { Role, Rules } })
    const statusOf = async (Key: string, Bucket = 'data') => (await s3.client.headObject({ Bucket, Key })).ReplicationStatus
    const count = async (Bucket: string) => (await s3.client.listObjectVersions({ Bucket })).Versions?.length ?? 0
    return { client: s3.client, clock: s3.clock, sent, statusOf, count }
  }
  const tag = (Value: string) => ({ Tagging: { TagSet: [{ Key: 't', Value }] } })

  t.test('goes to several destinations, and is complete with the last', async t => {
    const { client, clock, statusOf } = await replicated(
      t,
      [{}, { Destination: { Bucket: 'arn:aws:s3:::second', StorageClass: 'GLACIER' } }],
      ['copy', 'second'],
    )
    await client.putObject({ ...B, Key: 'k', Body: 'x', StorageClass: 'STANDARD_IA' })
    await clock.advance(1000)
    t.equal(await statusOf('k'), 'COMPLETED')
    t.equal((await client.headObject({ Bucket: 'copy', Key: 'k' })).StorageClass, 'STANDARD_IA', 'the source’s where none is named')
    t.match(await client.headObject({ Bucket: 'second', Key: 'k' }), { StorageClass: 'GLACIER', ReplicationStatus: 'REPLICA' })
  })

  t.test('goes by the rule with the highest priority of a destination, for delete markers too', async t => {
    const { client, clock } = await replicated(t, [
      { Filter: { Prefix: '' }, Destination: { ...Destination, StorageClass: 'STANDARD_IA' } },
      {
        Filter: { Prefix: 'a/' },
        DeleteMarkerReplication: { Status: 'Disabled' },
        Destination: { ...Destination, StorageClass: 'ONEZONE_IA' },
      },
    ])
    for (const Key of ['a/1', 'b/1']) await client.putObject({ ...B, Key, Body: 'x' })
    await clock.advance(1000)
    for (const Key of ['a/1', 'b/1']) await client.deleteObject({ ...B, Key })
    await clock.advance(1000)
    const { Versions = [], DeleteMarkers = [] } = await client.listObjectVersions({ Bucket: 'copy' })
    t.same(
      Versions.map(it => it.StorageClass),
      ['ONEZONE_IA', 'STANDARD_IA'],
    )
    t.same(
      DeleteMarkers.map(it => it.Key),
      ['b/1'],
    )
  })

  t.test('takes no replicas, archived objects, deletions of versions or doings of lifecycle rules', async t => {
    const { client, clock, statusOf, count } = await replicated(t, [{}])
    await client.createBucket({ Bucket: 'third' })
    await client.putBucketVersioning({ Bucket: 'third', VersioningConfiguration: { Status: 'Enabled' } })
    const onwards = { ...rule, Destination: { Bucket: 'arn:aws:s3:::third' } }
    await client.putBucketReplication({ Bucket: 'copy', ReplicationConfiguration: { Role, Rules: [onwards] } })
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'x' })
    for (const StorageClass of ['GLACIER', 'DEEP_ARCHIVE'] as const) {
      await client.putObject({ ...B, Key: StorageClass, Body: 'x', StorageClass })
      t.equal(await statusOf(StorageClass), undefined)
    }
    await clock.advance(5000)
    t.equal(await count('copy'), 1)
    t.equal(await count('third'), 0)
    await client.deleteObject({ ...B, Key: 'k', VersionId })
    await clock.advance(1000)
    t.equal(await count('copy'), 1)
    await client.putObject({ ...B, Key: 'old', Body: 'x' })
    const Rules = [{ ID: 'e', Status: 'Enabled' as const, Filter: { Prefix: '' }, Expiration: { Days: 1 } }]
    await client.putBucketLifecycleConfiguration({ ...B, LifecycleConfiguration: { Rules } })
    await clock.advance(3 * 24 * 60 * 60 * 1000)
    await refuses(t, client.headObject({ ...B, Key: 'old' }), 'NotFound')
    t.equal(await statusOf('old', 'copy'), 'REPLICA')
  })

  t.test('takes what a customer’s key encrypts, which opens the replica', async t => {
    const { client, clock } = await replicated(t, [{}])
    const key = Buffer.alloc(32, 'k')
    const customer = {
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: key.toString('base64'),
      SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
    }
    await client.putObject({ ...B, Key: 'k', Body: 'secret', ...customer })
    await clock.advance(1000)
    await refuses(t, client.getObject({ Bucket: 'copy', Key: 'k' }), 'InvalidRequest')
    t.equal(await textOf(await client.getObject({ Bucket: 'copy', Key: 'k', ...customer })), 'secret')
  })

  t.test('of a change leaves alone what was never replicated, and what else the replica is', async t => {
    const { client, clock, statusOf, count } = await replicated(t, [{}])
    await client.deleteBucketReplication(B)
    await client.putObject({ ...B, Key: 'before', Body: 'x' })
    await client.putBucketReplication({ ...B, ReplicationConfiguration: { Role, Rules: [rule] } })
    await client.putObjectTagging({ ...B, Key: 'before', ...tag('1') })
    await clock.advance(1000)
    t.equal(await statusOf('before'), undefined)
    t.equal(await count('copy'), 0)
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'x' })
    await clock.advance(1000)
    const Rules = [
      {
        ID: 'm',
        Status: 'Enabled' as const,
        Filter: { ObjectSizeGreaterThan: 0 },
        Transitions: [{ Days: 0, StorageClass: 'GLACIER_IR' as const }],
      },
    ]
    await client.putBucketLifecycleConfiguration({ Bucket: 'copy', LifecycleConfiguration: { Rules } })
    await clock.advance(2 * 24 * 60 * 60 * 1000)
    await client.putObjectTagging({ ...B, Key: 'k', ...tag('2') })
    await clock.advance(1000)
    t.same((await client.getObjectTagging({ Bucket: 'copy', Key: 'k' })).TagSet, tag('2').Tagging.TagSet)
    t.equal((await client.headObject({ Bucket: 'copy', Key: 'k' })).StorageClass, 'GLACIER_IR')
    await client.deleteObject({ Bucket: 'copy', Key: 'k', VersionId })
    await client.putObjectTagging({ ...B, Key: 'k', ...tag('3') })
    await clock.advance(1000)
    t.equal(await count('copy'), 0, 'a replica that was deleted doesn’t come back')
    t.equal(await statusOf('k'), 'FAILED')
  })

  t.test('takes changes of replicas back where a rule says so', async t => {
    for (const Status of ['Enabled', 'Disabled'] as const) {
      const { client, clock, statusOf } = await replicated(t, [{}])
      const back = {
        ...rule,
        Destination: { Bucket: 'arn:aws:s3:::data' },
        SourceSelectionCriteria: { ReplicaModifications: { Status } },
      }
      await client.putBucketReplication({ Bucket: 'copy', ReplicationConfiguration: { Role, Rules: [back] } })
      await client.putObject({ ...B, Key: 'k', Body: 'x' })
      await clock.advance(1000)
      await client.putObjectTagging({ Bucket: 'copy', Key: 'k', ...tag('back') })
      await clock.advance(1000)
      t.equal((await client.getObjectTagging({ ...B, Key: 'k' })).TagSet?.length, Status === 'Enabled' ? 1 : 0)
      t.equal(await statusOf('k'), 'COMPLETED')
      t.equal(await statusOf('k', 'copy'), 'REPLICA')
    }
  })

  t.test('tells of its failures', async t => {
    const { client, clock, sent, statusOf } = await replicated(t, [{}])
    const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:orders'
    const NotificationConfiguration = {
      QueueConfigurations: [{ Id: 'q', QueueArn, Events: ['s3:Replication:*' as never] }],
      EventBridgeConfiguration: {},
    }
    await client.putBucketNotificationConfiguration({ ...B, NotificationConfiguration })
    sent.length = 0
    await client.deleteBucket({ Bucket: 'copy' })
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'x' })
    await clock.advance(1000)
    await clock.advance(0)
    t.equal(await statusOf('k'), 'FAILED')
    const [record, ...more] = sent.filter(it => it.to === 'sqs').map(it => JSON.parse(it.body).Records[0])
    t.same(more, [])
    t.match(record, {
      eventVersion: '2.2',
      eventName: 'Replication:OperationFailedReplication',
      userIdentity: { principalId: 's3.amazonaws.com' },
      s3: { configurationId: 'q', bucket: { name: 'data' }, object: { key: 'k', size: 1, versionId: VersionId } },
    })
    t.strictSame(record.replicationEventData, {
      replicationRuleId: 'r0',
      destinationBucket: 'arn:aws:s3:::copy',
      s3Operation: 'OBJECT_PUT',
      requestTime: '2026-01-01T00:00:00.000Z',
      failureReason: 'DstBucketNotFound',
    })
    t.notOk(sent.some(it => it.to.startsWith('events') && !it.to.endsWith('Object Created')))
  })
})
