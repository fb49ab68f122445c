import t from 'tap'
import { ROLE, start, using } from './harness.js'

const TASK = { arn: 'arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy' }

t.test('AssumeRoot', async t => {
  const sts = await start(t)

  t.test('gives a short session as the root of a member account', async t => {
    const out = await sts.client.assumeRoot({ TargetPrincipal: '444455556666', TaskPolicyArn: TASK })
    t.same(out.Credentials!.Expiration, new Date('2026-01-01T00:15:00Z'))
    t.same(await using(sts, out.Credentials).getCallerIdentity({}), {
      Account: '444455556666',
      Arn: 'arn:aws:sts::444455556666:assumed-root',
      UserId: '444455556666',
    })
    await t.resolves(sts.client.assumeRoot({ TargetPrincipal: 'arn:aws:iam::444455556666:root', TaskPolicyArn: TASK, DurationSeconds: 60 }))
  })

  t.test('carries the source identity of the role that calls it', async t => {
    const role = await sts.client.assumeRole({ RoleArn: ROLE, RoleSessionName: 'build', SourceIdentity: 'alice' })
    const out = await using(sts, role.Credentials).assumeRoot({ TargetPrincipal: '444455556666', TaskPolicyArn: TASK })
    t.equal(out.SourceIdentity, 'alice')
  })

  t.test('refuses other principals, other policies, longer sessions and its own sessions', async t => {
    const user = 'arn:aws:iam::444455556666:user/x'
    await t.rejects(sts.client.assumeRoot({ TargetPrincipal: user, TaskPolicyArn: TASK }), {
      name: 'ValidationError',
      message: `${user} is invalid`,
    })
    const arn = 'arn:aws:iam::aws:policy/AdministratorAccess'
    await t.rejects(sts.client.assumeRoot({ TargetPrincipal: '444455556666', TaskPolicyArn: { arn } }), {
      name: 'ValidationError',
      message: `${arn} is not a valid task policy`,
    })
    await t.rejects(sts.client.assumeRoot({ TargetPrincipal: '444455556666', TaskPolicyArn: TASK, DurationSeconds: 901 }), {
      name: 'ValidationError',
      message:
        "1 validation error detected: Value '901' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 900",
    })
    const root = using(sts, (await sts.client.assumeRoot({ TargetPrincipal: '444455556666', TaskPolicyArn: TASK })).Credentials)
    await t.rejects(root.assumeRoot({ TargetPrincipal: '444455556666', TaskPolicyArn: TASK }), { name: 'AccessDenied' })
  })

  t.test('refuses the global endpoint', async t => {
    const response = await sts.http({
      method: 'POST',
      url: '/',
      headers: {
        host: 'sts.amazonaws.com',
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
      body: new URLSearchParams({
        Action: 'AssumeRoot',
        Version: '2011-06-15',
        TargetPrincipal: '444455556666',
        'TaskPolicyArn.arn': TASK.arn,
      }).toString(),
    })
    t.equal(response.status, 400)
    t.match(response.body, '<Message>AssumeRoot is not supported on the global endpoint</Message>')
  })
})
