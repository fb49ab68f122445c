import t from 'tap'
import { RouteIndex, selectPlugins } from '../../src/routing/index.js'
import { registration, sample, service } from './registrations.js'
import type { DataPlane, MatchRules } from './types.js'

t.test('two plugins that claim the same thing are an error that names both', async t => {
  const rules: [string, MatchRules][] = [
    ["the X-Amz-Target prefix 'T'", { targets: ['T'] }],
    ["the signing name 's'", { signing: [{ name: 's' }] }],
    ["the signing name 's /v2'", { signing: [{ name: 's', pathPrefix: '/v2' }] }],
    ["the query version 'v'", { queryVersions: ['v'] }],
    ["the query action 'a'", { actions: ['a'] }],
    ["the host label 'h'", { hosts: ['h'] }],
    ["the path pattern '^/p'", { paths: ['^/p'] }],
  ]
  for (const [what, rule] of rules) {
    const both = [registration('one', [service('a', rule)]), registration('two', [service('b', rule)])]
    t.throws(() => new RouteIndex(both), {
      message: `plugins are in conflict:\n  plugin 'one' (service 'a') and plugin 'two' (service 'b') both claim ${what}`,
    })
  }
  t.throws(
    () => new RouteIndex([registration('one', [service('a', {})]), registration('two', [service('a', {})])]),
    /both claim the service name 'a'/,
  )
  t.throws(() => new RouteIndex([registration('one', []), registration('two', [], { aliases: ['one'] })]), {
    message: "plugins are in conflict:\n  plugin 'one' and plugin 'two' both claim the name 'one'",
  })
  const plane: DataPlane = { name: 'p', tier: 1, path: '^/x$', methods: ['GET'] }
  const planes = [
    registration('one', [], { dataPlanes: [plane] }),
    registration('two', [], { dataPlanes: [{ ...plane, name: 'q', methods: ['POST', 'GET'] }] }),
  ]
  t.throws(() => new RouteIndex(planes), {
    message:
      "plugins are in conflict:\n  plugin 'one' (data plane 'p') and plugin 'two' (data plane 'q') both claim the data plane (tier 1, priority 0) 'GET * ^/x$'",
  })
})

t.test('all conflicts are told at once', async t => {
  const rule: MatchRules = { targets: ['T'], hosts: ['h'] }
  t.throws(() => new RouteIndex([registration('one', [service('a', rule)]), registration('two', [service('b', rule)])]), /'T'\n.*'h'/)
})

t.test('the same path at another priority, tier or method is no conflict', async t => {
  const plane: DataPlane = { name: 'p', tier: 1, path: '^/x$', methods: ['GET'] }
  const others: DataPlane[] = [
    { ...plane, priority: 1 },
    { ...plane, tier: 2 },
    { ...plane, methods: ['PUT'] },
  ]
  t.doesNotThrow(() => new RouteIndex([registration('one', [], { dataPlanes: [plane] }), registration('two', [], { dataPlanes: others })]))
})

t.test('a data plane that cannot be is an error that names it', async t => {
  const index = (plane: DataPlane) => () => new RouteIndex([registration('one', [], { dataPlanes: [plane] })])
  t.throws(index({ name: 'p', tier: 3, path: '(' }), /^plugin 'one', data plane 'p': Invalid regular expression/)
  t.throws(index({ name: 'p', tier: 3 }), { message: "plugin 'one', data plane 'p': neither host nor path says which requests it takes" })
  t.throws(index({ name: 'p', tier: 3, path: '^/', to: 'api', service: 'x' }), {
    message: "plugin 'one', data plane 'p': there is no service 'x' in the manifest",
  })
})

t.test('SERVICES chooses plugins', async t => {
  const chosen = (services?: string[]) => selectPlugins(sample(), services).map(r => r.manifest.id)
  t.equal(chosen().length, sample().length, 'all of them without it')
  t.strictSame(chosen(['sqs', 'S3']), ['sqs', 's3'], 'by id, in any case')
  t.strictSame(chosen(['cognito-user-pools']), ['cognito'], 'by alias')
  t.strictSame(chosen(['s3-control', 'dynamodb-streams']), ['dynamodb', 's3'], 'by service name')
  t.throws(() => chosen(['sqs', 'nope', 'neither']), {
    message: /^SERVICES names what no plugin provides: nope, neither \(there are: apigateway, apigatewayv2, .*sts\)$/,
  })
})
