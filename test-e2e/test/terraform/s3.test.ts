import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { clientEnv, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'
import { noTerraform, terraform } from '../../src/terraform.js'

const SITE = `
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

const SETTINGS = `
data "aws_caller_identity" "me" {}
data "aws_canonical_user_id" "me" {}

resource "aws_s3_bucket" "locked" {
  bucket              = "locked-of-terraform"
  object_lock_enabled = true
  force_destroy       = true
}

resource "aws_s3_bucket_versioning" "locked" {
  bucket = aws_s3_bucket.locked.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 1
    }
  }
}

resource "aws_s3_bucket" "copies" {
  bucket              = "copies-of-terraform"
  object_lock_enabled = true
  force_destroy       = true
}

resource "aws_s3_bucket_versioning" "copies" {
  bucket = aws_s3_bucket.copies.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_replication_configuration" "locked" {
  depends_on = [aws_s3_bucket_versioning.locked, aws_s3_bucket_versioning.copies]
  bucket     = aws_s3_bucket.locked.id
  role       = "arn:aws:iam::\${data.aws_caller_identity.me.account_id}:role/replicate"
  rule {
    id       = "all"
    priority = 1
    status   = "Enabled"
    filter { prefix = "docs/" }
    delete_marker_replication { status = "Enabled" }
    destination {
      bucket        = aws_s3_bucket.copies.arn
      storage_class = "STANDARD_IA"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "copies" {
  bucket = aws_s3_bucket.copies.id
  rule { object_ownership = "ObjectWriter" }
}

resource "aws_s3_bucket_acl" "copies" {
  depends_on = [aws_s3_bucket_ownership_controls.copies]
  bucket     = aws_s3_bucket.copies.id
  access_control_policy {
    owner { id = data.aws_canonical_user_id.me.id }
    grant {
      permission = "FULL_CONTROL"
      grantee {
        type = "CanonicalUser"
        id   = data.aws_canonical_user_id.me.id
      }
    }
    grant {
      permission = "WRITE"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
    }
  }
}

resource "aws_s3_bucket_intelligent_tiering_configuration" "copies" {
  bucket = aws_s3_bucket.copies.id
  name   = "cold"
  filter {
    prefix = "docs/"
    tags   = { Class = "blue" }
  }
  tiering {
    access_tier = "DEEP_ARCHIVE_ACCESS"
    days        = 180
  }
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}

resource "aws_s3_bucket_inventory" "copies" {
  bucket                   = aws_s3_bucket.copies.id
  name                     = "weekly"
  included_object_versions = "All"
  optional_fields          = ["Size", "ETag"]
  schedule { frequency = "Weekly" }
  filter { prefix = "docs/" }
  destination {
    bucket {
      format     = "ORC"
      bucket_arn = aws_s3_bucket.locked.arn
      prefix     = "inventory"
      encryption {
        sse_s3 {}
      }
    }
  }
}

resource "aws_s3_bucket_analytics_configuration" "copies" {
  bucket = aws_s3_bucket.copies.id
  name   = "classes"
  filter { prefix = "docs/" }
  storage_class_analysis {
    data_export {
      destination {
        s3_bucket_destination {
          bucket_arn = aws_s3_bucket.locked.arn
          prefix     = "analytics"
        }
      }
    }
  }
}

resource "aws_s3_bucket_metric" "all" {
  bucket = aws_s3_bucket.copies.id
  name   = "all"
}

resource "aws_s3_bucket_metric" "docs" {
  bucket = aws_s3_bucket.copies.id
  name   = "docs"
  filter {
    prefix = "docs/"
    tags   = { Class = "blue" }
  }
}

resource "aws_s3_bucket_accelerate_configuration" "copies" {
  bucket = aws_s3_bucket.copies.id
  status = "Enabled"
}

resource "aws_s3_bucket_request_payment_configuration" "copies" {
  bucket = aws_s3_bucket.copies.id
  payer  = "Requester"
}

resource "aws_s3_object" "document" {
  depends_on = [aws_s3_bucket_replication_configuration.locked, aws_s3_bucket_object_lock_configuration.locked]
  bucket        = aws_s3_bucket.locked.id
  key           = "docs/ü 1+2.txt"
  content       = "hello"
  content_type  = "text/plain"
  metadata      = { color = "blue" }
  force_destroy = true
  # The bucket's default retention, which the provider takes for a change.
  lifecycle { ignore_changes = [object_lock_mode, object_lock_retain_until_date] }
}

resource "aws_s3_object" "source" {
  bucket  = aws_s3_bucket.copies.id
  key     = "docs/source.txt"
  content = "hello"
}

resource "aws_s3_object_copy" "copy" {
  depends_on    = [aws_s3_bucket_versioning.copies]
  bucket        = aws_s3_bucket.copies.id
  key           = "docs/copy.txt"
  source        = "\${aws_s3_bucket.copies.id}/\${aws_s3_object.source.key}"
  storage_class = "ONEZONE_IA"
}

data "aws_s3_bucket" "locked" {
  bucket = aws_s3_bucket.locked.id
}

data "aws_s3_bucket_policy" "copies" {
  bucket = aws_s3_bucket_policy.copies.id
}

resource "aws_s3_bucket_policy" "copies" {
  bucket = aws_s3_bucket.copies.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.me.account_id }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = [aws_s3_bucket.copies.arn, "\${aws_s3_bucket.copies.arn}/*"]
    }]
  })
}

data "aws_s3_object" "document" {
  bucket = aws_s3_object.document.bucket
  key    = aws_s3_object.document.key
}

data "aws_s3_objects" "copies" {
  depends_on = [aws_s3_object_copy.copy]
  bucket     = aws_s3_bucket.copies.id
  prefix     = "docs/copy"
}

output "found" {
  value = "\${data.aws_s3_bucket.locked.region} \${data.aws_s3_object.document.body} \${join(",", data.aws_s3_objects.copies.keys)}"
}

output "policy" {
  value = jsondecode(data.aws_s3_bucket_policy.copies.policy).Statement[0].Effect
}
`

// Longer than tap gives a file by itself.
t.setTimeout(900_000)

t.test('Terraform', { skip: noTerraform }, async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const program = await terraform(t, server.endpoint, ['s3', 's3control', 'sqs', 'sts'])

  t.test('applies a bucket with everything that buckets have', async t => {
    await program.write(SITE)
    const apply = await program.run('apply', '-input=false', '-auto-approve')
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
    const plan = await program.run('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `${plan.stdout}${plan.stderr}`)
  })

  t.test('destroys it', async t => {
    const destroy = await program.run('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 17 destroyed.')
  })

  t.test('applies lock, replication, grants, payment, copies and the configurations that have names', async t => {
    await program.write(SETTINGS)
    const apply = await program.run('apply', '-input=false', '-auto-approve')
    t.equal(apply.code, 0, apply.stderr)
    t.match(apply.stdout, 'found = "eu-west-1 hello docs/copy.txt"')
    t.match(apply.stdout, 'policy = "Allow"')
    const plan = await program.run('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `${plan.stdout}${plan.stderr}`)
    const destroy = await program.run('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 19 destroyed.')
  })
})
