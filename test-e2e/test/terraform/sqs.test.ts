import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

/** Where this machine keeps the provider, since nothing can be downloaded in a test. */
const MIRROR = process.env.TF_PLUGIN_MIRROR ?? '/opt/tf-plugins'

const CLI_CONFIG = `
provider_installation {
  filesystem_mirror {
    path = "${MIRROR}"
  }
}
`

const configuration = (endpoint: string) => `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "111122223333"
  secret_key                  = "test"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    sqs = "${endpoint}"
    sts = "${endpoint}"
  }
}

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

const skip = missing('terraform', 'version') || (existsSync(MIRROR) ? false : `there is no Terraform provider in ${MIRROR}`)

// Longer than tap gives a file by itself.
t.setTimeout(900_000)

t.test('Terraform', { skip }, async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const dir = await mkdtemp(join(tmpdir(), 'ministack-terraform-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, 'terraform.rc'), CLI_CONFIG)
  await writeFile(join(dir, 'main.tf'), configuration(server.endpoint))
  const terraform = (...args: string[]) =>
    run('terraform', [...args, '-no-color'], {
      cwd: dir,
      env: { ...clientEnv(server.endpoint), TF_CLI_CONFIG_FILE: join(dir, 'terraform.rc'), TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' },
    })
  const queues = async () =>
    (await run('aws', ['--endpoint-url', server.endpoint, 'sqs', 'list-queues', '--output', 'text'], { env: clientEnv(server.endpoint) }))
      .stdout

  t.test('applies queues with their policies and tags', async t => {
    const init = await terraform('init', '-input=false')
    t.equal(init.code, 0, init.stderr)
    const apply = await terraform('apply', '-input=false', '-auto-approve')
    t.equal(apply.code, 0, apply.stderr)
    t.match(apply.stdout, `url = "${server.endpoint}/111122223333/orders.fifo"`)
  })

  t.test('finds nothing to change afterwards', async t => {
    const plan = await terraform('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `${plan.stdout}${plan.stderr}`)
  })

  t.test('destroys them', async t => {
    const destroy = await terraform('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 4 destroyed.')
    if (!missing('aws', '--version')) t.notMatch(await queues(), 'fifo')
  })
})
