import { createHash } from 'node:crypto'
import type { Grant } from '@aws-sdk/client-s3'
import t from 'tap'
import { codeOf, refuses, startS3, visit } from './kit.js'

const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const HOME = '000000000000'
const OTHER = '222222222222'
const idOf = (account: string) => createHash('sha256').update(`canonical user of account ${account}`).digest('hex')
const GROUPS = 'http://acs.amazonaws.com/groups'
const ALL_USERS = `${GROUPS}/global/AllUsers`
const AUTHENTICATED = `${GROUPS}/global/AuthenticatedUsers`
const LOG_DELIVERY = `${GROUPS}/s3/LogDelivery`

const toUser = (ID: string, Permission: Grant['Permission']): Grant => ({ Grantee: { Type: 'CanonicalUser', ID }, Permission })
const toGroup = (URI: string, Permission: Grant['Permission']): Grant => ({ Grantee: { Type: 'Group', URI }, Permission })
const FULL = toUser(idOf(HOME), 'FULL_CONTROL')
const Owner = { ID: idOf(HOME) }

/** S3 with a bucket whose ACLs count and aren't blocked. */
async function open(t: Parameters<typeof startS3>[0], ObjectOwnership: 'ObjectWriter' | 'BucketOwnerPreferred' = 'ObjectWriter') {
  const s3 = await startS3(t)
  await s3.client.deletePublicAccessBlock(B)
  await s3.client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership }] } })
  await s3.client.putObject({ ...K, Body: 'hello' })
  return s3
}

