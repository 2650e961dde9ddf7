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

async function reach(path: string, options: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(path, options)
    isConnected.set(true)
    return answer
  } catch (error) {
    if (!options.signal?.aborted) isConnected.set(false)
    throw new NoAnswer(path, { cause: error })
  }
}

/** The server's answer as it came. @throws Refusal, NoAnswer */
export async function askText(path: string, options: RequestInit = {}): Promise<string> {
  const answer = await reach(path, options)
  const text = await answer.text()
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
