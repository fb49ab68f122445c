import t from 'tap'
import { parseSchedule } from '../../src/authoring/schedule/schedule.js'

const at = (time: string) => new Date(time).getTime()

/** The next `count` times of a schedule after a time, as texts. */
function times(expression: string, after: string, count = 1, zone?: string): string[] {
  const schedule = parseSchedule(expression, zone)
  const found: string[] = []
  let now: number | undefined = at(after)
  while (found.length < count) {
    now = schedule.next(now, at(after))
    if (now === undefined) break
    found.push(new Date(now).toISOString().replace(':00.000Z', 'Z'))
  }
  return found
}

t.test('at(...) comes once, by the clocks of its zone', async t => {
  t.same(times('at(2026-03-01T10:00:00)', '2026-01-01T00:00Z', 2), ['2026-03-01T10:00Z'])
  t.same(times('at(2026-03-01T10:00:00)', '2026-03-01T10:00Z'), [], 'not at the time itself')
  t.same(times('at(2026-07-01T10:00:00)', '2026-01-01T00:00Z', 1, 'America/New_York'), ['2026-07-01T14:00Z'])
  t.same(times('at(2026-03-08T02:30:00)', '2026-01-01T00:00Z', 1, 'America/New_York'), [], 'the clocks skip that hour')
  t.same(times('at(2026-11-01T01:30:00)', '2026-01-01T00:00Z', 2, 'America/New_York'), ['2026-11-01T05:30Z'], 'the first of two')
})

t.test('rate(...) counts from its beginning', async t => {
  t.same(times('rate(5 minutes)', '2026-01-01T00:00Z', 2), ['2026-01-01T00:05Z', '2026-01-01T00:10Z'])
  t.same(times('rate(1 day)', '2026-01-01T00:00Z', 2), ['2026-01-02T00:00Z', '2026-01-03T00:00Z'])
  t.equal(parseSchedule('rate(1 hour)').next(at('2026-01-01T03:10Z'), at('2026-01-01T00:30Z')), at('2026-01-01T03:30Z'))
  t.equal(parseSchedule('rate(1 hour)').next(at('2026-01-01T00:00Z'), at('2026-01-01T00:30Z')), at('2026-01-01T00:30Z'))
})

t.test('cron(...) knows fields of every form', async t => {
  const cases: readonly [expression: string, after: string, ...times: string[]][] = [
    ['0 10 * * ? *', '2026-01-01T10:00Z', '2026-01-02T10:00Z', '2026-01-03T10:00Z'],
    ['15 12 * * ? *', '2026-01-01T00:00Z', '2026-01-01T12:15Z'],
    ['0 18 ? * MON-FRI *', '2026-01-02T18:00Z', '2026-01-05T18:00Z'],
    ['0 8 1 * ? *', '2026-01-01T08:00Z', '2026-02-01T08:00Z'],
    ['0/15 * * * ? *', '2026-01-01T00:01Z', '2026-01-01T00:15Z', '2026-01-01T00:30Z'],
    ['5,10 8-9 ? jan 2-6 *', '2026-01-05T08:05Z', '2026-01-05T08:10Z', '2026-01-05T09:05Z'],
    ['0 0 L * ? *', '2026-01-31T00:00Z', '2026-02-28T00:00Z', '2026-03-31T00:00Z'],
    ['0 0 LW * ? *', '2026-01-01T00:00Z', '2026-01-30T00:00Z', '2026-02-27T00:00Z'],
    ['0 0 3W * ? *', '2026-01-01T00:00Z', '2026-01-02T00:00Z', '2026-02-03T00:00Z'],
    ['0 0 1W * ? *', '2026-07-31T00:00Z', '2026-08-03T00:00Z'],
    ['0 0 31W * ? *', '2026-05-02T00:00Z', '2026-05-29T00:00Z', '2026-07-31T00:00Z'],
    ['0 0 ? * 6#3 *', '2026-01-01T00:00Z', '2026-01-16T00:00Z', '2026-02-20T00:00Z'],
    ['0 0 ? * 5L *', '2026-01-01T00:00Z', '2026-01-29T00:00Z', '2026-02-26T00:00Z'],
    ['0 0 ? * L *', '2026-01-01T00:00Z', '2026-01-03T00:00Z', '2026-01-10T00:00Z'],
    ['0 22-1 * * ? *', '2026-01-01T00:30Z', '2026-01-01T01:00Z', '2026-01-01T22:00Z'],
    ['0 0 29 2 ? *', '2026-01-01T00:00Z', '2028-02-29T00:00Z'],
    ['0 0 1 1 ? 2027,2030', '2026-01-01T00:00Z', '2027-01-01T00:00Z', '2030-01-01T00:00Z'],
  ]
  for (const [fields, after, ...expected] of cases) t.same(times(`cron(${fields})`, after, expected.length), expected, fields)
  t.same(times('cron(0 0 1 1 ? 2025)', '2026-01-01T00:00Z'), [], 'it is over')
  t.same(times('cron(0 0 30 2 ? *)', '2026-01-01T00:00Z'), [], 'there is no such day')
})

t.test('cron(...) goes by the clocks of its zone', async t => {
  t.same(times('cron(30 2 * * ? *)', '2026-03-28T00:00Z', 3, 'Europe/Berlin'), [
    '2026-03-28T01:30Z',
    // The clocks skip 2:30 on the 29th.
    '2026-03-30T00:30Z',
    '2026-03-31T00:30Z',
  ])
  t.same(times('cron(30 2 * * ? *)', '2026-10-24T12:00Z', 2, 'Europe/Berlin'), ['2026-10-25T00:30Z', '2026-10-26T01:30Z'])
  t.same(times('cron(0 0 * * ? *)', '2026-01-01T12:00Z', 1, 'Pacific/Kiritimati'), ['2026-01-02T10:00Z'])
})

t.test('refuses what is no schedule', async t => {
  const wrong = [
    '',
    'never',
    'at(2026-13-01T00:00:00)',
    'at(2026-02-30T00:00:00)',
    'at(2026-02-01 00:00:00)',
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(5 weeks)',
    'cron(0 10 * * ?)',
    'cron(0 10 * * * *)',
    'cron(0 10 ? * ? *)',
    'cron(60 10 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 0 32 * ? *)',
    'cron(0 0 ? * 8 *)',
    'cron(0 0 ? * 2#6 *)',
    'cron(0 0 * XYZ ? *)',
    'cron(0 0 * * ? 1969)',
    'cron(*/0 0 * * ? *)',
    'cron(1-2-3 0 * * ? *)',
  ]
  for (const expression of wrong) t.throws(() => parseSchedule(expression), { name: 'ScheduleSyntaxError' }, expression)
  t.throws(() => parseSchedule('cron(0 0 * * ? *)', 'Mars/Olympus'), { name: 'ScheduleSyntaxError' })
})
