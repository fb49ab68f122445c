import { Readable } from 'node:stream'
import t from 'tap'
import { codeOf } from './kit.js'
import { BOUNDARY, type Fields, form, signed, startPost as start } from './post-kit.js'

const B = { Bucket: 'data' }
const SIZE_1_TO_10 = { conditions: [{ key: 'k' }, ['content-length-range', 1, 10]] }

/** A way to upload by form from a stream, which may break. */
interface Uploads {
  postObject(input: { Bucket: string; ContentType: string; Body: Readable }): Promise<unknown>
}

const send = (client: unknown, body: Readable) =>
  (client as Uploads).postObject({ ...B, ContentType: `multipart/form-data; boundary=${BOUNDARY}`, Body: body })

/** A form up to somewhere in its file. */
function begun(fields: Fields, name = 'file') {
  const whole = form(fields, 'hello'.repeat(1000)).replace('name="file"', `name="${name}"`)
  return whole.slice(0, whole.indexOf('hello') + 2500)
}

t.test('a form that is refused while its file comes', async t => {
  t.test('for being empty where it may not be, is answered so', async t => {
    const { post } = await start(t, true)
    for (const version of ['AES256', 'aws:kms']) {
      const fields = { key: 'k', 'x-amz-server-side-encryption': version }
      const conditions = [...SIZE_1_TO_10.conditions, { 'x-amz-server-side-encryption': version }]
      t.equal(codeOf(await post(form(signed(fields, { conditions }), ''))), 'EntityTooSmall')
    }
  })

  t.test('for what else is wrong with it, is answered by that, however long the file is', async t => {
    const { post, s3 } = await start(t, true)
    for (const file of ['', 'hello', 'hello'.repeat(100_000)]) {
      const wrongClass = { key: 'k', 'x-amz-storage-class': 'SLOW' }
      const conditions = [...SIZE_1_TO_10.conditions, { 'x-amz-storage-class': 'SLOW' }]
      t.equal(codeOf(await post(form(signed(wrongClass, { conditions }), file))), 'InvalidStorageClass')
      t.equal(codeOf(await post(form({ key: 'k' }, file))), 'AccessDenied')
      t.equal(codeOf(await post(form({}, file))), 'InvalidArgument')
    }
    t.equal((await s3.client.listObjectsV2(B)).KeyCount, 0)
  })
})

t.test('a form that ends too soon or is broken', async t => {
  t.test('is malformed, whether in its file, before it or in a file of another name', async t => {
    const { post, s3 } = await start(t)
    const ok = signed({ key: 'k' })
    for (const body of [begun(ok), begun(ok, 'picture'), begun(ok).slice(0, 100), begun(ok).slice(0, -2490)]) {
      t.equal(codeOf(await post(body)), 'MalformedPOSTRequest')
    }
    t.equal((await s3.client.listObjectsV2(B)).KeyCount, 0)
  })

  t.test('that has parts without a name, or of an unknown charset, is still answered', async t => {
    const { post, s3 } = await start(t)
    const part = (...headers: string[]) => `--${BOUNDARY}\r\n${headers.map(header => `${header}\r\n`).join('')}\r\nx\r\n`
    for (const odd of [
      part('Content-Disposition: form-data'),
      part('Content-Disposition: form-data; filename="a"'),
      part('Content-Disposition: form-data; name="odd"', 'Content-Type: text/plain; charset=none'),
      part(`Content-Disposition: form-data; name="odd"; filename*=none''%E4%`),
      part('Content-Disposition: form-data; name="%'),
      part('Content-Type: text/plain'),
      part(),
    ]) {
      const fields = signed({ key: 'k' }, { conditions: [{ key: 'k' }, ['starts-with', '$odd', ''], ['starts-with', '$', '']] })
      t.match((await post(odd + form(fields))).status, /^(204|400|403)$/, odd)
    }
    t.ok(await s3.client.headObject({ ...B, Key: 'k' }))
  })

  t.test('is answered by what is wrong with its fields, before that', async t => {
    const { post } = await start(t)
    t.equal(codeOf(await post(begun({ acl: 'private' }))), 'InvalidArgument')
  })
})

t.test('a client that goes away in the middle of its form', async t => {
  for (const [what, body] of Object.entries({
    'in its file': begun(signed({ key: 'k' })),
    'in a file of another name': begun(signed({ key: 'k' }), 'picture'),
    'in a form that is refused': begun({ acl: 'private' }),
    'in a form whose size is limited': begun(signed({ key: 'k' }, SIZE_1_TO_10)),
    'before the file': begun(signed({ key: 'k' })).slice(0, 100),
  })) {
    t.test(what, async t => {
      const { s3 } = await start(t)
      const stream = Readable.from(
        (function* () {
          yield Buffer.from(body)
          throw new Error('gone')
        })(),
      )
      await t.rejects(send(s3.client, stream))
      t.equal((await s3.client.listObjectsV2(B)).KeyCount, 0)
    })
  }
})
