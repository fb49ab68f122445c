/**
 * The condition keys of S3's policies, in lower case, each with the actions that have it where only some do.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
 */
const S3_KEYS: Readonly<Record<string, RegExp | undefined>> = {
  accessgrantsinstancearn: undefined,
  accesspointnetworkorigin: undefined,
  authtype: undefined,
  dataaccesspointaccount: undefined,
  dataaccesspointarn: undefined,
  delimiter: /^list(bucket|bucketversions|bucketmultipartuploads)$/,
  destinationregion: undefined,
  existingjoboperation: undefined,
  existingjobpriority: undefined,
  'if-match': /^(put|delete|get)object/,
  'if-none-match': /^(put|get)object/,
  inventoryaccessibleoptionalfields: /^putinventoryconfiguration$/,
  isreplicationpauserequest: undefined,
  jobsuspendedcause: undefined,
  locationconstraint: /^createbucket$/,
  'max-keys': /^list(bucket|bucketversions|bucketmultipartuploads)$/,
  'object-lock-legal-hold': /^(put|replicate)object/,
  'object-lock-mode': /^(put|replicate)object/,
  'object-lock-remaining-retention-days': /^(put|replicate)object|^putbucketobjectlockconfiguration$/,
  'object-lock-retain-until-date': /^(put|replicate)object/,
  objectcreationoperation: /^putobject/,
  prefix: /^list(bucket|bucketversions|bucketmultipartuploads)$/,
  requestjoboperation: undefined,
  requestjobpriority: undefined,
  requestobjecttagkeys: undefined,
  resourceaccount: undefined,
  signatureage: undefined,
  signatureversion: undefined,
  tlsversion: undefined,
  versionid: /version/,
  'x-amz-acl': /^(put(object|objectacl|objectversionacl|bucketacl)|createbucket|replicateobject)$/,
  'x-amz-bucket-namespace': /^createbucket$/,
  'x-amz-content-sha256': undefined,
  'x-amz-copy-source': /^putobject/,
  'x-amz-grant-full-control': /^(put|create)/,
  'x-amz-grant-read': /^(put|create)/,
  'x-amz-grant-read-acp': /^(put|create)/,
  'x-amz-grant-write': /^(put|create)/,
  'x-amz-grant-write-acp': /^(put|create)/,
  'x-amz-metadata-directive': /^putobject/,
  'x-amz-object-ownership': /^(createbucket|putbucketownershipcontrols)$/,
  'x-amz-server-side-encryption': /^(put|replicate)object/,
  'x-amz-server-side-encryption-aws-kms-key-id': /^(put|replicate)object|^updateobjectencryption$/,
  'x-amz-server-side-encryption-customer-algorithm': /^(put|get|replicate)object/,
  'x-amz-storage-class': /^(put|replicate)object/,
  'x-amz-website-redirect-location': /^(put|replicate)object/,
}

const TAG_KEYS = /^(accesspointtag|buckettag|existingobjecttag|requestobjecttag)\/./

/** The keys of every service: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const GLOBAL_KEYS = new Set(
  `assumedroot calledvia calledviafirst calledvialast chatbotsourcearn currenttime ec2instancesourceprivateipv4 ec2instancesourcevpc epochtime
   federatedprovider isissuedbysts ismcpserviceaction multifactorauthage multifactorauthpresent principalaccount principalarn principalisawsservice
   principalorgid principalorgpaths principalservicename principalservicenameslist principaltype referer requestedregion resourceaccount
   resourceorgid resourceorgpaths securetransport sourceaccount sourcearn sourceidentity sourceip sourceorgid sourceorgpaths sourceowner
   sourcevpc sourcevpcarn sourcevpce tagkeys tokenissuetime useragent userid username viaawsmcpservice viaawsservice vpceaccount vpceorgid
   vpceorgpaths vpcsourceip`.split(/\s+/),
)
const GLOBAL_TAG_KEYS = /^(principaltag|requesttag|resourcetag)\/./

/** May a bucket policy ask for this key? Keys of identity providers are taken as they are. */
export function isConditionKey(key: string): boolean {
  const [, vendor, name = ''] = /^([^:]+):(.+)$/.exec(key.toLowerCase()) ?? []
  if (vendor === 's3') return Object.hasOwn(S3_KEYS, name) || TAG_KEYS.test(name)
  if (vendor === 'aws') return GLOBAL_KEYS.has(name) || GLOBAL_TAG_KEYS.test(name)
  return vendor !== undefined
}

/**
 * Does an action of S3 ever have this key?
 *
 * @param action as a policy names it, with wildcards perhaps, which have every key.
 */
export function hasConditionKey(action: string, key: string): boolean {
  if (/[*?]/.test(action)) return true
  const name = key.toLowerCase()
  const actions = name.startsWith('s3:') ? S3_KEYS[name.slice('s3:'.length)] : undefined
  return actions === undefined || actions.test(action.toLowerCase().slice('s3:'.length))
}
