import t from 'tap'
import { startServerProcess } from '../../src/server.js'
import { noTerraform, terraform } from '../../src/terraform.js'

const RESOURCES = `
resource "aws_dynamodb_table" "orders" {
  name             = "orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "customer"
    type = "S"
  }
  global_secondary_index {
    name            = "by-customer"
    hash_key        = "customer"
    projection_type = "ALL"
  }
  on_demand_throughput {
    max_read_request_units  = 100
    max_write_request_units = 50
  }
  ttl {
    attribute_name = "expires"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  replica {
    region_name = "us-east-1"
  }
}

resource "aws_dynamodb_table" "fixed" {
  name           = "fixed"
  hash_key       = "id"
  read_capacity  = 4
  write_capacity = 2
  attribute {
    name = "id"
    type = "S"
  }
  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}

resource "aws_dynamodb_contributor_insights" "orders" {
  table_name = aws_dynamodb_table.orders.name
}

resource "aws_dynamodb_contributor_insights" "by_customer" {
  table_name = aws_dynamodb_table.orders.name
  index_name = "by-customer"
}

resource "aws_dynamodb_resource_policy" "orders" {
  resource_arn = aws_dynamodb_table.orders.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222222222222:root" }
      Action    = "dynamodb:GetItem"
      Resource  = aws_dynamodb_table.orders.arn
    }]
  })
}
`

// Longer than tap gives a file by itself.
t.setTimeout(900_000)

t.test('Terraform and the settings of DynamoDB tables', { skip: noTerraform }, async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const { run, write } = await terraform(t, server.endpoint, ['dynamodb', 'sts'])

  t.test('makes a replicated table with insights and a policy', async t => {
    await write(RESOURCES)
    const apply = await run('apply', '-input=false', '-auto-approve')
    t.equal(apply.code, 0, apply.stderr)
    const plan = await run('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `there is nothing to change afterwards: ${plan.stdout}${plan.stderr}`)
  })

  t.test('destroys it', async t => {
    const destroy = await run('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 5 destroyed.')
  })
})
