import { once } from 'node:events'
import { Agent } from 'node:https'
import { connect } from 'node:tls'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { plugins } from './services.js'
import { serverForTests, testService } from './test-protocols.js'

const server = await serverForTests()
const service = plugins()
  .flatMap(plugin => plugin.services)
  .find(({ name }) => name === 'kinesis')!
const plain = `http://localhost:${server.port}`
const secure = `https://localhost:${server.port}`

/** The self-made certificate, which clients are then told to trust. */
async function certificate(): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: server.port, servername: 'localhost', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { raw } = socket.getPeerCertificate()
  socket.destroy()
  return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`
}

const ca = await certificate()

testService(server, service, 'awsJson1_1', { endpoint: plain, requestHandler: undefined }, 'over h2c, the handler of its own choice')
testService(
  server,
  service,
  'awsJson1_1',
  { endpoint: secure, requestHandler: new NodeHttp2Handler({ nodeHttp2ConnectOptions: { ca } }) },
  'over HTTP/2 within TLS',
)
testService(
  server,
  service,
  'awsJson1_1',
  { endpoint: secure, requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ keepAlive: true, ca }) }) },
  'over HTTP/1.1 within TLS',
)
