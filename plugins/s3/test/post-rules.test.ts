import t from 'tap'
import { errorDocument, golden, type startS3, textOf } from './kit.js'
import { BOUNDARY, type Fields, form, signed, startPost } from './post-kit.js'

const K = { Bucket: 'data', Key: 'k' }

async function start(t: Parameters<typeof startS3>[0]) {
  const { client, post, s3 } = await startPost(t, true)
  return { client, s3, post: (body: string, headers?: Fields) => golden(post(body, headers)) }
}

const denied = (reason: string) => [403, errorDocument('AccessDenied', `Invalid according to Policy: ${reason}`)]

t.test('a POST policy refuses', async t => {
  t.test('a document that is none', async t => {
    const { post } = await start(t)
    const unsigned = (policy: unknown) => {
      const text = typeof policy === 'string' ? policy : JSON.stringify(policy)
      return signed({ key: 'k' }, { document: text })
    }
    const expiration = '2026-01-01T01:00:00Z'
    for (const [policy, reason] of [
      ['{', 'Invalid JSON.'],
      [[], 'Invalid JSON.'],
      [{ conditions: [] }, 'Policy missing expiration.'],
      [{ expiration: 'soon', conditions: [] }, "Invalid 'expiration' value: 'soon'"],
      [{ expiration }, 'Policy missing conditions.'],
      [{ expiration, conditions: [{}] }, 'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.'],
      [{ expiration, conditions: [{ key: 1 }] }, 'Invalid Simple-Condition: value must be a string.'],
      [{ expiration, conditions: [['like', '$key', 'k']] }, "Invalid Condition: unknown operation 'like'."],
      [{ expiration, conditions: [['content-length-range', 'a', 2]] }, 'Invalid content-length-range: a size must be an integer.'],
    ] as const) {
      const { status, body } = await post(form(unsigned(policy)))
      t.strictSame([status, body], [400, errorDocument('InvalidPolicyDocument', `Invalid Policy: ${reason}`)])
    }
  })

  t.test('fields that its conditions don’t hold for, of each kind', async t => {
    const { post } = await start(t)
    const fails = async (fields: Fields, conditions: unknown[], text: string) => {
      const { status, body } = await post(form(signed(fields, { conditions })))
      t.strictSame([status, body], denied(`Policy Condition failed: ${text.replaceAll('"', '&quot;')}`))
    }
    await fails({ key: 'k' }, [{ key: 'l' }], '["eq", "$key", "l"]')
    await fails({ key: 'k' }, [['eq', '$key', 'K']], '["eq", "$key", "K"]')
    await fails({ key: 'k' }, [['starts-with', '$key', 'up/']], '["starts-with", "$key", "up/"]')
    await fails({ key: 'k' }, [{ key: 'k' }, { bucket: 'other' }], '["eq", "$bucket", "other"]')
    await fails({ key: 'k' }, [{ key: 'k' }, { acl: 'private' }], '["eq", "$acl", "private"]')
    const types = [{ key: 'k' }, ['starts-with', '$Content-Type', 'image/']]
    await fails({ key: 'k', 'Content-Type': 'image/png,text/html' }, types, '["starts-with", "$Content-Type", "image/"]')
  })

  t.test('fields that it doesn’t name, but for those that are free', async t => {
    const { post } = await start(t)
    const conditions = [{ key: 'k' }]
    for (const name of ['acl', 'x-amz-meta-a', 'success_action_status', 'x-amz-storage-class', 'submit']) {
      const { status, body } = await post(form(signed({ key: 'k', [name]: 'private' }, { conditions })))
      t.strictSame([status, body], denied(`Extra input fields: ${name}`))
    }
    t.equal((await post(form(signed({ key: 'k', 'x-ignore-this': 'x' }, { conditions })))).status, 204)
  })

  t.test('files below and above its range, whose ends are in it', async t => {
    const { post, client } = await start(t)
    const range = (min: number, max: number) =>
      post(form(signed({ key: 'k' }, { conditions: [{ key: 'k' }, ['content-length-range', min, max]] })))
    const small = await range(6, 9)
    t.strictSame(
      [small.status, small.body],
      [
        400,
        errorDocument(
          'EntityTooSmall',
          'Your proposed upload is smaller than the minimum allowed size',
          '<ProposedSize>5</ProposedSize><MinSizeAllowed>6</MinSizeAllowed>',
        ),
      ],
    )
    const large = await range(0, 4)
    t.strictSame(
      [large.status, large.body],
      [
        400,
        errorDocument(
          'EntityTooLarge',
          'Your proposed upload exceeds the maximum allowed size',
          '<ProposedSize>5</ProposedSize><MaxSizeAllowed>4</MaxSizeAllowed>',
        ),
      ],
    )
    await t.rejects(client.headObject(K), { code: 'NotFound' })
    t.strictSame([(await range(5, 5)).status, (await range(0, 5)).status], [204, 204])
  })
})

