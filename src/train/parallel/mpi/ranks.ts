import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { InputError } from '../../../engine/index.ts'
import { type Communicator, meet } from '../communicator.ts'
import { type Message, sendFrame } from './frames.ts'
import { launchIn, refuseStrangers } from './launch.ts'
import { type Mpi, startMpi } from './library.ts'
import { MpiCommunicator } from './mpi-communicator.ts'
import { type Failure, failureOf, RankFailure } from './rank-failure.ts'
import { type Meeting, openSockets, type Peer } from './sockets.ts'
import { type Beat, Watchdog } from './watchdog.ts'

export type { Message }

interface Received {
  readonly message: Message
  readonly body: Uint8Array
}

type Environment = Readonly<Record<string, string | undefined>>

const defaultTimeout = 60

const tellMilliseconds = 1000
const speakMilliseconds = 5000

/** How long a rank that is interrupted waits to hear whether another one's death is the reason. */
const graceMilliseconds = 300

/** Seconds after which a rank that says nothing counts as lost. */
function timeoutIn({ QUIRE_MPI_TIMEOUT: text }: Environment): number {
  const seconds = text ? Number(text) : defaultTimeout
  if (!(seconds >= 1))
    throw new InputError(`'${text}' is not a number of seconds of at least 1`, {
      where: 'QUIRE_MPI_TIMEOUT',
      fix: `for example ${defaultTimeout}`,
    })
  return seconds * 1000
}

/**
 * The processes that one `mpirun` or `srun` has started, this one among them: numbers go over `communicator`, messages over `send` and `receive`. Whoever
 * goes, stalls or fails is known to all: `signal` is aborted with a RankFailure, and whatever waits is rejected with it.
 */
export class Ranks {
  readonly communicator: Communicator
  readonly peers: readonly Peer[]
  readonly signal: AbortSignal
  readonly version: string
  readonly #mpi: Mpi
  readonly #controller: AbortController
  readonly #sockets: ReadonlyMap<number, Socket>
  readonly #boxes = new Map<number, { messages: Received[]; waiting?: (received: Received) => void }>()
  readonly #activity: { done: number; waiting: boolean }
  #listening = 0
  #left = false
  #telling?: Promise<unknown>
  #timer?: NodeJS.Timeout

  constructor(mpi: Mpi, communicator: MpiCommunicator, controller: AbortController, { peers, sockets }: Meeting, timeout: number) {
    this.#mpi = mpi
    this.version = mpi.version
    this.communicator = communicator
    this.#activity = communicator.activity
    this.#controller = controller
    this.signal = controller.signal
    this.peers = peers
    this.#sockets = sockets
    this.#watch(timeout)
  }

  get rank(): number {
    return this.communicator.rank
  }

  get size(): number {
    return this.communicator.size
  }

