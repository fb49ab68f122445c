import t from 'tap'
import { startS3 } from './kit.js'

const K = { Key: 'k' }
const UPLOAD = { ...K, UploadId: 'none' }
const DATE = new Date('2040-01-01')

/** Each operation on objects with the least that it takes beside the bucket. */
const OPERATIONS: Readonly<Record<string, object>> = {
  abortMultipartUpload: UPLOAD,
  completeMultipartUpload: { ...UPLOAD, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: 'x' }] } },
  copyObject: { ...K, CopySource: 'data/k' },
  createMultipartUpload: K,
  deleteObject: K,
  deleteObjectAnnotation: { ...K, AnnotationName: 'a' },
  deleteObjects: { Delete: { Objects: [K] } },
  deleteObjectTagging: K,
  getObject: K,
  getObjectAcl: K,
  getObjectAnnotation: { ...K, AnnotationName: 'a' },
  getObjectAttributes: { ...K, ObjectAttributes: ['ETag'] },
  getObjectLegalHold: K,
  getObjectLockConfiguration: {},
  getObjectRetention: K,
  getObjectTagging: K,
  headBucket: {},
  headObject: K,
  listMultipartUploads: {},
  listObjectAnnotations: K,
  listObjects: {},
  listObjectsV2: {},
  listObjectVersions: {},
  listParts: UPLOAD,
  putObject: { ...K, Body: 'new' },
  putObjectAcl: { ...K, ACL: 'private' },
  putObjectAnnotation: { ...K, AnnotationName: 'a', AnnotationPayload: 'x' },
  putObjectLegalHold: { ...K, LegalHold: { Status: 'ON' } },
  putObjectLockConfiguration: { ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } },
  putObjectRetention: { ...K, Retention: { Mode: 'GOVERNANCE', RetainUntilDate: DATE } },
  putObjectTagging: { ...K, Tagging: { TagSet: [] } },
  renameObject: { Key: 'l', RenameSource: 'k' },
  updateObjectEncryption: { ...K, ObjectEncryption: { SSEKMS: { KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/x' } } },
  uploadPart: { ...UPLOAD, PartNumber: 1, Body: 'x' },
  uploadPartCopy: { ...UPLOAD, PartNumber: 1, CopySource: 'data/k' },
}

type AnyClient = Readonly<Record<string, (input: object) => Promise<unknown>>>

async function start(t: Parameters<typeof startS3>[0]) {
  const s3 = await startS3(t)
  await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'old' })
  const client = s3.client as unknown as AnyClient
  const codeOf = (name: string, members: object) =>
    client[name]!({ ...OPERATIONS[name], ...members }).then(
      () => 'went through',
      (error: { code?: string; status?: number }) => `${error.status} ${error.code}`,
    )
  return { s3, codeOf }
}

t.test('every operation on objects refuses a bucket that isn’t there, before anything about the object', async t => {
  const { codeOf } = await start(t)
  for (const name of Object.keys(OPERATIONS)) {
    const expected = name.startsWith('head') ? '404 NotFound' : '404 NoSuchBucket'
    t.equal(await codeOf(name, { Bucket: 'nope' }), expected, name)
    // Whoever expects an owner of what isn't there is told that it isn't.
    t.equal(await codeOf(name, { Bucket: 'nope', ExpectedBucketOwner: '111111111111' }), expected, name)
  }
})

t.test('every operation on objects refuses a bucket of another owner than is expected, and changes nothing', async t => {
  const { s3, codeOf } = await start(t)
  for (const name of Object.keys(OPERATIONS)) {
    t.equal(await codeOf(name, { Bucket: 'data', ExpectedBucketOwner: '111111111111' }), '403 AccessDenied', name)
    t.equal(await codeOf(name, { Bucket: 'data', ExpectedBucketOwner: 'somebody' }), '400 InvalidBucketOwnerAWSAccountID', name)
  }
  t.match(await s3.client.headObject({ Bucket: 'data', Key: 'k' }), { ContentLength: 3 })
  t.equal((await s3.client.listObjectVersions({ Bucket: 'data' })).Versions?.length, 1)
  t.match(await codeOf('getObject', { Bucket: 'data', ExpectedBucketOwner: '000000000000' }), 'went through')
})

t.test('every operation on an object refuses a key of more than 1,024 bytes', async t => {
  const { codeOf } = await start(t)
  for (const [name, members] of Object.entries(OPERATIONS)) {
    // An upload's key is compared with the one it was begun for.
    if (!('Key' in members) || 'UploadId' in members || /Lock|Hold|Retention/.test(name)) continue
    t.equal(await codeOf(name, { Bucket: 'data', Key: 'é'.repeat(513) }), '400 KeyTooLongError', name)
  }
})
