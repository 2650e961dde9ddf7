import { InputError } from '../../engine/errors.ts'
import type { Problem } from '../api.ts'

/** What a request asked for and does not get, with the status that says so. */
export class Refusal extends InputError {
  override name = 'Refusal'
  readonly status: number

  constructor(status: number, what: string, context: { where?: string; fix?: string; cause?: unknown } = {}) {
    super(what, context)
    this.status = status
  }
}

export const notFound = (what: string, context: { where?: string; fix?: string } = {}): Refusal => new Refusal(404, what, context)

/** Whatever went wrong, as the page is told: what the input caused is a 4xx, the rest a defect of ours, of which it is told no more. */
export function problemOf(error: unknown): { readonly status: number; readonly body: Problem } {
  if (!(error instanceof InputError))
    return { status: 500, body: { error: { message: 'this is a defect of quire; the terminal says more' } } }
  const { what, where, fix } = error
  return { status: error instanceof Refusal ? error.status : 400, body: { error: { message: what, where, fix } } }
}
