import { AwsError, type AwsErrorOptions } from '@ministack/gateway'

/** HTTP status and usual message of S3's errors: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const ERRORS = {
  AccessDenied: [403, 'Access Denied'],
  AccessControlListNotSupported: [400, 'The bucket does not allow ACLs'],
  AccessPointAlreadyOwnedByYou: [409, 'Your previous request to create the named accesspoint succeeded and you already own it.'],
  AnnotationLimitExceeded: [400, 'The request would exceed the maximum number of annotations allowed per object.'],
  AnnotationNameTooLong: [400, 'The annotation name exceeds 512 bytes.'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [400, 'The query parameters of the signature are not valid.'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what we received.'],
  BadRequest: [400, 'Bad Request'],
  BucketAlreadyExists: [
    409,
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
  ],
  BucketAlreadyOwnedByYou: [409, 'Your previous request to create the named bucket succeeded and you already own it.'],
  BucketHasAccessPointsAttached: [
    400,
    'The bucket you tried to delete has access points attached. Delete your access points before deleting your bucket.',
  ],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty'],
  ConditionalRequestConflict: [409, 'The conditional request cannot succeed due to a conflicting operation against this resource.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed size'],
  Found: [302, 'Resource Found'],
  IdempotencyParameterMismatch: [400, 'The parameters of this request are not those of the request that had the same client token.'],
  IllegalLocationConstraintException: [
    400,
    'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
  ],
  IllegalVersioningConfigurationException: [400, 'The Versioning element must be specified'],
  IncorrectEndpoint: [400, 'The specified bucket exists in another region. Please direct requests to the specified endpoint.'],
  IncompleteBody: [400, 'You did not provide the number of bytes specified by the Content-Length HTTP header'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAnnotationName: [400, 'The annotation name you provided is invalid.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidBucketAclWithObjectOwnership: [400, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidBucketOwnerAWSAccountID: [400, 'The value of the expected bucket owner parameter must be an AWS Account ID'],
  InvalidBucketState: [409, 'The request is not valid with the current state of the bucket.'],
  InvalidDigest: [400, 'The Content-MD5 you specified was invalid.'],
  InvalidEncryptionAlgorithmError: [400, 'The encryption request you specified is not valid. The valid value is AES256.'],
  InvalidLocationConstraint: [400, 'The specified location-constraint is not valid'],
  InvalidObjectState: [403, "The operation is not valid for the object's storage class"],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartNumber: [416, 'The requested partnumber is not satisfiable'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order. Parts must be ordered by part number.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRedirectLocation: [400, "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidStorageClass: [400, 'The storage class you specified is not valid'],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  InvalidTag: [400, 'The TagValue you have provided is invalid'],
  KeyTooLongError: [400, 'Your key is too long'],
  'KMS.DisabledException': [400, 'The request was rejected because the specified KMS key is not enabled.'],
  'KMS.KMSInvalidStateException': [
    400,
    'The request was rejected because the state of the specified KMS key is not valid for this request.',
  ],
  'KMS.NotFoundException': [400, 'Invalid keyId'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MalformedTrailerError: [400, 'The request contained trailing data that was not well-formed or did not conform to our published schema.'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  MissingRequestBodyError: [400, 'Request Body is empty'],
  NoSuchAnnotation: [404, 'The specified annotation does not exist on this object.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchObjectLockConfiguration: [404, 'The specified object does not have a ObjectLock configuration'],
  NoSuchTagSet: [404, 'The TagSet does not exist'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  ],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotFound: [404, 'Not Found'],
  NotImplemented: [501, 'A header you provided implies functionality that is not implemented'],
  NotModified: [304, 'Not Modified'],
  ObjectAlreadyInActiveTierError: [403, 'This object is already in the active tier'],
  ObjectLockConfigurationNotFoundError: [404, 'Object Lock configuration does not exist for this bucket'],
  PermanentRedirect: [
    301,
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
  ],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  RestoreAlreadyInProgress: [409, 'Object restore is already in progress'],
  TooManyTagsException: [400, 'The number of tags exceeds the limit of 50 tags.'],
  TooManyBuckets: [400, 'You have attempted to create more buckets than allowed'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
  CrossLocationLoggingProhibitted: [403, 'Cross S3 location logging not allowed.'],
  InvalidAccessPoint: [400, 'The specified access point name or account is not valid.'],
  InvalidBucketAclWithBlockPublicAccessError: [400, 'Bucket cannot have public ACLs set with BlockPublicAccess enabled'],
  InvalidPolicyDocument: [400, 'The content of the form does not meet the conditions specified in the policy document.'],
  InvalidTargetBucketForLogging: [400, 'The target bucket for logging does not exist'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  MalformedACLError: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MalformedPOSTRequest: [400, 'The body of your POST request is not well-formed multipart/form-data.'],
  MalformedPolicy: [400, 'Policy has invalid resource'],
  MaxPostPreDataLengthExceededError: [400, 'Your POST request fields preceding the upload file were too large.'],
  MissingSecurityHeader: [400, 'Your request was missing a required header'],
  NoSuchAccessPoint: [404, 'The specified accesspoint does not exist'],
  NoSuchAccessPointPolicy: [404, 'The specified accesspoint policy does not exist'],
  NoSuchBucketPolicy: [404, 'The bucket policy does not exist'],
  NoSuchConfiguration: [404, 'The specified configuration does not exist.'],
  NoSuchCORSConfiguration: [404, 'The CORS configuration does not exist'],
  NoSuchLifecycleConfiguration: [404, 'The lifecycle configuration does not exist'],
  NoSuchPublicAccessBlockConfiguration: [404, 'The public access block configuration was not found'],
  NoSuchWebsiteConfiguration: [404, 'The specified bucket does not have a website configuration'],
  OwnershipControlsNotFoundError: [404, 'The bucket ownership controls were not found'],
  ReplicationConfigurationNotFoundError: [404, 'The replication configuration was not found'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  TooManyConfigurations: [400, 'You are attempting to create a new configuration but have already reached the 1,000-configuration limit.'],
  UnexpectedContent: [400, 'This request does not support content'],
  UserKeyMustBeSpecified: [
    400,
    'The bucket POST must contain the specified field name. If it is specified, check the order of the fields.',
  ],
  EmptyRequestBody: [400, 'Request body cannot be empty.'],
  IncorrectNumberOfFilesInPostRequest: [400, 'POST requires exactly one file upload per request.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  UnsupportedMediaType: [415, 'The annotation payload is not valid UTF-8 encoded text.'],
} as const satisfies Record<string, readonly [number, string]>

export type S3ErrorCode = keyof typeof ERRORS

/** What may go with an S3 error: elements of its body, response headers, another message. */
export interface S3ErrorParts {
  readonly message?: string
  readonly fields?: AwsErrorOptions['fields']
  readonly headers?: AwsErrorOptions['headers']
  readonly cause?: unknown
}

