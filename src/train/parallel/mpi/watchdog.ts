import type { Failure } from './rank-failure.ts'

/** What a rank says of itself now and then. */
export interface Beat {
  /** Operations between ranks that it has done. */
  readonly done: number
  /** Whether it waits for others. */
  readonly waiting: boolean
}

interface Heard extends Beat {
  /** When it last said anything. */
  at: number
  /** Since when it has said the same. */
  since: number
}

/**
 * Notices ranks that stop without an end: one that says nothing more (stopped, or its machine has lost the network), and all of them waiting for each
 * other. Time is given from outside, in milliseconds.
 */
export class Watchdog {
  readonly #heard = new Map<number, Heard>()
  readonly #timeout: number
  readonly #own: () => Beat
  #ownSince: Beat & { since: number } = { done: -1, waiting: false, since: 0 }
  #looked: number

  constructor(others: readonly number[], timeout: number, own: () => Beat, now: number) {
    this.#timeout = timeout
    this.#own = own
    this.#looked = now
    for (const rank of others) this.#heard.set(rank, { done: 0, waiting: false, at: now, since: now })
  }

  heard(rank: number, { done, waiting }: Beat, now: number): void {
    const before = this.#heard.get(rank)
    if (!before) return
    const same = before.done === done && before.waiting === waiting
    this.#heard.set(rank, { done, waiting, at: now, since: same ? before.since : now })
  }

  /** To be called some times within a timeout. Late itself, it has heard nobody meanwhile, and gives them time to be heard. */
  look(now: number): Failure | undefined {
    const pause = now - this.#looked
    this.#looked = now
    if (pause > this.#timeout / 2) for (const heard of this.#heard.values()) heard.at += pause
    const seconds = this.#timeout / 1000
    for (const [rank, { at }] of this.#heard) if (now - at > this.#timeout) return { rank, kind: 'stalled', seconds }
    return this.#allWait(now) ? { rank: 0, kind: 'deadlock', seconds } : undefined
  }

  #allWait(now: number): boolean {
    const { done, waiting } = this.#own()
    const before = this.#ownSince
    this.#ownSince = { done, waiting, since: before.done === done && before.waiting === waiting ? before.since : now }
    return [this.#ownSince, ...this.#heard.values()].every(({ waiting, since }) => waiting && now - since > this.#timeout)
  }
}
