import t from 'tap'
import { arnOf, makeQueue, refuses, startSqs } from './helper.js'

t.test('AddPermission and RemovePermission', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  const policy = async () => {
    const { Attributes } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['Policy'] })
    return Attributes && JSON.parse((Attributes as Record<string, string>).Policy!)
  }
  const add = (Label: string | undefined, Actions: string[] | undefined, AWSAccountIds: string[] | undefined = ['111122223333']) =>
    client.addPermission({ QueueUrl, Label, Actions, AWSAccountIds })

  t.test('refuse wrong input', async t => {
    await refuses(t, add(undefined, ['*']), 'MissingParameter', 'The request must contain the parameter Label.')
    await refuses(t, add('l', []), 'MissingParameter', 'The request must contain the parameter Actions.')
    await refuses(t, add('l', ['*'], []), 'MissingParameter', 'The request must contain the parameter AWSAccountIds.')
    await refuses(
      t,
      add('a b', ['*']),
      'InvalidParameterValue',
      'Value a b for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
    )
    await refuses(
      t,
      add('l', ['Fly']),
      'InvalidParameterValue',
      'Value SQS:Fly for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions.',
    )
    await refuses(
      t,
      add('l', ['CreateQueue']),
      'InvalidParameterValue',
      'Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.',
    )
    await refuses(t, add('l', Array(8).fill('SendMessage')), 'OverLimit', '8 Actions were found, maximum allowed is 7.')
    await refuses(
      t,
      add('l', ['*'], ['bob']),
      'InvalidParameterValue',
      'Value ["bob"] for parameter PrincipalId is invalid. Reason: Unable to verify.',
    )
    await refuses(
      t,
      client.removePermission({ QueueUrl, Label: 'l' }),
      'InvalidParameterValue',
      "Value l for parameter Label is invalid. Reason: can't find label on existing policy",
    )
    t.equal(await policy(), undefined)
  })

  t.test('write a real policy', async t => {
    await add('one', ['SendMessage'])
    await add('two', ['SendMessage', 'ReceiveMessage'], ['111122223333', '444455556666'])
    const statement = { Effect: 'Allow', Resource: arnOf('q') }
    const one = { Sid: 'one', ...statement, Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'SQS:SendMessage' }
    const two = {
      Sid: 'two',
      ...statement,
      Principal: { AWS: ['arn:aws:iam::111122223333:root', 'arn:aws:iam::444455556666:root'] },
      Action: ['SQS:SendMessage', 'SQS:ReceiveMessage'],
    }
    const head = { Version: '2008-10-17', Id: `${arnOf('q')}/SQSDefaultPolicy` }
    t.same(await policy(), { ...head, Statement: [one, two] })
    await refuses(t, add('one', ['*']), 'InvalidParameterValue', 'Value one for parameter Label is invalid. Reason: Already exists.')
    await client.removePermission({ QueueUrl, Label: 'one' })
    t.same(await policy(), { ...head, Statement: [two] })
    await client.removePermission({ QueueUrl, Label: 'two' })
    t.equal(await policy(), undefined)
  })

  t.test('stop at twenty statements', async t => {
    for (let i = 0; i < 20; i++) await add(`l${i}`, ['SendMessage'])
    await refuses(t, add('more', ['SendMessage']), 'OverLimit', '21 Statements were found, maximum allowed is 20.')
  })
})

t.test('TagQueue, UntagQueue and ListQueueTags', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const { QueueUrl } = await client.createQueue({ QueueName: 'q', tags: { a: '1' } })
  const tag = (Tags: Record<string, string>) => client.tagQueue({ QueueUrl, Tags })
  const tags = async () => (await client.listQueueTags({ QueueUrl })).Tags

  t.strictSame(await tags(), { a: '1' })
  await tag({ a: '2', 'Case Key': 'ü _.:/=+-@', empty: '' })
  t.strictSame(await tags(), { a: '2', 'Case Key': 'ü _.:/=+-@', empty: '' })
  await client.untagQueue({ QueueUrl, TagKeys: ['a', 'none'] })
  t.strictSame(await tags(), { 'Case Key': 'ü _.:/=+-@', empty: '' })
  await client.untagQueue({ QueueUrl, TagKeys: ['Case Key', 'empty'] })
  t.equal(await tags(), undefined)

  await refuses(t, tag({}), 'MissingParameter', 'The request must contain the parameter Tags.')
  await refuses(t, client.untagQueue({ QueueUrl, TagKeys: [] }), 'MissingParameter', 'The request must contain the parameter TagKeys.')
  await refuses(t, tag({ ['k'.repeat(129)]: '' }), 'InvalidParameterValue', 'Tag key must be between 1 and 128 characters in length.')
  await refuses(t, tag({ k: 'v'.repeat(257) }), 'InvalidParameterValue', 'Tag value must be between 0 and 256 characters in length.')
  await refuses(t, tag({ 'aws:k': 'v' }), 'InvalidParameterValue', 'Tag key aws:k is invalid: the prefix aws: is reserved.')
  await tag(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v'])))
  await refuses(t, tag({ more: 'v' }), 'InvalidParameterValue', 'Too many tags added for queue q.')
  await tag({ k0: 'another value' })
})
