import t from 'tap'
import { startServerProcess } from '../../src/server.js'
import { noTerraform, terraform } from '../../src/terraform.js'

const attributes = (types: Readonly<Record<string, string>>) =>
  Object.entries(types)
    .map(([name, type]) => `  attribute {\n    name = "${name}"\n    type = "${type}"\n  }`)
    .join('\n')

const FIRST = `
resource "aws_dynamodb_table" "scores" {
  name             = "scores"
  billing_mode     = "PROVISIONED"
  read_capacity    = 5
  write_capacity   = 5
  hash_key         = "user"
  range_key        = "game"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
${attributes({ user: 'S', game: 'S', score: 'N' })}
  ttl {
    attribute_name = "expires"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled = true
  }
  global_secondary_index {
    name               = "by-game"
    hash_key           = "game"
    range_key          = "score"
    read_capacity      = 3
    write_capacity     = 3
    projection_type    = "INCLUDE"
    non_key_attributes = ["note"]
  }
  local_secondary_index {
    name            = "by-score"
    range_key       = "score"
    projection_type = "KEYS_ONLY"
  }
  tags = { Team = "core", Empty = "" }
}

resource "aws_dynamodb_table_item" "one" {
  table_name = aws_dynamodb_table.scores.name
  hash_key   = "user"
  range_key  = "game"
  item       = jsonencode({ user = { S = "u" }, game = { S = "g" }, score = { N = "11" } })
}
`

const SECOND = FIRST.replace('"PROVISIONED"', '"PAY_PER_REQUEST"')
  .replace(/ {2}(read|write)_capacity +=.*\n/g, '')
  .replace(/ {2}(read|write)_capacity +=.*\n/g, '')
  .replace(/stream_enabled.*\n.*\n/, 'table_class = "STANDARD_INFREQUENT_ACCESS"\n')
  .replace('Team = "core"', 'Team = "other"')
  .replace(
    '  local_secondary_index',
    '  global_secondary_index {\n    name            = "second"\n    hash_key        = "score"\n    projection_type = "ALL"\n  }\n  local_secondary_index',
  )

// Longer than tap gives a file by itself.
t.setTimeout(900_000)

t.test('Terraform and DynamoDB', { skip: noTerraform }, async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const { run, write } = await terraform(t, server.endpoint, ['dynamodb', 'sts'])
  for (const [what, resources] of [
    ['makes a table with everything', FIRST],
    ['changes it', SECOND],
  ] as const) {
    t.test(what, async t => {
      await write(resources)
      const apply = await run('apply', '-input=false', '-auto-approve')
      t.equal(apply.code, 0, apply.stderr)
      const plan = await run('plan', '-input=false', '-detailed-exitcode')
      t.equal(plan.code, 0, `there is nothing to change afterwards: ${plan.stdout}${plan.stderr}`)
    })
  }

  t.test('destroys it', async t => {
    const destroy = await run('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 2 destroyed.')
  })
})
