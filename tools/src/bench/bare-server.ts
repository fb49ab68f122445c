import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Bodies that were asked for, by size. */
const bodies = new Map<number, Buffer>()

/** What everything is measured against: the least that a JSON service can do on node:http. Below `/bytes/` bytes are taken and given as they are. */
const server = createServer((request, response) => {
  if (request.url?.startsWith('/bytes/')) {
    const size = request.method === 'GET' ? Number(request.url.slice('/bytes/'.length)) : 0
    const body = bodies.get(size) ?? Buffer.alloc(size, 'x')
    bodies.set(size, body)
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-length': size })
      response.end(body)
    })
    return
  }
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString() || '{}'))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`ready ${(server.address() as AddressInfo).port}`))
