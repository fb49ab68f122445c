import t from 'tap'
import { HASH_ONLY, refuses, withTables } from './harness.js'

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'

t.test('tags', async t => {
  const { client } = await withTables(t, { ...HASH_ONLY, Tags: [{ Key: 'a', Value: '1' }] })

  t.test('are refused', async t => {
    const ResourceArn = ARN.replace('simple', 'nope')
    await t.rejects(client.listTagsOfResource({ ResourceArn }), {
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: ResourcArn: ${ResourceArn} not found`,
    })
    await refuses(
      t,
      client.listTagsOfResource({ ResourceArn: 'nonsense' }),
      'Invalid TableArn: Invalid ResourceArn provided as input nonsense',
    )
    await t.rejects(client.untagResource({ ResourceArn: ARN.replace('000000000000', '111111111111'), TagKeys: ['a'] }), {
      name: 'AccessDeniedException',
    })
    await refuses(
      t,
      client.tagResource({ ResourceArn: ARN, Tags: [{ Key: 'aws:x', Value: '' }] }),
      'Tag keys starting with aws: are reserved for system use: aws:x',
    )
    await refuses(
      t,
      client.tagResource({ ResourceArn: ARN, Tags: Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' })) }),
      'Too many tags: a resource can have at most 50 tags',
    )
  })

  t.test('are set, listed in pages and taken away', async t => {
    await client.tagResource({ ResourceArn: ARN, Tags: Array.from({ length: 12 }, (_, i) => ({ Key: `k${i + 10}`, Value: `${i}` })) })
    await client.tagResource({ ResourceArn: ARN, Tags: [{ Key: 'a', Value: '2' }] })
    const first = await client.listTagsOfResource({ ResourceArn: ARN })
    t.equal(first.Tags!.length, 10)
    t.strictSame(first.Tags![0], { Key: 'a', Value: '2' })
    const second = await client.listTagsOfResource({ ResourceArn: ARN, NextToken: first.NextToken })
    t.equal(second.Tags!.length, 3)
    t.equal(second.NextToken, undefined)
    await client.untagResource({ ResourceArn: ARN, TagKeys: [...first.Tags!, ...second.Tags!].slice(1).map(({ Key }) => Key!) })
    t.strictSame((await client.listTagsOfResource({ ResourceArn: ARN })).Tags, [{ Key: 'a', Value: '2' }])
  })
})