t.test('a POST form refuses, in S3’s order', async t => {
  const { post, s3 } = await start(t)
  const must = (name: string) =>
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`
  const missing = (name: string) =>
    errorDocument('InvalidArgument', must(name), `<ArgumentName>${name}</ArgumentName><ArgumentValue></ArgumentValue>`)
  t.equal((await post(form(signed({})))).body, missing('key'), 'no key, before anything else')
  t.equal((await post(form({ key: 'k', 'x-amz-signature': 'x' }))).body, missing('policy'), 'a signature of no policy')
  t.equal((await post(form({ key: 'k', policy: 'e30=' }))).body, missing('X-Amz-Algorithm'))
  const fields = signed({ key: 'k' })
  for (const [name, shown] of [
    ['x-amz-credential', 'X-Amz-Credential'],
    ['x-amz-date', 'X-Amz-Date'],
    ['x-amz-signature', 'X-Amz-Signature'],
  ] as const) {
    const { [name]: _, ...rest } = fields
    t.equal((await post(form(rest))).body, missing(shown))
  }
  t.match(
    (await post(form({ ...fields, 'x-amz-algorithm': 'X' }))).body,
    '<ArgumentName>X-Amz-Algorithm</ArgumentName><ArgumentValue>X</ArgumentValue>',
  )
  t.match((await post(form({ ...fields, 'x-amz-credential': 'test' }))).body, 'the Credential is mis-formatted')
  // A wrong signature is told before a policy that doesn't hold, and that before a bucket that isn't there.
  const stale = signed({ key: 'k' }, { expiration: '2025-01-01T00:00:00Z', secret: 'wrong' })
  t.match((await post(form(stale))).body, '<Code>SignatureDoesNotMatch</Code>')
  t.match((await post(form(signed({ key: 'k' }, { expiration: '2025-01-01T00:00:00Z' })))).body, 'Policy expired.')
  t.match((await post(form(signed({ key: 'k', tagging: '<nonsense' })))).body, '<Code>MalformedXML</Code>')
  t.match((await post(form(signed({ key: 'k', 'x-amz-storage-class': 'COLD' })))).body, '<Code>InvalidStorageClass</Code>')
  const bare = Object.getPrototypeOf(s3) as typeof s3
  const elsewhere = (secret: string) =>
    bare.http({
      method: 'POST',
      url: '/nope',
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      body: form(signed({ key: 'k' }, { bucket: 'nope', secret })),
    })
  t.match((await elsewhere('wrong')).body, '<Code>SignatureDoesNotMatch</Code>')
  t.match(await elsewhere('test'), { status: 404, body: '<Code>NoSuchBucket</Code>' })
  t.match((await post('no boundary here')).body, '<Code>MalformedPOSTRequest</Code>')
})

t.test('a POST form behaves', async t => {
  t.test('with the file’s name where any field asks for it, before the policy is asked', async t => {
    const { client, post } = await start(t)
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the placeholder is S3's own.
    const fields = {
      key: 'up/${filename}',
      'x-amz-meta-name': 'it is ${filename}',
      'Content-Disposition': 'attachment; filename=${filename}',
    }
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the placeholder is S3's own.
    const conditions = [
      { key: 'up/cat.png' },
      ['starts-with', '$x-amz-meta-name', 'it is cat'],
      ['starts-with', '$Content-Disposition', ''],
    ]
    t.equal((await post(form(signed(fields, { conditions })))).status, 204)
    t.match(await client.headObject({ ...K, Key: 'up/cat.png' }), {
      Metadata: { name: 'it is cat.png' },
      ContentDisposition: 'attachment; filename=cat.png',
    })
    t.equal(
      (await post(form(signed(fields, { conditions: [['starts-with', '$key', 'up/'], ...conditions.slice(1)] }), 'x', '$&/ca$&t'))).status,
      403,
    )
  })

  t.test('with all that a PutObject takes of an object', async t => {
    const { client, s3 } = await start(t)
    await client.createBucket({ Bucket: 'locked', ObjectLockEnabledForBucket: true })
    const fields = {
      key: 'k',
      acl: 'bucket-owner-full-control',
      'Content-Type': 'a/b',
      'Content-Encoding': 'gzip',
      Expires: 'next week',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-website-redirect-location': '/there',
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-retain-until-date': '2026-02-01T00:00:00Z',
      'x-amz-object-lock-legal-hold': 'ON',
      'Content-MD5': 'XUFAKrxLKna5cZ2REBfFkg==',
    }
    const body = form(signed(fields, { bucket: 'locked' }))
    const bare = Object.getPrototypeOf(s3) as typeof s3
    const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
    const { status, headers: told, body: text } = await bare.http({ method: 'POST', url: '/locked', body, headers })
    t.equal(status, 204, text)
    t.match(told, { 'x-amz-version-id': /^.{32}$/, etag: '"5d41402abc4b2a76b9719d911017c592"', location: 'http://localhost:4566/locked/k' })
    t.match(await client.headObject({ Bucket: 'locked', Key: 'k' }), {
      ContentType: 'a/b',
      ContentEncoding: 'gzip',
      ExpiresString: 'next week',
      StorageClass: 'STANDARD_IA',
      WebsiteRedirectLocation: '/there',
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: new Date('2026-02-01T00:00:00Z'),
      ObjectLockLegalHoldStatus: 'ON',
    })
  })

  t.test('and passes over what comes after the file, and answers it doesn’t know', async t => {
    const { client, post } = await start(t)
    const after = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="submit"\r\n\r\nGo\r\n--${BOUNDARY}--\r\n`
    t.equal((await post(form(signed({ key: 'k' })).replace(`--${BOUNDARY}--\r\n`, after))).status, 204)
    t.equal(await textOf(await client.getObject(K)), 'hello')
    for (const success_action_status of ['201x', '404', '']) {
      const { status, body } = await post(form(signed({ key: 'k', success_action_status })))
      t.strictSame([status, body], [204, ''], `success_action_status ${success_action_status}`)
    }
    const redirects = (to: string) => post(form(signed({ key: 'k', success_action_redirect: to, success_action_status: '201' })))
    t.equal((await redirects('http://a.example/')).status, 303, 'a redirect counts more than a status')
    t.equal((await redirects('no address')).status, 201, 'and is passed over when it is none')
  })
})