  /** Sends a message; other ranks than 0 send to rank 0 only. */
  send(to: number, message: Message, body?: Uint8Array): void {
    sendFrame(this.#sockets.get(to)!, message, body)
  }

  sendAll(message: Message, body?: Uint8Array): void {
    for (const to of this.#sockets.keys()) this.send(to, message, body)
  }

  /** The next message of a rank. */
  receive(from = 0): Promise<Received> {
    const box = this.#box(from)
    const ready = box.messages.shift()
    if (ready) return Promise.resolve(ready)
    this.#listening++
    return new Promise<Received>((resolve, reject) => {
      const fail = () => reject(this.signal.reason)
      if (this.signal.aborted) return fail()
      this.signal.addEventListener('abort', fail, { once: true })
      box.waiting = (received) => {
        this.signal.removeEventListener('abort', fail)
        resolve(received)
      }
    }).finally(() => this.#listening--)
  }

  /** Why the ranks stop, if it is not this one's doing; waits a moment to hear it. */
  async reason(): Promise<RankFailure | undefined> {
    if (this.size > 1 && !this.signal.aborted) await Promise.race([once(this.signal, 'abort'), pause(graceMilliseconds * 2)])
    return this.signal.aborted ? (this.signal.reason as RankFailure) : undefined
  }

  /** Tells the others that this rank stops, and why. What it has heard from them they know. */
  async fail(error: unknown): Promise<void> {
    const news = !this.#left && !this.signal.aborted
    if (news) this.#tell(failureOf(this.rank, error))
    this.#left = true
    await this.#telling
    // The launcher ends the others when this process ends: rank 0 speaks first.
    if (news && this.rank > 0) await Promise.race([once(this.#sockets.get(0)!, 'close'), pause(speakMilliseconds)])
  }

  /** The end of a run in which all went well: every rank must come here. */
  async leave(): Promise<void> {
    if (this.#left) return
    await meet(this.communicator)
    this.#left = true
    clearInterval(this.#timer)
    this.sendAll({ kind: 'bye' })
    this.#mpi.finalize()
  }

  /** Has the launcher end every process of the job, stopped ones too. */
  abort(status: number): void {
    this.#mpi.abort(status)
  }

  #box(from: number) {
    if (!this.#boxes.has(from)) this.#boxes.set(from, { messages: [] })
    return this.#boxes.get(from)!
  }

  #watch(timeout: number): void {
    const now = () => performance.now()
    const beat = (): Beat => ({ done: this.#activity.done, waiting: this.#activity.waiting || this.#listening > 0 })
    const ended = new Set<number>()
    const watchdog = new Watchdog([...this.#sockets.keys()], timeout, beat, now())
    for (const [rank, socket] of this.#sockets) {
      socket.on('message', (message: Message, body: Uint8Array) => {
        if (message.kind === 'beat') return watchdog.heard(rank, message as unknown as Beat, now())
        if (message.kind === 'failure') return this.#hear(message.failure as Failure)
        if (message.kind === 'bye') return void ended.add(rank)
        const box = this.#box(rank)
        const received = { message, body }
        if (!box.waiting) return void box.messages.push(received)
        const { waiting } = box
        box.waiting = undefined
        waiting(received)
      })
      socket.on('close', () => !ended.has(rank) && this.#stop({ rank, kind: 'gone' }))
    }
    this.#timer = setInterval(
      () => {
        this.sendAll({ kind: 'beat', ...beat() })
        const failure = watchdog.look(now())
        // Only rank 0 hears everybody.
        if (failure && (failure.kind === 'stalled' || this.rank === 0)) this.#stop(failure)
      },
      Math.min(1000, timeout / 4),
    )
    this.#timer.unref()
  }

  /** Where one dies the launcher interrupts the others; the death is the news. */
  #hear(failure: Failure): void {
    if (failure.kind === 'interrupted') setTimeout(() => this.#stop(failure), graceMilliseconds)
    else this.#stop(failure)
  }

  #stop(failure: Failure): void {
    if (this.#left || this.signal.aborted) return
    if (this.rank === 0) this.#tell(failure)
    this.#controller.abort(new RankFailure(failure, this.peers))
  }

  /** Sends the news to whoever lives, and waits a moment until it is out of the door. */
  #tell(failure: Failure): Promise<unknown> {
    const living = [...this.#sockets].flatMap(([rank, socket]) => (rank !== failure.rank && socket.writable ? [socket] : []))
    const sent = living.map((socket) => {
      sendFrame(socket, { kind: 'failure', failure })
      return new Promise((resolve) => socket.write('', resolve))
    })
    this.#telling = Promise.race([Promise.all(sent), pause(tellMilliseconds)])
    return this.#telling
  }
}

/** Joins the others that a launcher has started with this process, or gives undefined where nothing launched it. */
export async function joinRanks(env: Environment): Promise<Ranks | undefined> {
  refuseStrangers(env)
  const launch = launchIn(env)
  if (!launch) return undefined
  const timeout = timeoutIn(env)
  const mpi = startMpi(env)
  if (launch.size !== undefined && launch.size !== mpi.size)
    throw new InputError(`${launch.launcher} started ${launch.size} ranks, and ${mpi.version} knows of ${mpi.size}`, {
      where: 'MPI',
      fix: 'set QUIRE_MPI to the library that belongs to this launcher',
    })
  const controller = new AbortController()
  const communicator = new MpiCommunicator(mpi, controller.signal)
  const late = setTimeout(
    () => controller.abort(new InputError(`not all of the ${mpi.size} ranks have come within ${timeout / 1000} s`, { where: 'MPI' })),
    timeout,
  )
  const meeting = await openSockets(communicator, controller.signal)
  clearTimeout(late)
  const ranks = new Ranks(mpi, communicator, controller, meeting, timeout)
  await meet(communicator)
  return ranks
}
