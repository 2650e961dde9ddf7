import { randomBytes } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { InputError } from '../../../engine/index.ts'
import { type Communicator, gather, share } from '../communicator.ts'
import { receiveFrames, sendFrame } from './frames.ts'

/** A process among those that train together. */
export interface Peer {
  readonly rank: number
  readonly pid: number
  readonly host: string
}

export interface Meeting {
  readonly peers: readonly Peer[]
  readonly sockets: ReadonlyMap<number, Socket>
}

/** Where rank 0 can be reached, and the word that those who may connect say. */
interface Invitation {
  readonly peers: readonly Peer[]
  readonly addresses: readonly string[]
  readonly port: number
  readonly token: string
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))

const local = '127.0.0.1'
const connectMilliseconds = 5_000

/**
 * A socket between rank 0 and each other rank, beside MPI: the system closes it when a process dies, however it dies, so that the others hear of it at
 * once. Messages of runs go over it, too. Gives everybody's peers, and at rank 0 the sockets of all others, elsewhere that to rank 0.
 */
export async function openSockets(communicator: Communicator, signal: AbortSignal): Promise<Meeting> {
  const { rank, size } = communicator
  const self: Peer = { rank, pid: process.pid, host: hostname() }
  if (size === 1) return { peers: [self], sockets: new Map() }
  const peers = (await gather(communicator, encode(self))).map(decode) as Peer[]
  if (rank > 0) {
    const invitation = decode(await share(communicator, new Uint8Array())) as Invitation
    return { peers: invitation.peers, sockets: new Map([[0, await reach(invitation, self)]]) }
  }
  const onOneHost = peers.every(({ host }) => host === self.host)
  const token = randomBytes(16).toString('hex')
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, onOneHost ? local : '0.0.0.0', resolve))
  const arrived = arrivals(server, token, size - 1, signal)
  const { port } = server.address() as { port: number }
  const addresses = onOneHost ? [local] : [...externalAddresses(), local]
  await share(communicator, encode({ peers, addresses, port, token } satisfies Invitation))
  const sockets = await arrived
  server.close()
  return { peers, sockets }
}

const externalAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  )

/** The sockets of so many ranks that say the word; others are shown out. */
function arrivals(server: Server, token: string, count: number, signal: AbortSignal): Promise<Map<number, Socket>> {
  const sockets = new Map<number, Socket>()
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    server.on('connection', (socket) => {
      socket.on('error', () => {})
      let known = false
      receiveFrames(socket, (message, body) => {
        if (known) return void socket.emit('message', message, body)
        known = message.kind === 'hello' && message.token === token
        if (!known) return void socket.destroy()
        sockets.set(message.rank as number, socket)
        if (sockets.size === count) resolve(sockets)
      })
    })
  })
}

async function reach({ addresses, port, token, peers }: Invitation, { rank, host }: Peer): Promise<Socket> {
  const ordered = host === peers[0].host ? addresses.toReversed() : addresses
  for (const address of ordered) {
    const socket = await connected(address, port)
    if (!socket) continue
    sendFrame(socket, { kind: 'hello', rank, token })
    receiveFrames(socket, (message, body) => socket.emit('message', message, body))
    return socket
  }
  throw new InputError(
    `rank ${rank} (host ${host}) cannot reach rank 0 (host ${peers[0].host}) at ${addresses.join(' or ')}, port ${port}`,
    {
      where: 'MPI',
      fix: 'let the hosts of a job talk to each other over TCP, as Open MPI needs it too',
    },
  )
}

function connected(address: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: connectMilliseconds })
    const refuse = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('error', refuse).once('timeout', refuse)
    socket.once('connect', () => {
      socket.off('error', refuse).off('timeout', refuse).setTimeout(0)
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}
