import t from 'tap'
import { SIGNED, startS3 } from './kit.js'

t.test('there are no directory buckets', async t => {
  const s3 = await startS3(t)

  t.test('by the JS SDK', async t => {
    t.match(await s3.client.listDirectoryBuckets({}), { Buckets: [] })
    t.equal((await s3.client.listBuckets({})).Buckets?.length, 1)
  })

  t.test('by botocore, whose request differs from ListBuckets by what it is signed for only', async t => {
    const listed = async (authorization: string) => (await s3.http({ url: '/', headers: { authorization } })).body
    t.match(await listed(SIGNED.authorization), '<Name>data</Name>')
    t.notMatch(await listed(SIGNED.authorization.replace('/s3/', '/s3express/')), '<Name>')
  })
})
