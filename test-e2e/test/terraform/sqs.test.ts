import t from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'
import { noTerraform, terraform } from '../../src/terraform.js'

const RESOURCES = `
resource "aws_sqs_queue" "dead" {
  name                      = "dead.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "orders" {
  name                        = "orders.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  deduplication_scope         = "messageGroup"
  fifo_throughput_limit       = "perMessageGroupId"
  visibility_timeout_seconds  = 45
  delay_seconds               = 5
  receive_wait_time_seconds   = 10
  max_message_size            = 2048
  sqs_managed_sse_enabled     = true
  redrive_policy              = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
  tags                        = { Team = "core", Empty = "" }
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url            = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.orders.arn] })
}

data "aws_caller_identity" "me" {}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "send"
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.me.arn }
      Action    = ["sqs:SendMessage", "sqs:GetQueueUrl"]
      Resource  = aws_sqs_queue.orders.arn
    }]
  })
}

output "url" {
  value = aws_sqs_queue.orders.url
}
`

// Longer than tap gives a file by itself: the provider waits until a queue's attributes have held for a while.
t.setTimeout(900_000)

t.test('Terraform', { skip: noTerraform }, async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const program = await terraform(t, server.endpoint, ['sqs', 'sts'])
  await program.write(RESOURCES)

  t.test('applies queues with their policies and tags', async t => {
    const apply = await program.run('apply', '-input=false', '-auto-approve')
    t.equal(apply.code, 0, apply.stderr)
    t.match(apply.stdout, `url = "${server.endpoint}/111122223333/orders.fifo"`)
  })

  t.test('finds nothing to change afterwards', async t => {
    const plan = await program.run('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `${plan.stdout}${plan.stderr}`)
  })

  t.test('destroys them', async t => {
    const destroy = await program.run('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 4 destroyed.')
    if (missing('aws', '--version')) return
    const queues = await run('aws', ['--endpoint-url', server.endpoint, 'sqs', 'list-queues'], { env: clientEnv(server.endpoint) })
    t.notMatch(queues.stdout, 'fifo')
  })
})
