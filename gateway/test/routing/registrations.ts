import type { DataPlane, Manifest, MatchRules, Registration, ServiceManifest } from './types.js'

/** A registration that is only routed to. */
export function registration(id: string, services: readonly ServiceManifest[], more: Partial<Manifest> = {}): Registration {
  return {
    manifest: { id, services, stateVersion: 1, ...more },
    dir: '/nowhere',
    load: () => Promise.reject(new Error('not for loading')),
  }
}

export function service(name: string, match: MatchRules, protocols: ServiceManifest['protocols'] = ['awsJson1_1']): ServiceManifest {
  return { name, title: name, sdk: `@aws-sdk/client-${name}`, model: 'model.json', protocols, shape: `Amazon_${name}`, match }
}

const S3_HOST = '^(?<bucket>[a-z0-9][a-z0-9.-]*?)\\.(?:s3(?:[.-][a-z0-9-]+)?\\.)?(?:localhost|amazonaws\\.com)$'

const planes: Record<string, readonly DataPlane[]> = {
  sqs: [{ name: 'messages', tier: 1, path: '^/_ministack/sqs/messages$', methods: ['GET'] }],
  cognito: [
    { name: 'jwks', tier: 1, path: '^/[^/]+/\\.well-known/', methods: ['GET'] },
    { name: 'oauth', tier: 2, path: '^/oauth2/' },
  ],
  s3: [
    { name: 'cors', tier: 1, host: '\\.s3\\.localhost$', path: '^/', methods: ['OPTIONS'] },
    { name: 'control', tier: 3, path: '^/v20180820/', to: 'api', service: 's3-control' },
    { name: 'virtual-host', tier: 3, host: S3_HOST, to: 'virtual-host', service: 's3', priority: -1 },
  ],
  apigatewayv2: [
    { name: 'invoke', tier: 3, host: '^[a-z0-9]+\\.execute-api\\.localhost$', upgrade: true },
    { name: 'invoke-path', tier: 3, path: '^/_aws/execute-api/[^/]+/', upgrade: true },
  ],
  ecr: [{ name: 'registry', tier: 3, path: '^/v2/' }],
}

/** A small AWS in which every kind of claim is made. */
export function sample(): Registration[] {
  return [
    registration('ec2', [service('ec2', { signing: [{ name: 'ec2' }], queryVersions: ['2016-11-15'] }, ['ec2Query'])]),
    registration(
      'sqs',
      [
        service(
          'sqs',
          { targets: ['AmazonSQS'], signing: [{ name: 'sqs' }], queryVersions: ['2012-11-05'], actions: ['SendMessage'], hosts: ['sqs'] },
          ['awsJson1_0', 'awsQuery'],
        ),
      ],
      { dataPlanes: planes.sqs },
    ),
    registration('sts', [
      service('sts', { signing: [{ name: 'sts' }], queryVersions: ['2011-06-15'], actions: ['AssumeRole'], hosts: ['sts'] }, ['awsQuery']),
    ]),
    registration('dynamodb', [
      service('dynamodb', { targets: ['DynamoDB_20120810'], signing: [{ name: 'dynamodb' }], hosts: ['dynamodb', 'ddb'] }, ['awsJson1_0']),
      service('dynamodb-streams', { targets: ['DynamoDBStreams_20120810'], hosts: ['streams.dynamodb'] }, ['awsJson1_0']),
    ]),
    registration('cloudwatch', [
      service('cloudwatch', { signing: [{ name: 'monitoring' }], hosts: ['monitoring'] }, ['rpcv2Cbor', 'awsJson1_0', 'awsQuery']),
    ]),
    registration('apigateway', [service('apigateway', { signing: [{ name: 'apigateway' }], paths: ['^/restapis(/|$)'] }, ['restJson1'])]),
    registration(
      'apigatewayv2',
      [service('apigatewayv2', { signing: [{ name: 'apigateway', pathPrefix: '/v2' }], paths: ['^/v2/apis(/|$)'] }, ['restJson1'])],
      {
        dataPlanes: planes.apigatewayv2,
      },
    ),
    registration(
      'cognito',
      [service('cognito-idp', { targets: ['AWSCognitoIdentityProviderService'], signing: [{ name: 'cognito-idp' }] })],
      {
        aliases: ['cognito-user-pools'],
        dataPlanes: planes.cognito,
      },
    ),
    registration(
      'ecr',
      [service('ecr', { targets: ['AmazonEC2ContainerRegistry_V20150921'], signing: [{ name: 'ecr' }], hosts: ['api.ecr'] })],
      { dataPlanes: planes.ecr },
    ),
    registration('lambda', [service('lambda', { signing: [{ name: 'lambda' }], paths: ['^/20\\d\\d-\\d\\d-\\d\\d/'] }, ['restJson1'])]),
    registration(
      's3',
      [
        service('s3', { signing: [{ name: 's3' }], hosts: ['s3'], paths: ['^/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/|$)'] }, ['restXml']),
        service('s3-control', { hosts: ['s3-control'] }, ['restXml']),
      ],
      { dataPlanes: planes.s3 },
    ),
  ]
}
