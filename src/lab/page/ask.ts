import type { Problem } from '../api.ts'

/** What the server refused, in its words. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly fix?: string
  constructor({ error: { message, where, fix } }: Problem) {
    super(where ? `${where}: ${message}` : message)
    this.fix = fix
  }
}

/** Asks the server for JSON; with a body it is a POST. @throws Refusal */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(
    path,
    body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )
  const json = await answer.json()
  if (!answer.ok) throw new Refusal(json as Problem)
  return json as T
}
