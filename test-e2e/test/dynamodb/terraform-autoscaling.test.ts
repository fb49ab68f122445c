import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import t from 'tap'
import { startServerProcess } from '../../src/server.js'
import { noTerraform, terraform } from '../../src/terraform.js'

/** A target of the table, or of what of it the path names, with a policy. */
const target = (name: string, path: string, dimension: string) => `
resource "aws_appautoscaling_target" "${name}" {
  service_namespace  = "dynamodb"
  resource_id        = "table/\${aws_dynamodb_table.scaled.name}${path}"
  scalable_dimension = "dynamodb:${dimension}"
  min_capacity       = 10
  max_capacity       = 40
}

resource "aws_appautoscaling_policy" "${name}" {
  name               = "track-${name}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.${name}.service_namespace
  resource_id        = aws_appautoscaling_target.${name}.resource_id
  scalable_dimension = aws_appautoscaling_target.${name}.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_in_cooldown  = 60
    scale_out_cooldown = 30
    predefined_metric_specification {
      predefined_metric_type = "DynamoDB${dimension.includes('Read') ? 'Read' : 'Write'}CapacityUtilization"
    }
  }
}
`

const TABLE = `
resource "aws_dynamodb_table" "scaled" {
  name           = "scaled"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 5
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "day"
    type = "S"
  }
  global_secondary_index {
    name            = "by-day"
    hash_key        = "day"
    read_capacity   = 10
    write_capacity  = 10
    projection_type = "ALL"
  }
  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}
${target('reads', '', 'table:ReadCapacityUnits')}
${target('writes', '', 'table:WriteCapacityUnits')}
${target('index', '/index/by-day', 'index:ReadCapacityUnits')}

resource "aws_appautoscaling_scheduled_action" "morning" {
  name               = "morning"
  service_namespace  = aws_appautoscaling_target.reads.service_namespace
  resource_id        = aws_appautoscaling_target.reads.resource_id
  scalable_dimension = aws_appautoscaling_target.reads.scalable_dimension
  schedule           = "cron(0 7 ? * MON-FRI *)"
  timezone           = "Europe/Berlin"
  scalable_target_action {
    min_capacity = 20
    max_capacity = 40
  }
}
`

// Longer than tap gives a file by itself.
t.setTimeout(600_000)

t.test('Terraform and the auto scaling of DynamoDB tables', { skip: noTerraform }, async t => {
  const server = await startServerProcess({ args: ['--services', 'dynamodb,application-autoscaling,sts'] })
  t.teardown(() => server.stop())
  const { run, write } = await terraform(t, server.endpoint, ['dynamodb', 'appautoscaling', 'sts'])

  t.test('registers targets with policies and a scheduled action, and finds nothing to change afterwards', async t => {
    await write(TABLE)
    const apply = await run('apply', '-input=false', '-auto-approve')
    t.equal(apply.code, 0, apply.stderr)
    const plan = await run('plan', '-input=false', '-detailed-exitcode')
    t.equal(plan.code, 0, `${plan.stdout}${plan.stderr}`)
  })

  t.test('has scaled the table to the least that it may have', async t => {
    const client = new DynamoDBClient({
      endpoint: server.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'test' },
    })
    t.teardown(() => client.destroy())
    const throughput = async () => (await client.send(new DescribeTableCommand({ TableName: 'scaled' }))).Table?.ProvisionedThroughput
    // One capacity is changed after the other, and a table that is being changed is looked at again after five seconds.
    const scaled = async () => Object.values((await throughput()) ?? {}).filter(units => units === 10).length === 2
    while (!(await scaled())) await new Promise(resolve => setTimeout(resolve, 200))
    t.match(await throughput(), { ReadCapacityUnits: 10, WriteCapacityUnits: 10 })
  })

  t.test('destroys it', async t => {
    const destroy = await run('destroy', '-input=false', '-auto-approve')
    t.equal(destroy.code, 0, destroy.stderr)
    t.match(destroy.stdout, 'Destroy complete! Resources: 8 destroyed.')
  })
})
