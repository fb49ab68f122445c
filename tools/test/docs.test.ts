import t from 'tap'
import { fillMarkers } from '../src/docs/markers.js'
import { operationTables, servicesTable } from '../src/docs/tables.js'

const sqs = { name: 'sqs', title: 'Amazon SQS', implemented: ['SendMessage'], missing: ['TagQueue', 'UntagQueue'] }

t.test('a generated part replaces what is between its markers and nothing else', async t => {
  const before = '# Title\n<!-- services -->\nold\n<!-- /services -->\nend\n'
  const after = fillMarkers(before, 'services', 'new')
  t.equal(after, '# Title\n<!-- services -->\nnew\n<!-- /services -->\nend\n')
  t.equal(fillMarkers(after, 'services', 'new'), after)
  t.throws(() => fillMarkers('# Title', 'services', 'new'), { message: 'there are no markers <!-- services --> and <!-- /services -->' })
})

t.test('an operation table says what is implemented and what answers 501', async t => {
  t.equal(
    operationTables([sqs]),
    '### Amazon SQS (`sqs`)\n\n| | operations |\n|---|---|\n| implemented (1) | `SendMessage` |\n| answers 501 (2) | `TagQueue`, `UntagQueue` |',
  )
})

t.test('the services table has a row a service, with every name that SERVICES takes', async t => {
  const plugin = {
    id: 'queues',
    folder: '/plugins/queues',
    packageJson: { name: '@ministack/plugin-queues' },
    manifest: { id: 'queues', aliases: ['q'], services: [], stateVersion: 1 },
  }
  t.equal(
    servicesTable([{ plugin, services: [sqs] }])
      .split('\n')
      .pop(),
    '| [Amazon SQS](plugins/queues/README.md) | `queues`, `sqs`, `q` | 1 of 3 |',
  )
})
