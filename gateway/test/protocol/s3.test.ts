import t from 'tap'
import { AwsError } from '../../src/authoring/errors.js'
import { protocolOf } from '../../src/protocol/index.js'
import { modelOf, request } from './models.js'

const bucket = ['string', { httpLabel: true }] as const
const key = ['string', { httpLabel: true }] as const

const s3 = modelOf('restXml', {
  service: { sdk: 's3', id: 'S3', xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/' },
  operations: {
    ListBuckets: { input: 'unit', output: '#ListBucketsOutput', http: ['GET', '/?x-id=ListBuckets', 200] },
    // As the npm package has them: without the bucket.
    CreateBucket: { input: '#BucketRequest', output: 'unit', http: ['PUT', '/', 200] },
    HeadBucket: { input: '#BucketRequest', output: '#HeadBucketOutput', http: ['HEAD', '/', 200] },
    GetBucketLocation: { input: '#BucketRequest', output: '#GetBucketLocationOutput', http: ['GET', '/?location', 200] },
    ListObjects: { input: '#BucketRequest', output: '#ListBucketsOutput', http: ['GET', '/', 200] },
    ListObjectsV2: { input: '#BucketRequest', output: '#ListBucketsOutput', http: ['GET', '/?list-type=2', 200] },
    PutObject: { input: '#ObjectRequest', output: 'unit', http: ['PUT', '/{Key+}?x-id=PutObject', 200] },
    CopyObject: { input: '#CopyRequest', output: 'unit', http: ['PUT', '/{Key+}?x-id=CopyObject', 200] },
    UploadPart: { input: '#PartRequest', output: 'unit', http: ['PUT', '/{Key+}?x-id=UploadPart', 200] },
    ListVersions: { input: '#BucketRequest', output: '#ListVersionsOutput', http: ['GET', '/?versions', 200] },
    GetObjectAttributes: { input: '#AttributesRequest', output: 'unit', http: ['GET', '/{Bucket}/{Key+}?attributes', 200] },
    GetObject: { input: '#KeyRequest', output: 'unit', http: ['GET', '/{Bucket}/{Key+}?x-id=GetObject', 200] },
    PutObjectAcl: { input: '#AclRequest', output: 'unit', http: ['PUT', '/{Bucket}/{Key+}?acl', 200] },
    DeleteObjects: { input: '#DeleteRequest', output: 'unit', http: ['POST', '/{Bucket}?delete', 200] },
  },
  shapes: {
    BucketRequest: { members: { Bucket: bucket }, required: ['Bucket'] },
    ObjectRequest: { members: { Bucket: bucket, Key: key, Body: ['blob:stream', { httpPayload: true }] }, required: ['Bucket', 'Key'] },
    CopyRequest: {
      members: { Bucket: bucket, Key: key, CopySource: ['string', { httpHeader: 'x-amz-copy-source' }] },
      required: ['Bucket', 'Key', 'CopySource'],
    },
    KeyRequest: { members: { Bucket: bucket, Key: key }, required: ['Bucket', 'Key'] },
    AttributesRequest: {
      members: { Bucket: bucket, Key: key, Attributes: ['list<string>', { httpHeader: 'x-amz-object-attributes' }] },
      required: ['Bucket', 'Key', 'Attributes'],
    },
    ListVersionsOutput: {
      members: {
        IsTruncated: 'boolean',
        Versions: ['#Identifiers', { xmlFlattened: true, xmlName: 'Version' }],
        Markers: ['#Identifiers', { xmlFlattened: true, xmlName: 'DeleteMarker' }],
        Name: 'string',
      },
      traits: { xmlName: 'ListVersionsResult', order: ['Name'] },
    },
    HeadBucketOutput: { members: { Region: ['string', { httpHeader: 'x-amz-bucket-region' }] } },
    Identifiers: { list: '#ObjectIdentifier' },
    PartRequest: {
      members: {
        Bucket: bucket,
        Key: key,
        PartNumber: ['number', { httpQuery: 'partNumber' }],
        UploadId: ['string', { httpQuery: 'uploadId' }],
      },
      required: ['Bucket', 'Key', 'PartNumber', 'UploadId'],
    },
    AclRequest: {
      members: {
        Bucket: bucket,
        Key: key,
        AccessControlPolicy: ['#AccessControlPolicy', { httpPayload: true, xmlName: 'AccessControlPolicy' }],
      },
    },
    AccessControlPolicy: { members: { Grants: ['#Grants', { xmlName: 'AccessControlList' }] } },
    Grants: { list: ['#Grant', { xmlName: 'Grant' }] },
    Grant: {
      members: { Grantee: ['#Grantee', { xmlNamespace: ['xsi', 'http://www.w3.org/2001/XMLSchema-instance'] }], Permission: 'string' },
    },
    Grantee: { members: { Type: ['string', { xmlAttribute: true, xmlName: 'xsi:type' }], ID: 'string' } },
    DeleteRequest: { members: { Bucket: bucket, Delete: ['#Delete', { httpPayload: true, xmlName: 'Delete' }] } },
    Delete: { members: { Objects: ['#Objects', { xmlFlattened: true, xmlName: 'Object' }], Quiet: 'boolean' } },
    Objects: { list: '#ObjectIdentifier' },
    ObjectIdentifier: { members: { Key: 'string' } },
    GetBucketLocationOutput: { members: { LocationConstraint: 'string' } },
    ListBucketsOutput: { members: { Owner: '#Grant', At: 'timestamp' }, traits: { xmlName: 'ListAllMyBucketsResult' } },
    NoSuchKey: { error: 'client', status: 404, members: {} },
  },
})
const protocol = protocolOf(s3, 'restXml')
const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

t.test('requests are told apart as S3 does', async t => {
  const route = (method: string, target: string, headers: Record<string, string> = {}): string =>
    protocol.operationOf(request({ method, target, headers }))
  t.equal(route('GET', '/'), 'ListBuckets')
  t.equal(route('PUT', '/bucket'), 'CreateBucket')
  t.equal(route('PUT', '/bucket/'), 'CreateBucket')
  t.equal(route('HEAD', '/bucket'), 'HeadBucket')
  t.equal(route('GET', '/bucket'), 'ListObjects')
  t.equal(route('GET', '/bucket?prefix=a'), 'ListObjects')
  t.equal(route('GET', '/bucket?list-type=2&prefix=a'), 'ListObjectsV2')
  t.equal(route('GET', '/bucket?location='), 'GetBucketLocation')
  t.equal(route('PUT', '/bucket/key'), 'PutObject')
  t.equal(route('PUT', '/bucket/key?x-id=PutObject'), 'PutObject')
  t.equal(route('PUT', '/bucket/key', { 'x-amz-copy-source': 'a/b' }), 'CopyObject')
  t.equal(route('PUT', '/bucket/key?partNumber=1&uploadId=u'), 'UploadPart')
  t.equal(route('PUT', '/bucket/a/b?acl'), 'PutObjectAcl')
  t.equal(route('GET', '/bucket/key?attributes', { 'x-amz-object-attributes': 'ETag' }), 'GetObjectAttributes')
  t.equal(route('GET', '/bucket/key?attributes'), 'GetObjectAttributes', 'which says itself what is missing')
  t.throws(() => route('PUT', '/bucket?acl'), { code: 'MethodNotAllowed', status: 405 }, "a sub-resource isn't the bucket itself")
  t.throws(() => route('PUT', '/bucket/key?location'), { code: 'MethodNotAllowed' })
  t.throws(() => route('PATCH', '/bucket'), { code: 'MethodNotAllowed' })
  t.throws(
    () => route('POST', '/bucket/key'),
    { code: 'MethodNotAllowed', headers: { allow: 'HEAD, DELETE, GET, PUT' } },
    'what an object knows',
  )
})

function parse(target: string, body: string, method = 'POST'): Record<string, unknown> {
  const req = request({ method, target, body })
  return protocol.parse(s3.operation(protocol.operationOf(req))!, req)
}

t.test('keys are taken to the letter', async t => {
  const keyOf = (target: string): unknown => parse(target, '', 'PUT').Key
  t.equal(keyOf('/b/a/b/'), 'a/b/')
  t.equal(keyOf('/b//a'), '/a')
  t.equal(keyOf('/b/a//b'), 'a//b')
  t.equal(keyOf('/b/a+b%20c%2Fd'), 'a+b c/d')
  t.equal(keyOf('/b/../c'), '../c')
})

t.test('a document is read, with attributes, prefixes and character data', async t => {
  t.strictSame(
    parse(
      '/b?delete',
      `${PROLOG}<!-- c --><s3:Delete xmlns:s3="x"><s3:Object><s3:Key> a&amp;&#x41;&#66;\r\n<![CDATA[<&>]]></s3:Key></s3:Object><Object><Key/></Object><Quiet> true </Quiet></s3:Delete>`,
    ),
    { Bucket: 'b', Delete: { Objects: [{ Key: ' a&AB\n<&>' }, { Key: '' }], Quiet: true } },
  )
  const policy =
    '<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>'
  t.strictSame(parse('/b/k?acl', policy, 'PUT').AccessControlPolicy, {
    Grants: [{ Grantee: { Type: 'CanonicalUser', ID: '1' }, Permission: 'READ' }],
  })
})

t.test('what is not well-formed, or not the document, is MalformedXML', async t => {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema'
  for (const body of [
    'x',
    '<Delete>',
    '<Delete></Other>',
    '<Other/>',
    '<Delete/><Delete/>',
    '<Delete a=1/>',
    '<Delete a="1" a="2"/>',
    '<Delete>&nope;</Delete>',
    '<Delete>&#0;</Delete>',
    '<Delete><Quiet>maybe</Quiet></Delete>',
    '<Delete><Quiet><b/></Quiet></Delete>',
    '<!DOCTYPE x [<!ENTITY a "b">]><Delete>&a;</Delete>',
    '<!DOCTYPE lolz SYSTEM "file:///etc/passwd"><Delete/>',
    '<a>'.repeat(100_000),
    '<Delete><![CDATA[</Delete>',
  ]) {
    t.throws(() => parse('/b?delete', body), { code: 'MalformedXML', message }, body.slice(0, 50))
  }
})

t.test('outputs are as S3 writes them', async t => {
  const of = (operation: string, output: Record<string, unknown>): unknown =>
    protocol.serialize(s3.operation(operation)!, output, 'REQ').body
  t.equal(
    of('GetBucketLocation', { LocationConstraint: 'eu-west-1' }),
    `${PROLOG}<LocationConstraint ${NAMESPACE}>eu-west-1</LocationConstraint>`,
  )
  t.equal(of('GetBucketLocation', {}), `${PROLOG}<LocationConstraint ${NAMESPACE}></LocationConstraint>`)
  t.equal(
    of('ListBuckets', { Owner: { Grantee: { Type: 'CanonicalUser', ID: '"1"' } }, At: new Date(0) }),
    `${PROLOG}<ListAllMyBucketsResult ${NAMESPACE}><Owner><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>&quot;1&quot;</ID></Grantee></Owner>` +
      '<At>1970-01-01T00:00:00.000Z</At></ListAllMyBucketsResult>',
  )
  const [a, b, c] = ['a', 'b', 'c'].map(Key => ({ Key }))
  const list = (content: string) =>
    `${PROLOG}<ListVersionsResult ${NAMESPACE}><Name>n</Name><IsTruncated>false</IsTruncated>${content}</ListVersionsResult>`
  const versions = { IsTruncated: false, Name: 'n', Versions: [a, c], Markers: [b] }
  const [A, B, C] = ['Version', 'DeleteMarker', 'Version'].map((name, i) => `<${name}><Key>${'abc'[i]}</Key></${name}>`)
  t.equal(of('ListVersions', versions), list(`${A}${C}${B}`), 'in the order that the model’s patch tells')
  const turns = { $metadata: { turns: ['Versions', 'Markers', 'Versions'] } }
  t.equal(of('ListVersions', { ...versions, ...turns }), list(`${A}${B}${C}`), 'and the elements of two lists by turns')
  t.equal(protocol.serialize(s3.operation('HeadBucket')!, {}, 'REQ').headers['content-type'], 'application/xml')
  const { headers } = protocol.serialize(s3.operation('CreateBucket')!, {}, 'REQ')
  t.equal(headers['x-amz-request-id'], 'REQ')
  t.ok(headers['x-amz-id-2'])
  t.equal(headers.server, 'AmazonS3')
})

t.test('errors have their own fields, and none where there is no body', async t => {
  const error = new AwsError('NoSuchKey', 'The specified key does not exist.', { fields: { Key: 'a<b' } })
  const response = protocol.serializeError(error, 'REQ', s3.operation('PutObject'), request({ method: 'PUT' }))
  const host = response.headers['x-amz-id-2']
  t.equal(response.status, 404)
  t.equal(
    response.body,
    `${PROLOG}<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b</Key><RequestId>REQ</RequestId><HostId>${host}</HostId></Error>`,
  )
  t.match(protocol.serializeError(error, 'REQ', s3.operation('HeadBucket')), {
    body: undefined,
    headers: { 'content-type': 'application/xml' },
  })
  t.equal(protocol.serializeError(new AwsError('NotModified', '', { status: 304 }), 'REQ').body, undefined)
  t.equal(protocol.serializeError(new AwsError('NotImplemented', '', { status: 501 }), 'REQ').status, 501)
})

t.test('other restXml services wrap their errors', async t => {
  const model = modelOf('restXml', { service: { xmlNamespace: 'https://x/' }, shapes: { In: { members: {} }, Out: { members: {} } } })
  t.match(protocolOf(model, 'restXml').serializeError(new AwsError('Nope', 'n'), 'id'), {
    status: 400,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'id' },
    body: '<?xml version="1.0"?>\n<ErrorResponse xmlns="https://x/"><Error><Type>Sender</Type><Code>Nope</Code><Message>n</Message></Error><RequestId>id</RequestId></ErrorResponse>',
  })
})
