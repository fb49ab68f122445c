import t from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

const QUEUES = `
import boto3, json
from botocore.exceptions import ClientError
sqs = boto3.client('sqs')
dead = sqs.create_queue(QueueName='dead.fifo', Attributes={'FifoQueue': 'true'})['QueueUrl']
arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
url = sqs.create_queue(QueueName='orders.fifo', Attributes={
    'FifoQueue': 'true', 'ContentBasedDeduplication': 'true', 'VisibilityTimeout': '0',
    'RedrivePolicy': json.dumps({'deadLetterTargetArn': arn, 'maxReceiveCount': 1})})['QueueUrl']
sent = [sqs.send_message(QueueUrl=url, MessageBody=b, MessageGroupId='g', MessageAttributes={
    'n': {'DataType': 'Number', 'StringValue': '5'}, 'b': {'DataType': 'Binary', 'BinaryValue': b'\\x00\\x01'}}) for b in ('one', 'two', 'one')]
assert sent[0]['MessageId'] == sent[2]['MessageId'], sent
got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=['All'])['Messages']
assert [m['Body'] for m in got] == ['one', 'two'], got
assert got[0]['MessageAttributes']['b']['BinaryValue'] == b'\\x00\\x01', got
assert 'Messages' not in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
letters = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)['Messages']
assert [m['Body'] for m in letters] == ['one', 'two'], letters
done = sqs.delete_message_batch(QueueUrl=dead, Entries=[{'Id': str(i), 'ReceiptHandle': m['ReceiptHandle']} for i, m in enumerate(letters)])
assert len(done['Successful']) == 2, done
sqs.delete_queue(QueueUrl=url)
try:
    sqs.get_queue_url(QueueName='orders.fifo')
    raise AssertionError('the queue is still there')
except sqs.exceptions.QueueDoesNotExist as e:
    assert e.response['Error']['Code'] == 'AWS.SimpleQueueService.NonExistentQueue', e.response
print('done')
`

const ROLES = `
import boto3
from botocore.exceptions import ClientError
sts = boto3.client('sts')
c = sts.assume_role(RoleArn='arn:aws:iam::444455556666:role/Deploy', RoleSessionName='boto3', Tags=[{'Key': 'a', 'Value': 'b'}])['Credentials']
role = boto3.client('sts', aws_access_key_id=c['AccessKeyId'], aws_secret_access_key=c['SecretAccessKey'], aws_session_token=c['SessionToken'])
me = role.get_caller_identity()
assert me['Arn'] == 'arn:aws:sts::444455556666:assumed-role/Deploy/boto3' and me['Account'] == '444455556666', me
thief = boto3.client('sts', aws_access_key_id=c['AccessKeyId'], aws_secret_access_key=c['SecretAccessKey'], aws_session_token='another')
try:
    thief.get_caller_identity()
    raise AssertionError('the credentials are good without their token')
except ClientError as e:
    assert e.response['Error']['Code'] == 'InvalidClientTokenId', e.response
try:
    sts.get_federation_token(Name='bob', Policy='{')
    raise AssertionError('the policy was taken')
except sts.exceptions.MalformedPolicyDocumentException as e:
    assert e.response['Error']['Message'] == 'This policy contains invalid Json', e.response
print('done')
`

// Longer than tap gives a file by itself.
t.setTimeout(120_000)

t.test('boto3', { skip: missing('python3', '-c', 'import boto3') }, async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const python = (script: string) => run('python3', ['-c', script], { env: clientEnv(server.endpoint) })

  t.test('takes a FIFO queue from its creation to its end', async t => {
    t.match(await python(QUEUES), { code: 0, stdout: 'done\n' })
  })

  t.test('assumes a role and is known as it', async t => {
    t.match(await python(ROLES), { code: 0, stdout: 'done\n' })
  })
})
