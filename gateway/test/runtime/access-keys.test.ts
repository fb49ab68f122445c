import t from 'tap'
import { accessKeyId, accountOfAccessKeyId, IssuedCredentials } from '../../src/runtime/access-keys.js'
import { FakeClock } from '../../src/runtime/clock.js'

const root = { account: '123456789012', arn: 'arn:aws:iam::123456789012:root', userId: '123456789012', type: 'root' as const }

t.test("an access key id carries its account as AWS's own do", async t => {
  t.equal(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML'), '029608264753')
  for (const account of ['000000000000', '123456789012', '999999999999']) {
    const id = accessKeyId('AKIA', account)
    t.match(id, /^AKIA[A-Z2-7]{16}$/)
    t.equal(accountOfAccessKeyId(id), account)
  }
  t.equal(accountOfAccessKeyId('test'), undefined)
})

t.test('temporary credentials have a token and an end; long-term ones have neither', async t => {
  const clock = new FakeClock(0)
  const credentials = new IssuedCredentials(clock)
  const temporary = credentials.issueTemporary(root, 900)
  t.match(temporary.accessKeyId, /^ASIA/)
  t.equal(temporary.expiresAt, 900_000)
  t.ok(temporary.sessionToken)
  const longTerm = credentials.issueLongTerm(root)
  t.match(longTerm.accessKeyId, /^AKIA/)
  t.equal(longTerm.secretAccessKey.length, 40)
  t.equal(longTerm.sessionToken, undefined)
  t.same(credentials.find(longTerm.accessKeyId), longTerm)
  credentials.revoke(longTerm.accessKeyId)
  t.equal(credentials.find(longTerm.accessKeyId), undefined)
})

t.test('keys that are long over are forgotten, and none before', async t => {
  const clock = new FakeClock(0)
  const credentials = new IssuedCredentials(clock)
  const [first] = Array.from({ length: 999 }, () => credentials.issueTemporary(root, 900))
  await clock.advance(24 * 3600_000)
  credentials.issueTemporary(root, 900)
  t.ok(credentials.find(first!.accessKeyId), 'a use of it is still answered with ExpiredToken')
  await clock.advance(900_001)
  for (let i = 0; i < 1000; i++) credentials.issueTemporary(root, 900)
  t.equal(credentials.find(first!.accessKeyId), undefined)
})
