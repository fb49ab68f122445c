import t from 'tap'
import { startServerProcess } from '../../src/server.js'
import { noTerraform, terraform } from '../../src/terraform.js'

const RESOURCES = `
resource "aws_s3_account_public_access_block" "account" {
  block_public_acls  = true
  ignore_public_acls = true
}

data "aws_s3_account_public_access_block" "account" {
  depends_on = [aws_s3_account_public_access_block.account]
}

resource "aws_s3_bucket" "data" {
  bucket = "data-of-terraform"
  tags   = { Team = "core" }
}

resource "aws_s3_access_point" "door" {
  bucket = aws_s3_bucket.data.id
  name   = "door-of-terraform"
  public_access_block_configuration {
    block_public_policy     = false
    restrict_public_buckets = false
  }
  lifecycle { ignore_changes = [policy] }
}

resource "aws_s3control_access_point_policy" "door" {
  access_point_arn = aws_s3_access_point.door.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = { AWS = "222222222222" }
      Resource  = "\${aws_s3_access_point.door.arn}/object/*"
    }]
  })
}

resource "aws_s3_object" "first" {
  bucket  = aws_s3_access_point.door.arn
  key     = "first"
  content = "by access point"
}

output "block" {
  value = data.aws_s3_account_public_access_block.account.block_public_acls
}
`

t.setTimeout(900_000)

t.test('Terraform', { skip: noTerraform }, async t => {
  const server = await startServerProcess({ args: ['--services', 's3,sts'] })
  t.teardown(() => server.stop())
  const { endpoint } = server
  // The provider looks account.localhost up in DNS alone. What it sends to a proxy, it doesn't look up.
  const program = await terraform(t, endpoint, ['s3', 's3control', 'sts'], { HTTP_PROXY: endpoint, NO_PROXY: '' })
  await program.write(RESOURCES)

  t.test('makes a block of an account, and an access point with its policy and an object by it', async t => {
    const apply = await program.run('apply', '-input=false', '-auto-approve')
    t.equal(apply.code, 0, apply.stderr)
    t.match(apply.stdout, 'block = true')
  })

  t.test('finds nothing to change afterwards', async t => {
    const plan = await program.run('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `${plan.stdout}${plan.stderr}`)
  })

  t.test('destroys it', async t => {
    const destroy = await program.run('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 5 destroyed.')
  })
})
