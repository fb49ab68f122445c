import { cbor } from '@smithy/core/cbor'
import type { Target } from './request.js'

const QUEUE = 'http://localhost:4566/000000000000/bad-input'

function json(service: string, target: string, version: '1.0' | '1.1', value: Record<string, unknown>): Target {
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }
  return { name: target, form: 'json', service, method: 'POST', path: '/', headers, body: Buffer.from(JSON.stringify(value)), value }
}

function query(service: string, form: 'query' | 'ec2', Version: string, value: Record<string, string>): Target {
  const params = { ...value, Version }
  const body = Buffer.from(new URLSearchParams(params).toString())
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  return { name: `${service} ${value.Action}`, form, service, method: 'POST', path: '/', headers, body, value: params }
}

function s3(name: string, method: string, path: string, body: string): Target {
  const headers = { 'content-type': 'application/xml', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  return { name: `s3 ${name}`, form: 'restXml', service: 's3', method, path, headers, body: Buffer.from(body) }
}

function restJson(service: string, name: string, method: string, path: string, value: Record<string, unknown>): Target {
  const headers = { 'content-type': 'application/json' }
  return { name: `${service} ${name}`, form: 'restJson', service, method, path, headers, body: Buffer.from(JSON.stringify(value)), value }
}

export const jsonTargets: readonly Target[] = [
  json('sqs', 'AmazonSQS.SendMessage', '1.0', {
    QueueUrl: QUEUE,
    MessageBody: 'hello',
    DelaySeconds: 1,
    MessageAttributes: { one: { DataType: 'String', StringValue: 'x' }, two: { DataType: 'Binary', BinaryValue: 'AAEC' } },
  }),
  json('sqs', 'AmazonSQS.SendMessageBatch', '1.0', { QueueUrl: QUEUE, Entries: [{ Id: 'a', MessageBody: 'x' }] }),
  json('sqs', 'AmazonSQS.CreateQueue', '1.0', { QueueName: 'bad-input', Attributes: { DelaySeconds: '5' }, tags: { a: 'b' } }),
  json('sqs', 'AmazonSQS.ReceiveMessage', '1.0', {
    QueueUrl: QUEUE,
    MaxNumberOfMessages: 5,
    MessageAttributeNames: ['All'],
    WaitTimeSeconds: 0,
  }),
  json('dynamodb', 'DynamoDB_20120810.PutItem', '1.0', {
    TableName: 'bad-input',
    Item: { id: { S: '1' }, n: { N: '5' }, m: { M: { l: { L: [{ BOOL: true }, { B: 'AAEC' }] } } } },
  }),
  json('kinesis', 'Kinesis_20131202.PutRecords', '1.1', { StreamName: 's', Records: [{ Data: 'AAEC', PartitionKey: 'k' }] }),
]

export const queryTargets: readonly Target[] = [
  query('sqs', 'query', '2012-11-05', {
    Action: 'SendMessage',
    QueueUrl: QUEUE,
    MessageBody: 'hello',
    DelaySeconds: '1',
    'MessageAttribute.1.Name': 'a',
    'MessageAttribute.1.Value.DataType': 'String',
    'MessageAttribute.1.Value.StringValue': 'x',
  }),
  query('sts', 'query', '2011-06-15', {
    Action: 'AssumeRole',
    RoleArn: 'arn:aws:iam::111122223333:role/r',
    RoleSessionName: 'session',
    DurationSeconds: '900',
    'Tags.member.1.Key': 'a',
    'Tags.member.1.Value': 'b',
  }),
  query('ec2', 'ec2', '2016-11-15', {
    Action: 'RunInstances',
    ImageId: 'ami-1',
    MinCount: '1',
    MaxCount: '1',
    'SecurityGroupId.1': 'sg-1',
  }),
]

export const xmlTargets: readonly Target[] = [
  s3(
    'CompleteMultipartUpload',
    'POST',
    '/bad-input/key?uploadId=x',
    '<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Part><ETag>"a"</ETag><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
  ),
  s3('DeleteObjects', 'POST', '/bad-input?delete', '<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>'),
  s3('PutObjectTagging', 'PUT', '/bad-input/key?tagging', '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'),
]

export const restJsonTargets: readonly Target[] = [
  restJson('lambda', 'CreateFunction', 'POST', '/2015-03-31/functions', {
    FunctionName: 'f',
    Role: 'arn:aws:iam::111122223333:role/r',
    Code: { ZipFile: 'AAEC' },
    Timeout: 3,
    Environment: { Variables: { a: 'b' } },
  }),
  restJson('lambda', 'TagResource', 'POST', '/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af', {
    Tags: { a: 'b' },
  }),
]

const METRICS = {
  Namespace: 'n',
  MetricData: [{ MetricName: 'm', Value: 1.5, Timestamp: 1_767_225_600, Dimensions: [{ Name: 'a', Value: 'b' }] }],
}

export const cborTargets: readonly Target[] = [
  {
    name: 'cloudwatch PutMetricData',
    form: 'cbor',
    service: 'monitoring',
    method: 'POST',
    path: '/service/GraniteServiceVersion20100801/operation/PutMetricData',
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    body: Buffer.from(cbor.serialize(METRICS)),
    value: METRICS,
  },
]

export const allTargets: readonly Target[] = [...jsonTargets, ...queryTargets, ...xmlTargets, ...restJsonTargets, ...cborTargets]
