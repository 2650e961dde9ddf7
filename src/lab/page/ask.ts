import type { Problem } from '../api.ts'
import { observable } from './observable.ts'

/** What the server refused, in its words. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly fix?: string
  /** What is wrong with it: a key of a form, a folder. */
  readonly where?: string
  constructor({ error: { message, where, fix } }: Problem) {
    super(message)
    this.where = where
    this.fix = fix
  }
}

/** The server did not answer. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
}

/** Whether the server answers. */
export const isConnected = observable(true)

/** How long to wait for a server that does not answer, in milliseconds. */
export const retryAfter = 1500

async function reach(path: string, options: RequestInit): Promise<{ readonly answer: Response; readonly text: string }> {
  try {
    const answer = await fetch(path, options)
    const text = await answer.text()
    isConnected.set(true)
    return { answer, text }
  } catch (error) {
    if (!options.signal?.aborted) isConnected.set(false)
    throw new NoAnswer(path, { cause: error })
  }
}

/** The cheapest that the server has. */
const bell = '/icon.svg'

/** Finds out whether the server answers, and says so in `isConnected`. */
export async function ring(): Promise<void> {
  await reach(bell, { method: 'HEAD', cache: 'no-store' }).catch(() => {})
}

// Many views ask nothing more once they are shown: that the server is back is found out for them.
let timer: ReturnType<typeof setTimeout> | undefined
const ringLater = () => {
  clearTimeout(timer)
  timer = setTimeout(async () => {
    if (!document.hidden) await ring()
    if (!isConnected.get()) ringLater()
  }, retryAfter)
}
isConnected.watch((connected) => {
  if (!connected) ringLater()
})

/** The server's answer as it came. @throws Refusal, NoAnswer */
export async function askText(path: string, options: RequestInit = {}): Promise<string> {
  const { answer, text } = await reach(path, options)
  if (answer.ok) return text
  throw new Refusal(problemIn(text) ?? { error: { message: `${answer.status} ${answer.statusText}`, where: path } })
}

function problemIn(text: string): Problem | undefined {
  try {
    const json = JSON.parse(text) as Problem
    return typeof json?.error?.message === 'string' ? json : undefined
  } catch {
    return undefined
  }
}

/** Asks the server for JSON; with a body it is a POST. @throws Refusal, NoAnswer */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const options = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return JSON.parse(await askText(path, options)) as T
}
