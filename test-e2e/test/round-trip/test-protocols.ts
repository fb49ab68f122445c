import type { ProtocolName } from '@ministack/gateway/protocol'
import t from 'tap'
import { http1, type Transport } from './client.js'
import known from './known-differences.json' with { type: 'json' }
import { roundTrip } from './round-trip.js'
import { RoundTripServer } from './server.js'
import { plugins, type Service } from './services.js'

const KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = known

/** Makes a test of every service that speaks one of these protocols, over HTTP/1.1. */
export async function testProtocols(...protocols: readonly ProtocolName[]): Promise<void> {
  const server = await serverForTests()
  const services = plugins().flatMap(plugin => plugin.services)
  for (const service of services)
    for (const protocol of service.protocols.filter(name => protocols.includes(name)))
      testService(server, service, protocol, http1(server.port), 'over HTTP/1.1')
}

/** A server for the tests of one file. */
export async function serverForTests(): Promise<RoundTripServer> {
  t.setTimeout(240_000)
  const server = await RoundTripServer.start()
  t.teardown(() => server.close())
  return server
}

/** Makes the test of one service: a difference that isn't listed, or is listed and gone, fails it. */
export function testService(server: RoundTripServer, service: Service, protocol: ProtocolName, transport: Transport, how: string): void {
  t.test(`the ${service.name} client and our ${protocol} understand each other ${how}`, async t => {
    const outcome = await roundTrip({ service, model: service.model(), protocol, server, transport })
    const listed = KNOWN[`${service.name}/${protocol}`] ?? {}
    for (const { name, detail } of outcome.differences) if (!Object.hasOwn(listed, name)) t.fail(`${name}: ${detail}`)
    for (const name of Object.keys(listed)) {
      t.ok(
        outcome.differences.some(difference => difference.name === name),
        `${name} is still different, as it is listed`,
      )
    }
    t.pass(`${outcome.operations} operations, ${outcome.errors} errors`)
  })
}