/** An error with S3's own status and message for its code. */
export function s3Error(code: S3ErrorCode, parts: S3ErrorParts = {}): AwsError {
  const [status, message] = ERRORS[code]
  return new AwsError(code, parts.message ?? message, { ...parts, status })
}

export function invalidArgument(message: string, name: string, value: string | undefined): AwsError {
  return s3Error('InvalidArgument', { message, fields: { ArgumentName: name, ArgumentValue: value ?? '' } })
}

export function invalidRequest(message: string): AwsError {
  return s3Error('InvalidRequest', { message })
}

export function malformedXml(): AwsError {
  return s3Error('MalformedXML')
}

export function noSuchBucket(name: string): AwsError {
  return s3Error('NoSuchBucket', { fields: { BucketName: name } })
}

export function noSuchKey(key: string, headers?: AwsErrorOptions['headers']): AwsError {
  return s3Error('NoSuchKey', { fields: { Key: key }, headers })
}

export function noSuchVersion(key: string, versionId: string): AwsError {
  return s3Error('NoSuchVersion', { fields: { Key: key, VersionId: versionId } })
}

export function noSuchUpload(uploadId: string): AwsError {
  return s3Error('NoSuchUpload', { fields: { UploadId: uploadId } })
}

/** @param condition the header as S3 names it: `If-Match`. */
export function preconditionFailed(condition: string): AwsError {
  return s3Error('PreconditionFailed', { fields: { Condition: condition } })
}
