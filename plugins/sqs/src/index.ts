import { definePlugin } from '@ministack/gateway'
import { service } from './kit.js'
import { changeMessageVisibilityBatch, deleteMessageBatch, sendMessageBatch } from './operations/batches.js'
import { changeMessageVisibility, deleteMessage, receiveMessage, sendMessage } from './operations/messages.js'
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from './operations/move-tasks.js'
import { addPermission, removePermission } from './operations/permissions.js'
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  purgeQueue,
  setQueueAttributes,
} from './operations/queues.js'
import { listQueueTags, tagQueue, untagQueue } from './operations/tags.js'
import { routes } from './routes.js'
import { createState, start } from './state.js'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  state: createState,
  services: {
    sqs: service({
      AddPermission: addPermission,
      CancelMessageMoveTask: cancelMessageMoveTask,
      ChangeMessageVisibility: changeMessageVisibility,
      ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
      CreateQueue: createQueue,
      DeleteMessage: deleteMessage,
      DeleteMessageBatch: deleteMessageBatch,
      DeleteQueue: deleteQueue,
      GetQueueAttributes: getQueueAttributes,
      GetQueueUrl: getQueueUrl,
      ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
      ListMessageMoveTasks: listMessageMoveTasks,
      ListQueues: listQueues,
      ListQueueTags: listQueueTags,
      PurgeQueue: purgeQueue,
      ReceiveMessage: receiveMessage,
      RemovePermission: removePermission,
      SendMessage: sendMessage,
      SendMessageBatch: sendMessageBatch,
      SetQueueAttributes: setQueueAttributes,
      StartMessageMoveTask: startMessageMoveTask,
      TagQueue: tagQueue,
      UntagQueue: untagQueue,
    }),
  },
  start,
  routes,
})
