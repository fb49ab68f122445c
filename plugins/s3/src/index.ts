import { type AnyHandler, definePlugin, type ServiceDefinition } from '@ministack/gateway'
import { answered } from './answers.js'
import { controlService } from './control-kit.js'
import { checkDigests } from './document-digests.js'
import { service } from './kit.js'
import { start, stop } from './lifetime.js'
import { getBucketAbac, putBucketAbac } from './operations/bucket-abac.js'
import { getBucketAccelerateConfiguration, putBucketAccelerateConfiguration } from './operations/bucket-accelerate.js'
import { getBucketAcl, putBucketAcl } from './operations/bucket-acl.js'
import {
  deleteBucketAnalyticsConfiguration,
  getBucketAnalyticsConfiguration,
  listBucketAnalyticsConfigurations,
  putBucketAnalyticsConfiguration,
} from './operations/bucket-analytics.js'
import { deleteBucketCors, getBucketCors, putBucketCors } from './operations/bucket-cors.js'
import { deleteBucketEncryption, getBucketEncryption, putBucketEncryption } from './operations/bucket-encryption.js'
import {
  deleteBucketIntelligentTieringConfiguration,
  getBucketIntelligentTieringConfiguration,
  listBucketIntelligentTieringConfigurations,
  putBucketIntelligentTieringConfiguration,
} from './operations/bucket-intelligent-tiering.js'
import {
  deleteBucketInventoryConfiguration,
  getBucketInventoryConfiguration,
  listBucketInventoryConfigurations,
  putBucketInventoryConfiguration,
} from './operations/bucket-inventory.js'
import { deleteBucketLifecycle, getBucketLifecycleConfiguration, putBucketLifecycleConfiguration } from './operations/bucket-lifecycle.js'
import { getBucketLogging, putBucketLogging } from './operations/bucket-logging.js'
import {
  deleteBucketMetricsConfiguration,
  getBucketMetricsConfiguration,
  listBucketMetricsConfigurations,
  putBucketMetricsConfiguration,
} from './operations/bucket-metrics.js'
import { getBucketNotificationConfiguration, putBucketNotificationConfiguration } from './operations/bucket-notification.js'
import {
  deleteBucketOwnershipControls,
  getBucketOwnershipControls,
  putBucketOwnershipControls,
} from './operations/bucket-ownership-controls.js'
import { deleteBucketPolicy, getBucketPolicy, getBucketPolicyStatus, putBucketPolicy } from './operations/bucket-policy.js'
import { deleteBucketReplication, getBucketReplication, putBucketReplication } from './operations/bucket-replication.js'
import { getBucketRequestPayment, putBucketRequestPayment } from './operations/bucket-request-payment.js'
import { deleteBucketTagging, getBucketTagging, putBucketTagging } from './operations/bucket-tagging.js'
import { deleteBucketWebsite, getBucketWebsite, putBucketWebsite } from './operations/bucket-website.js'
import { deleteBucket, getBucketLocation, headBucket, listBuckets, listDirectoryBuckets } from './operations/buckets.js'
import { completeMultipartUpload } from './operations/complete-multipart-upload.js'
import {
  createAccessPoint,
  deleteAccessPoint,
  deleteAccessPointPolicy,
  getAccessPoint,
  getAccessPointPolicy,
  getAccessPointPolicyStatus,
  listAccessPoints,
  putAccessPointPolicy,
} from './operations/control-access-points.js'
import {
  deleteAccountPublicAccessBlock,
  getAccountPublicAccessBlock,
  putAccountPublicAccessBlock,
} from './operations/control-public-access-block.js'
import { listTagsForResource, tagResource, untagResource } from './operations/control-tags.js'
import { copyObject } from './operations/copy-object.js'
import { createBucket } from './operations/create-bucket.js'
import { abortMultipartUpload, createMultipartUpload } from './operations/create-multipart-upload.js'
import { deleteObject, deleteObjects } from './operations/delete-object.js'
import { getObject } from './operations/get-object.js'
import { getObjectTorrent } from './operations/get-object-torrent.js'
import { headObject } from './operations/head-object.js'
import { listObjectVersions } from './operations/list-object-versions.js'
import { listObjects, listObjectsV2 } from './operations/list-objects.js'
import { listMultipartUploads, listParts } from './operations/list-uploads.js'
import { getObjectAcl, putObjectAcl } from './operations/object-acl.js'
import { deleteObjectAnnotation, getObjectAnnotation, listObjectAnnotations, putObjectAnnotation } from './operations/object-annotations.js'
import { getObjectAttributes } from './operations/object-attributes.js'
import {
  getObjectLegalHold,
  getObjectLockConfiguration,
  getObjectRetention,
  putObjectLegalHold,
  putObjectLockConfiguration,
  putObjectRetention,
} from './operations/object-lock.js'
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tagging.js'
import { postObject } from './operations/post-object.js'
import { deletePublicAccessBlock, getPublicAccessBlock, putPublicAccessBlock } from './operations/public-access-block.js'
import { putObject } from './operations/put-object.js'
import { renameObject } from './operations/rename-object.js'
import { restoreObject } from './operations/restore-object.js'
import { selectObjectContent } from './operations/select-object-content.js'
import { updateObjectEncryption } from './operations/update-object-encryption.js'
import { uploadPart, uploadPartCopy } from './operations/upload-part.js'
import { getBucketVersioning, putBucketVersioning } from './operations/versioning.js'
import { routes } from './routes.js'
import { createState } from './state.js'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  state: createState,
  services: {
    s3: withPostObject(
      service(
        {
          AbortMultipartUpload: abortMultipartUpload,
          CompleteMultipartUpload: completeMultipartUpload,
          CopyObject: copyObject,
          CreateBucket: createBucket,
          CreateMultipartUpload: createMultipartUpload,
          DeleteBucket: deleteBucket,
          DeleteBucketAnalyticsConfiguration: deleteBucketAnalyticsConfiguration,
          DeleteBucketCors: deleteBucketCors,
          DeleteBucketEncryption: deleteBucketEncryption,
          DeleteBucketIntelligentTieringConfiguration: deleteBucketIntelligentTieringConfiguration,
          DeleteBucketInventoryConfiguration: deleteBucketInventoryConfiguration,
          DeleteBucketLifecycle: deleteBucketLifecycle,
          DeleteBucketMetricsConfiguration: deleteBucketMetricsConfiguration,
          DeleteBucketOwnershipControls: deleteBucketOwnershipControls,
          DeleteBucketPolicy: deleteBucketPolicy,
          DeleteBucketReplication: deleteBucketReplication,
          DeleteBucketTagging: deleteBucketTagging,
          DeleteBucketWebsite: deleteBucketWebsite,
          DeleteObject: deleteObject,
          DeleteObjects: deleteObjects,
          DeleteObjectAnnotation: deleteObjectAnnotation,
          DeleteObjectTagging: deleteObjectTagging,
          DeletePublicAccessBlock: deletePublicAccessBlock,
          GetBucketAbac: getBucketAbac,
          GetBucketAccelerateConfiguration: getBucketAccelerateConfiguration,
          GetBucketAcl: getBucketAcl,
          GetBucketAnalyticsConfiguration: getBucketAnalyticsConfiguration,
          GetBucketCors: getBucketCors,
          GetBucketEncryption: getBucketEncryption,
          GetBucketIntelligentTieringConfiguration: getBucketIntelligentTieringConfiguration,
          GetBucketInventoryConfiguration: getBucketInventoryConfiguration,
          GetBucketLifecycleConfiguration: getBucketLifecycleConfiguration,
          GetBucketLocation: getBucketLocation,
          GetBucketLogging: getBucketLogging,
          GetBucketMetricsConfiguration: getBucketMetricsConfiguration,
          GetBucketNotificationConfiguration: getBucketNotificationConfiguration,
          GetBucketOwnershipControls: getBucketOwnershipControls,
          GetBucketPolicy: getBucketPolicy,
          GetBucketPolicyStatus: getBucketPolicyStatus,
          GetBucketReplication: getBucketReplication,
          GetBucketRequestPayment: getBucketRequestPayment,
          GetBucketTagging: getBucketTagging,
          GetBucketVersioning: getBucketVersioning,
          GetBucketWebsite: getBucketWebsite,
          GetObject: getObject,
          GetObjectAcl: getObjectAcl,
          GetObjectAnnotation: getObjectAnnotation,
          GetObjectAttributes: getObjectAttributes,
          GetObjectLegalHold: getObjectLegalHold,
          GetObjectLockConfiguration: getObjectLockConfiguration,
          GetObjectRetention: getObjectRetention,
          GetObjectTagging: getObjectTagging,
          GetObjectTorrent: getObjectTorrent,
          GetPublicAccessBlock: getPublicAccessBlock,
          HeadBucket: headBucket,
          HeadObject: headObject,
          ListBucketAnalyticsConfigurations: listBucketAnalyticsConfigurations,
          ListBucketIntelligentTieringConfigurations: listBucketIntelligentTieringConfigurations,
          ListBucketInventoryConfigurations: listBucketInventoryConfigurations,
          ListBucketMetricsConfigurations: listBucketMetricsConfigurations,
          ListBuckets: listBuckets,
          ListDirectoryBuckets: listDirectoryBuckets,
          ListMultipartUploads: listMultipartUploads,
          ListObjectAnnotations: listObjectAnnotations,
          ListObjects: listObjects,
          ListObjectsV2: listObjectsV2,
          ListObjectVersions: listObjectVersions,
          ListParts: listParts,
          PutBucketAbac: putBucketAbac,
          PutBucketAccelerateConfiguration: putBucketAccelerateConfiguration,
          PutBucketAcl: putBucketAcl,
          PutBucketAnalyticsConfiguration: putBucketAnalyticsConfiguration,
          PutBucketCors: putBucketCors,
          PutBucketEncryption: putBucketEncryption,
          PutBucketIntelligentTieringConfiguration: putBucketIntelligentTieringConfiguration,
          PutBucketInventoryConfiguration: putBucketInventoryConfiguration,
          PutBucketLifecycleConfiguration: putBucketLifecycleConfiguration,
          PutBucketLogging: putBucketLogging,
          PutBucketMetricsConfiguration: putBucketMetricsConfiguration,
          PutBucketNotificationConfiguration: putBucketNotificationConfiguration,
          PutBucketOwnershipControls: putBucketOwnershipControls,
          PutBucketPolicy: putBucketPolicy,
          PutBucketReplication: putBucketReplication,
          PutBucketRequestPayment: putBucketRequestPayment,
          PutBucketTagging: putBucketTagging,
          PutBucketVersioning: putBucketVersioning,
          PutBucketWebsite: putBucketWebsite,
          PutObject: putObject,
          PutObjectAcl: putObjectAcl,
          PutObjectAnnotation: putObjectAnnotation,
          PutObjectLegalHold: putObjectLegalHold,
          PutObjectLockConfiguration: putObjectLockConfiguration,
          PutObjectRetention: putObjectRetention,
          PutObjectTagging: putObjectTagging,
          PutPublicAccessBlock: putPublicAccessBlock,
          RenameObject: renameObject,
          RestoreObject: restoreObject,
          SelectObjectContent: selectObjectContent,
          UpdateObjectEncryption: updateObjectEncryption,
          UploadPart: uploadPart,
          UploadPartCopy: uploadPartCopy,
        },
        { answered, received: checkDigests },
      ),
    ),
    s3control: controlService(
      {
        CreateAccessPoint: createAccessPoint,
        DeleteAccessPoint: deleteAccessPoint,
        DeleteAccessPointPolicy: deleteAccessPointPolicy,
        DeletePublicAccessBlock: deleteAccountPublicAccessBlock,
        GetAccessPoint: getAccessPoint,
        GetAccessPointPolicy: getAccessPointPolicy,
        GetAccessPointPolicyStatus: getAccessPointPolicyStatus,
        GetPublicAccessBlock: getAccountPublicAccessBlock,
        ListAccessPoints: listAccessPoints,
        ListTagsForResource: listTagsForResource,
        PutAccessPointPolicy: putAccessPointPolicy,
        PutPublicAccessBlock: putAccountPublicAccessBlock,
        TagResource: tagResource,
        UntagResource: untagResource,
      },
      { received: checkDigests },
    ),
  },
  routes,
  start,
  stop,
})

/** Adds the upload by form, which no SDK has and so no SDK's types. */
function withPostObject(definition: ServiceDefinition): ServiceDefinition {
  return { ...definition, operations: { ...definition.operations, PostObject: postObject as unknown as AnyHandler } }
}
