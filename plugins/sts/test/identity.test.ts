import t from 'tap'
import { anonymous, asUser, ROLE, start } from './harness.js'

t.test('GetCallerIdentity', async t => {
  const sts = await start(t)

  t.test('names the root of the account whose key is used', async t => {
    t.same(await sts.client.getCallerIdentity({}), {
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
      UserId: '000000000000',
    })
    t.same(await sts.as({ account: '123456789012' }).getCallerIdentity({}), {
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
      UserId: '123456789012',
    })
  })

  t.test('names the user of a long-term key', async t => {
    t.match(await asUser(sts, 'dev/carol').getCallerIdentity({}), { Arn: 'arn:aws:iam::111122223333:user/dev/carol' })
  })

  t.test('refuses a request that is not signed', async t => {
    await t.rejects(anonymous(sts).getCallerIdentity({}), { name: 'MissingAuthenticationToken', status: 403 })
  })

  t.test('is the same answer in XML', async t => {
    const { body } = await sts.http({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        authorization: `AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    })
    t.match(
      body,
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><GetCallerIdentityResult><UserId>123456789012<\/UserId><Account>123456789012<\/Account><Arn>arn:aws:iam::123456789012:root<\/Arn><\/GetCallerIdentityResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/GetCallerIdentityResponse>$/,
    )
  })
})

t.test('GetAccessKeyInfo', async t => {
  const sts = await start(t)

  t.test('knows the account of keys that were issued here', async t => {
    const { Credentials } = await sts.client.assumeRole({ RoleArn: ROLE, RoleSessionName: 'build' })
    t.same(await sts.client.getAccessKeyInfo({ AccessKeyId: Credentials!.AccessKeyId! }), { Account: '111122223333' })
  })

  t.test('reads the account out of an id of AWS itself', async t => {
    t.same(await sts.client.getAccessKeyInfo({ AccessKeyId: 'ASIAQNZGKIQY56JQ7WML' }), { Account: '029608264753' })
  })

  t.test('takes twelve digits for the account itself', async t => {
    t.same(await sts.client.getAccessKeyInfo({ AccessKeyId: '123456789012' }), { Account: '123456789012' })
  })

  t.test('refuses what is no access key id', async t => {
    await t.rejects(sts.client.getAccessKeyInfo({ AccessKeyId: 'notanaccesskeyatall' }), {
      name: 'ValidationError',
      message: 'The access key ID notanaccesskeyatall does not exist',
    })
    await t.rejects(sts.client.getAccessKeyInfo({ AccessKeyId: 'test' }), { name: 'ValidationError' })
    await t.rejects(sts.client.getAccessKeyInfo({ AccessKeyId: 'AKIA-with-a-dash-in' }), { name: 'ValidationError' })
  })
})
