import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Cores, takeCores } from './cores.js'
import { call, type Round, runRound } from './load.js'
import { cpuMs, nodeAlone, residentMiB, type ServerProcess, startServer } from './processes.js'
import { buildRequest } from './request.js'
import type { Step } from './scenario.js'
import { scenarios } from './scenarios/index.js'

const USAGE = `node tools/dev.mjs bench [--rounds 7] [--requests 4000] [--connections 16] [--only sqs] [--no-start]

Measures MiniStack beside a bare node:http server that echoes JSON, in the same run: start-up, idle memory, requests a second.
Servers keep to one core and the load to another where taskset is there. Rounds of all kinds take turns; the medians are reported.`

const BARE = fileURLToPath(new URL('./bare-server.js', import.meta.url))
const HEALTH = Buffer.from('GET /_ministack/health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
const ECHO = buildRequest({
  service: 'sqs',
  contentType: 'application/x-amz-json-1.0',
  target: 'AmazonSQS.SendMessage',
  body: JSON.stringify({ QueueUrl: 'http://127.0.0.1:4566/000000000000/bench', MessageBody: 'x'.repeat(170) }),
})
const IDLE_MS = 1000

/** `node tools/dev.mjs bench`: prints the report. @returns the exit code. */
export async function bench(args: readonly string[], root: string): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '7' },
      requests: { type: 'string', default: '4000' },
      connections: { type: 'string', default: '16' },
      only: { type: 'string' },
      'no-start': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const options: Options = {
    rounds: Number(values.rounds),
    requests: Number(values.requests),
    connections: Number(values.connections),
    only: values.only,
    miniStack: [join(root, 'ministack/bin/ministack.mjs'), '--port', '{port}'],
    cores: takeCores(),
  }
  console.log(
    `Node ${process.version}; ${options.cores ? `servers on core ${options.cores.server}, load on core ${options.cores.load}` : 'cores shared (no taskset here)'}; medians of ${options.rounds} rounds`,
  )
  if (!values['no-start']) await startUp(options)
  await throughput(options)
  return 0
}

interface Options {
  readonly rounds: number
  readonly requests: number
  readonly connections: number
  readonly only: string | undefined
  readonly miniStack: readonly string[]
  readonly cores: Cores | undefined
}

async function startUp({ rounds, miniStack, cores }: Options): Promise<void> {
  const times = { node: [] as number[], bare: [] as number[], health: [] as number[], call: [] as number[] }
  const memory = { bare: [] as number[], idle: [] as number[], called: [] as number[] }
  const whoAmI = (await scenarios[0]!.prepare(async () => Buffer.alloc(0)))[0]!.request()
  const measure = async (args: readonly string[], probe: Buffer, time: number[], size: number[]) => {
    const server = await startServer(args, probe, cores)
    time.push(server.firstAnswer)
    if (existsSync('/proc/self/status')) {
      await sleep(IDLE_MS)
      size.push(residentMiB(server.pid))
    }
    await server.stop()
  }
  for (let round = 0; round < rounds; round++) {
    times.node.push(await nodeAlone(cores))
    await measure([BARE, '{port}'], ECHO, times.bare, memory.bare)
    await measure(miniStack, HEALTH, times.health, memory.idle)
    await measure(miniStack, whoAmI, times.call, memory.called)
  }
  const node = median(times.node)
  const ms = (values: readonly number[]) => `${median(values).toFixed(0)} ms`
  table(
    ['start-up to the first answer', 'time', 'of `node -e 0`'],
    [
      ['node -e 0 (start to end)', ms(times.node), '1.00'],
      ['bare server', ms(times.bare), ratio(median(times.bare), node)],
      ['MiniStack: /_ministack/health', ms(times.health), ratio(median(times.health), node)],
      ['MiniStack: GetCallerIdentity', ms(times.call), ratio(median(times.call), node)],
    ],
  )
  if (memory.bare.length === 0) return
  const bare = median(memory.bare)
  const mib = (values: readonly number[]) => `${median(values).toFixed(1)} MiB`
  table(
    ['resident memory, idle', 'size', 'of bare'],
    [
      ['bare server', mib(memory.bare), '1.00'],
      ['MiniStack, no service loaded', mib(memory.idle), ratio(median(memory.idle), bare)],
      ['MiniStack, STS loaded', mib(memory.called), ratio(median(memory.called), bare)],
    ],
  )
}

/** The first rounds warm the servers up and don't count. */
const WARM_ROUNDS = 3

/** A step of the report, where it is sent, and what its rounds took; `cpu` in milliseconds of the server's. */
interface Measured {
  readonly step: Step
  readonly server: ServerProcess
  /** How many requests a round has. */
  readonly count: number
  /** What it is compared with; itself for a row of the bare server. */
  readonly base: Measured | undefined
  readonly rounds: Round[]
  cpu: number
}

async function throughput({ rounds, requests, connections, only, miniStack, cores }: Options): Promise<void> {
  const bare = await startServer([BARE, '{port}'], ECHO, cores)
  const server = await startServer(miniStack, HEALTH, cores)
  try {
    const measured: Measured[] = []
    const add = (step: Step, server: ServerProcess, base?: Measured): Measured => {
      const count = Math.max(connections, Math.round(requests * (step.share ?? 1)))
      const row: Measured = { step, server, count, base, rounds: [], cpu: 0 }
      measured.push(row)
      return row
    }
    const echo = add({ label: 'bare server: JSON echo', request: () => ECHO }, bare)
    for (const scenario of scenarios.filter(({ name, onDemand }) => (only === undefined ? !onDemand : name === only))) {
      const steps = await scenario.prepare(request => call(server.port, request))
      for (const step of steps) {
        const { beside } = step
        const base = beside && add({ label: beside.label, request: () => beside.request, ...(step.share && { share: step.share }) }, bare)
        add(step, server, base ?? echo)
      }
    }
    for (let round = 0; round < rounds + WARM_ROUNDS; round++) {
      for (const each of measured) {
        const before = cpuMs(each.server.pid) ?? Number.NaN
        const result = await runRound(each.server.port, connections, each.step, each.count)
        if (round < WARM_ROUNDS) continue
        each.rounds.push(result)
        each.cpu += (cpuMs(each.server.pid) ?? Number.NaN) - before
      }
    }
    const rateOf = ({ rounds }: Measured) => median(rounds.map(r => r.rate))
    table(
      [`${connections} connections`, 'requests/s', 'of bare', 'p50', 'p99', 'CPU/request', 'bare/this'],
      measured.map(each => {
        const ms = (pick: (r: Round) => number) => `${median(each.rounds.map(pick)).toFixed(2)} ms`
        const micros = (each.cpu / (rounds * each.count)) * 1000
        return [
          each.step.label,
          rateOf(each).toFixed(0),
          ratio(rateOf(each), rateOf(each.base ?? each)),
          ms(r => r.p50),
          ms(r => r.p99),
          `${micros.toFixed(1)} us`,
          ratio((each.base ?? each).cpu, each.cpu),
        ]
      }),
    )
    console.log('\nWhere other work shares the cores, the CPU columns say more than the rates.')
  } finally {
    await Promise.all([bare.stop(), server.stop()])
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function ratio(value: number, base: number): string {
  return (value / base).toFixed(2)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  console.log(`\n${line(head)}\n${widths.map(width => '-'.repeat(width)).join('  ')}\n${rows.map(line).join('\n')}`)
}
