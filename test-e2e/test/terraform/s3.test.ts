import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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
  s3_use_path_style           = true
  endpoints {
    s3        = "${endpoint}"
    s3control = "${endpoint}"
    sqs       = "${endpoint}"
    sts       = "${endpoint}"
  }
}

resource "aws_s3_bucket" "site" {
  bucket = "site-of-terraform"
  tags   = { Team = "core" }
}

resource "aws_s3_bucket_versioning" "site" {
  bucket = aws_s3_bucket.site.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_ownership_controls" "site" {
  bucket = aws_s3_bucket.site.id
  rule { object_ownership = "BucketOwnerPreferred" }
}

resource "aws_s3_bucket_acl" "site" {
  depends_on = [aws_s3_bucket_ownership_controls.site]
  bucket     = aws_s3_bucket.site.id
  acl        = "private"
}

resource "aws_s3_bucket_lifecycle_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  rule {
    id     = "logs"
    status = "Enabled"
    filter {
      and {
        prefix = "logs/"
        tags   = { rotate = "yes" }
      }
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    expiration { days = 90 }
  }
  rule {
    id     = "tidy"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days           = 7
      newer_noncurrent_versions = 2
    }
    abort_incomplete_multipart_upload { days_after_initiation = 3 }
  }
}

resource "aws_s3_bucket_cors_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://*.example.com"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 60
  }
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_policy" "site" {
  depends_on = [aws_s3_bucket_public_access_block.site]
  bucket     = aws_s3_bucket.site.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Read"
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "\${aws_s3_bucket.site.arn}/*"
    }]
  })
}

resource "aws_s3_bucket_website_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
  routing_rule {
    condition { key_prefix_equals = "old/" }
    redirect { replace_key_prefix_with = "new/" }
  }
}

resource "aws_sqs_queue" "uploads" {
  name = "uploads"
}

resource "aws_sqs_queue_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.uploads.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_s3_bucket.site.arn } }
    }]
  })
}

resource "aws_s3_bucket_notification" "site" {
  depends_on = [aws_sqs_queue_policy.uploads]
  bucket     = aws_s3_bucket.site.id
  queue {
    id            = "uploads"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
    filter_suffix = ".txt"
  }
}

resource "aws_s3_bucket" "logs" {
  bucket        = "logs-of-terraform"
  force_destroy = true
}

resource "aws_s3_bucket_logging" "site" {
  bucket        = aws_s3_bucket.site.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "site/"
}

resource "aws_s3_object" "index" {
  depends_on   = [aws_s3_bucket_versioning.site, aws_s3_bucket_notification.site]
  bucket       = aws_s3_bucket.site.id
  key          = "index.html"
  content      = "<h1>hello</h1>"
  content_type = "text/html"
  tags         = { Page = "home" }
}

resource "aws_s3_object" "upload" {
  depends_on = [aws_s3_bucket_versioning.site, aws_s3_bucket_notification.site]
  bucket     = aws_s3_bucket.site.id
  key        = "in/first.txt"
  content    = "first"
}

output "website" {
  value = aws_s3_bucket_website_configuration.site.website_endpoint
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

  t.test('applies a bucket with everything that buckets have', async t => {
    const init = await terraform('init', '-input=false')
    t.equal(init.code, 0, init.stderr)
    const apply = await terraform('apply', '-input=false', '-auto-approve')
    t.equal(apply.code, 0, apply.stderr)
    t.match(apply.stdout, 'website = "site-of-terraform.s3-website-eu-west-1.amazonaws.com"')
  })

  t.test('made what it said: a website, and a queue that is told of uploads', async t => {
    // Unlike fetch(), Node's own client lets the host be another than the address's.
    const [page] = (await once(
      get(server.endpoint, { headers: { host: 'site-of-terraform.s3-website-eu-west-1.amazonaws.com' } }),
      'response',
    )) as [IncomingMessage]
    t.equal(page.statusCode, 200)
    t.equal(await text(page), '<h1>hello</h1>')
    const url = `${server.endpoint}/111122223333/uploads`
    const args = [
      'sqs',
      'receive-message',
      '--queue-url',
      url,
      '--max-number-of-messages',
      '10',
      '--query',
      'Messages[].Body',
      '--output',
      'json',
    ]
    const { stdout } = await run('aws', ['--endpoint-url', server.endpoint, ...args], { env: clientEnv(server.endpoint) })
    const bodies = (JSON.parse(stdout) as string[]).map(body => JSON.parse(body))
    t.ok(bodies.some(body => body.Event === 's3:TestEvent'))
    t.match(
      bodies.find(body => body.Records),
      { Records: [{ eventName: 'ObjectCreated:Put', s3: { configurationId: 'uploads', object: { key: 'in/first.txt', size: 5 } } }] },
    )
  })

  t.test('finds nothing to change afterwards', async t => {
    const plan = await terraform('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `${plan.stdout}${plan.stderr}`)
  })

  t.test('destroys it', async t => {
    const destroy = await terraform('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 17 destroyed.')
  })
})
