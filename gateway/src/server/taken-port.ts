import { readdir, readFile, readlink } from 'node:fs/promises'

/** Turns a failed `listen` into words: who has the port, where the machine tells it. */
export async function explainListenError(error: NodeJS.ErrnoException, port: number, host: string): Promise<Error> {
  if (error.code === 'EADDRINUSE') {
    const owner = await ownerOfPort(port)
    const who = owner ? `is taken by process ${owner.pid} (${owner.command})` : 'is taken by another process'
    return new Error(`port ${port} ${who}; choose another with --port or GATEWAY_PORT`, { cause: error })
  }
  if (error.code === 'EACCES')
    return new Error(`port ${port} needs privileges that this process lacks; choose another with --port or GATEWAY_PORT`, { cause: error })
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new Error(`this machine has no address ${host}; check BIND_HOST`, { cause: error })
  return error
}

interface Owner {
  readonly pid: number
  readonly command: string
}

/** The process that listens on a TCP port; found on Linux only, and only among processes that this user may look at. */
async function ownerOfPort(port: number): Promise<Owner | undefined> {
  const inodes = await listeningInodes(port)
  if (inodes.size === 0) return undefined
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      if (!inodes.has(link)) continue
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(pid), command: command.replaceAll('\0', ' ').trim() || 'unknown' }
    }
  }
  return undefined
}

/** The sockets that listen on a port, as `/proc/PID/fd` names them; columns as in proc_net_tcp(5). */
async function listeningInodes(port: number): Promise<Set<string>> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1)
    for (const line of lines) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (local?.endsWith(`:${hex}`) && state === '0A') inodes.add(`socket:[${inode}]`)
    }
  }
  return inodes
}