t.test('GetBucketAcl', async t => {
  t.test('refuses a bucket that is not there, and strangers', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.getBucketAcl({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, s3.as({ account: OTHER }).getBucketAcl(B), 'AccessDenied')
    await refuses(t, s3.client.getObjectAcl({ ...B, Key: 'none' }), 'NoSuchKey')
  })

  t.test('behaves: is full control for the owner from the first, with ACLs off too', async t => {
    const { client } = await startS3(t)
    t.same(await client.getBucketAcl(B), { Owner, Grants: [FULL] })
    await client.putObject({ ...K, Body: 'x' })
    t.same(await client.getObjectAcl(K), { Owner, Grants: [FULL] })
  })

  t.test('wire: tells the kind of grantee as XML Schema does', async t => {
    const s3 = await open(t)
    await s3.client.putBucketAcl({ ...B, ACL: 'public-read' })
    const { body } = await s3.http({ url: '/data?acl' })
    t.equal(
      body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>${idOf(HOME)}</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>${idOf(HOME)}</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>${ALL_USERS}</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`,
    )
  })
})

t.test('PutBucketAcl refuses', async t => {
  t.test('every ACL while they are off', async t => {
    const { client } = await startS3(t)
    for (const ACL of ['private', 'public-read'] as const) {
      await refuses(t, client.putBucketAcl({ ...B, ACL }), 'AccessControlListNotSupported', {
        status: 400,
        message: 'The bucket does not allow ACLs',
      })
    }
    await refuses(t, client.putObject({ ...K, Body: 'x', ACL: 'public-read' }), 'AccessControlListNotSupported')
    await client.putObject({ ...K, Body: 'x', ACL: 'bucket-owner-full-control' })
  })

  t.test('headers that say nothing, too much or nonsense', async t => {
    const { client } = await open(t)
    await refuses(t, client.putBucketAcl(B), 'MissingSecurityHeader', {
      status: 400,
      message: 'Your request was missing a required header',
      fields: { MissingHeaderName: 'x-amz-acl' },
    })
    await refuses(t, client.putBucketAcl({ ...B, ACL: 'open' as 'private' }), 'InvalidArgument', {
      message: '',
      fields: { ArgumentName: 'x-amz-acl', ArgumentValue: 'open' },
    })
    await refuses(t, client.putBucketAcl({ ...B, ACL: 'private', GrantRead: `id=${idOf(OTHER)}` }), 'InvalidRequest', {
      message: 'Specifying both Canned ACLs and Header Grants is not allowed',
    })
    await refuses(t, client.putBucketAcl({ ...B, ACL: 'private', AccessControlPolicy: {} }), 'UnexpectedContent', {
      message: 'This request does not support content',
    })
    for (const [GrantRead, message] of [
      ['id=me', 'Invalid id'],
      ['uri=http://nobody', 'Invalid group uri'],
      ['somebody', 'Argument format not recognized'],
    ] as const) {
      await refuses(t, client.putBucketAcl({ ...B, GrantRead }), 'InvalidArgument', {
        message,
        fields: { ArgumentName: 'x-amz-grant-read', ArgumentValue: GrantRead },
      })
    }
  })

  t.test('addresses of e-mail, by header and by document', async t => {
    const { client } = await open(t)
    await refuses(t, client.putBucketAcl({ ...B, GrantRead: 'emailAddress="a@b.c"' }), 'MethodNotAllowed', { status: 405 })
    const Grants: Grant[] = [{ Grantee: { Type: 'AmazonCustomerByEmail', EmailAddress: 'a@b.c' }, Permission: 'READ' }]
    await refuses(t, client.putBucketAcl({ ...B, AccessControlPolicy: { Owner, Grants } }), 'MethodNotAllowed', { status: 405 })
  })

  t.test('documents that are none, or name another owner', async t => {
    const { client } = await open(t)
    const put = (policy: object) => client.putBucketAcl({ ...B, AccessControlPolicy: policy })
    await refuses(t, put({ Grants: [] }), 'MalformedACLError', { status: 400 })
    await refuses(t, put({ Owner }), 'MalformedACLError')
    await refuses(t, put({ Owner, Grants: [{ Grantee: FULL.Grantee, Permission: 'LOOK' }] }), 'MalformedACLError')
    await refuses(t, put({ Owner, Grants: [{ Grantee: { Type: 'CanonicalUser' }, Permission: 'READ' }] }), 'MalformedACLError')
    await refuses(t, put({ Owner, Grants: Array.from({ length: 101 }, () => FULL) }), 'MalformedACLError')
    await refuses(t, put({ Owner: { ID: idOf(OTHER) }, Grants: [] }), 'AccessDenied')
    await refuses(t, put({ Owner, Grants: [toUser('me', 'READ')] }), 'InvalidArgument', {
      message: 'Invalid id',
      fields: { ArgumentName: 'CanonicalUser/ID', ArgumentValue: 'me' },
    })
    await refuses(t, put({ Owner, Grants: [toGroup('http://nobody', 'READ')] }), 'InvalidArgument', {
      message: 'Invalid group uri',
      fields: { ArgumentName: 'Group/URI', ArgumentValue: 'http://nobody' },
    })
  })
})

t.test('PutBucketAcl behaves', async t => {
  t.test('by canned ACL', async t => {
    const { client } = await open(t)
    const grantsOf = async (ACL: string) => {
      await client.putBucketAcl({ ...B, ACL: ACL as 'private' })
      return (await client.getBucketAcl(B)).Grants
    }
    t.same(await grantsOf('private'), [FULL])
    t.same(await grantsOf('public-read'), [FULL, toGroup(ALL_USERS, 'READ')])
    t.same(await grantsOf('public-read-write'), [FULL, toGroup(ALL_USERS, 'READ'), toGroup(ALL_USERS, 'WRITE')])
    t.same(await grantsOf('authenticated-read'), [FULL, toGroup(AUTHENTICATED, 'READ')])
    t.same(await grantsOf('log-delivery-write'), [FULL, toGroup(LOG_DELIVERY, 'WRITE'), toGroup(LOG_DELIVERY, 'READ_ACP')])
    t.same(await grantsOf('bucket-owner-full-control'), [FULL], 'which says nothing of a bucket')
    const bundles = '6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c'
    t.same(await grantsOf('aws-exec-read'), [FULL, toUser(bundles, 'READ')])
  })

  t.test('by headers, one grant for each grantee', async t => {
    const { client } = await open(t)
    await client.putBucketAcl({
      ...B,
      GrantFullControl: `id="${idOf(HOME)}"`,
      GrantRead: `id=${idOf(OTHER)}, uri="${ALL_USERS}"`,
      GrantReadACP: `uri=${AUTHENTICATED}`,
      GrantWrite: `uri=${LOG_DELIVERY}`,
      GrantWriteACP: `ID=${idOf(OTHER)}`,
    })
    t.same(await client.getBucketAcl(B), {
      Owner,
      Grants: [
        FULL,
        toUser(idOf(OTHER), 'READ'),
        toGroup(ALL_USERS, 'READ'),
        toGroup(AUTHENTICATED, 'READ_ACP'),
        toGroup(LOG_DELIVERY, 'WRITE'),
        toUser(idOf(OTHER), 'WRITE_ACP'),
      ],
    })
  })

  t.test('by document: only who is named has a grant', async t => {
    const { client } = await open(t)
    const Grants = [toUser(idOf(OTHER), 'READ'), toGroup(ALL_USERS, 'READ_ACP')]
    await client.putBucketAcl({ ...B, AccessControlPolicy: { Owner, Grants } })
    t.same(await client.getBucketAcl(B), { Owner, Grants })
  })

  t.test('by letting in whom it names, and nobody else', async t => {
    const s3 = await open(t)
    const other = s3.as({ account: OTHER })
    await s3.client.putBucketAcl({ ...B, GrantRead: `id=${idOf(OTHER)}`, GrantFullControl: `id=${idOf(HOME)}` })
    t.equal((await other.listObjects(B)).Contents?.length, 1)
    t.ok(await other.headBucket(B))
    t.same((await other.listObjectVersions(B)).Versions?.length, 1)
    await refuses(t, other.putObject({ ...B, Key: 'x', Body: 'x' }), 'AccessDenied')
    await refuses(t, other.getObject(K), 'AccessDenied')
    await refuses(t, other.getBucketAcl(B), 'AccessDenied')
    await refuses(t, other.getObject({ ...B, Key: 'none' }), 'NoSuchKey')
    await refuses(t, s3.as({ account: '333333333333' }).listObjects(B), 'AccessDenied')
    await s3.client.putBucketAcl({ ...B, GrantReadACP: `id=${idOf(OTHER)}`, GrantWriteACP: `id=${idOf(OTHER)}` })
    t.ok(await other.getBucketAcl(B))
    await other.putBucketAcl({ ...B, GrantFullControl: `id=${idOf(OTHER)}` })
    t.equal((await other.listObjectsV2(B)).KeyCount, 1, 'who may write the ACL may let itself in')
    t.ok(await s3.client.getBucketAcl(B), 'the owner may always')
  })

  t.test('by letting everyone in, or everyone who has an account', async t => {
    const s3 = await open(t)
    await s3.client.putBucketAcl({ ...B, ACL: 'authenticated-read' })
    t.ok(await s3.as({ account: OTHER }).listObjectsV2(B))
    t.equal((await visit(s3, { url: '/data' })).status, 403)
    await s3.client.putBucketAcl({ ...B, ACL: 'public-read-write' })
    t.equal((await visit(s3, { url: '/data' })).status, 200)
    t.equal((await visit(s3, { method: 'PUT', url: '/data/anyones', body: 'x' })).status, 200)
    t.equal((await visit(s3, { url: '/data/k' })).status, 403, 'an object has its own ACL')
    await s3.client.putObjectAcl({ ...K, ACL: 'public-read' })
    t.equal((await visit(s3, { url: '/data/k' })).body, 'hello')
    t.equal((await visit(s3, { url: '/data/k?acl' })).status, 403)
  })

  t.test('by whose an object is', async t => {
    const s3 = await open(t)
    const other = s3.as({ account: OTHER })
    await s3.client.putBucketAcl({ ...B, GrantWrite: `id=${idOf(OTHER)}` })
    await other.putObject({ ...B, Key: 'theirs', Body: 'x' })
    await refuses(t, s3.client.getObject({ ...B, Key: 'theirs' }), 'AccessDenied', {})
    t.equal((await other.getObjectAcl({ ...B, Key: 'theirs' })).Owner?.ID, idOf(OTHER))
    await s3.client.deleteObject({ ...B, Key: 'theirs' })
    await other.putObject({ ...B, Key: 'shared', Body: 'x', ACL: 'bucket-owner-read' })
    t.ok(await s3.client.getObject({ ...B, Key: 'shared' }))
    await s3.client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] } })
    await other.putObject({ ...B, Key: 'given', Body: 'x', ACL: 'bucket-owner-full-control' })
    t.equal((await s3.client.getObjectAcl({ ...B, Key: 'given' })).Owner?.ID, idOf(HOME))
    await other.putObject({ ...B, Key: 'kept', Body: 'x' })
    t.equal((await other.getObjectAcl({ ...B, Key: 'kept' })).Owner?.ID, idOf(OTHER))
  })
})

t.test('PutBucketAcl on the wire', async t => {
  const s3 = await open(t)
  const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
  const grant = `<Grant><Grantee ${xsi} xsi:type="Group"><URI>${ALL_USERS}</URI></Grantee><Permission>READ</Permission></Grant>`
  const document = (content: string) =>
    `<AccessControlPolicy><Owner><ID>${idOf(HOME)}</ID></Owner><AccessControlList>${content}</AccessControlList></AccessControlPolicy>`
  const put = (body: string, headers: Record<string, string> = {}) => s3.http({ method: 'PUT', url: '/data?acl', body, headers })
  const done = await put(document(grant))
  t.strictSame([done.status, done.body], [200, ''])
  t.same((await s3.client.getBucketAcl(B)).Grants, [toGroup(ALL_USERS, 'READ')])
  t.equal((await put('', { 'x-amz-acl': 'private' })).status, 200)
  t.equal(codeOf(await put(document(grant), { 'x-amz-acl': 'private' })), 'UnexpectedContent')
  const none = await put('')
  t.match(
    none.body,
    '<Code>MissingSecurityHeader</Code><Message>Your request was missing a required header</Message><MissingHeaderName>x-amz-acl</MissingHeaderName>',
  )
  t.equal(codeOf(await put('<AccessControlPolicy>')), 'MalformedACLError')
  const canned = await put('', { 'x-amz-acl': 'open' })
  t.match(
    canned.body,
    '<Code>InvalidArgument</Code><Message></Message><ArgumentName>x-amz-acl</ArgumentName><ArgumentValue>open</ArgumentValue>',
  )
})

t.test('GetBucketOwnershipControls, PutBucketOwnershipControls and DeleteBucketOwnershipControls', async t => {
  const put = (s3: Awaited<ReturnType<typeof startS3>>, ObjectOwnership: string) =>
    s3.client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [{ ObjectOwnership: ObjectOwnership as 'ObjectWriter' }] } })

  t.test('refuses what is no rule, and an ACL that would be lost', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    await refuses(t, client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: [] } }), 'MalformedXML')
    const two = [{ ObjectOwnership: 'ObjectWriter' as const }, { ObjectOwnership: 'ObjectWriter' as const }]
    await refuses(t, client.putBucketOwnershipControls({ ...B, OwnershipControls: { Rules: two } }), 'MalformedXML')
    await refuses(t, client.putBucketOwnershipControls({ ...B, OwnershipControls: undefined }), 'MissingRequestBodyError', {
      status: 400,
      message: 'Request Body is empty',
    })
    await refuses(t, put(s3, 'Nobody'), 'MalformedXML')
    await put(s3, 'ObjectWriter')
    await client.putBucketAcl({ ...B, ACL: 'log-delivery-write' as 'private' })
    await refuses(t, put(s3, 'BucketOwnerEnforced'), 'InvalidBucketAclWithObjectOwnership', {
      status: 400,
      message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    })
    await client.deleteBucketOwnershipControls(B)
    await refuses(t, client.getBucketOwnershipControls(B), 'OwnershipControlsNotFoundError', {
      status: 404,
      message: 'The bucket ownership controls were not found',
      fields: { BucketName: 'data' },
    })
    await refuses(t, client.getBucketOwnershipControls({ Bucket: 'nope' }), 'NoSuchBucket')
  })

  t.test('behaves: says whether ACLs count', async t => {
    const s3 = await startS3(t)
    for (const ownership of ['ObjectWriter', 'BucketOwnerPreferred', 'BucketOwnerEnforced'] as const) {
      await put(s3, ownership)
      t.same((await s3.client.getBucketOwnershipControls(B)).OwnershipControls, { Rules: [{ ObjectOwnership: ownership }] })
    }
    await refuses(t, s3.client.putBucketAcl({ ...B, ACL: 'private' }), 'AccessControlListNotSupported')
    await s3.client.deleteBucketOwnershipControls(B)
    await s3.client.putBucketAcl({ ...B, ACL: 'private' })
  })

  t.test('wire: documents, and statuses without any', async t => {
    const s3 = await startS3(t)
    const send = (method: string, body?: string) => s3.http({ method, url: '/data?ownershipControls', ...(body !== undefined && { body }) })
    const rule = '<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>'
    t.strictSame((await send('PUT', `<OwnershipControls>${rule}</OwnershipControls>`)).status, 200)
    t.equal(
      (await send('GET')).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<OwnershipControls xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rule}</OwnershipControls>`,
    )
    t.equal((await send('DELETE')).status, 204)
    t.equal((await send('DELETE')).status, 204, 'again')
    t.equal((await send('GET')).status, 404)
    t.equal(codeOf(await send('PUT', '')), 'MissingRequestBodyError')
    t.equal(codeOf(await send('PUT', '<OwnershipControls/>')), 'MalformedXML')
  })
})
