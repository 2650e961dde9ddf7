import { createHash, randomUUID } from 'node:crypto'
import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'

const schema = z.object({
  request: z.unknown(),
  answer: z.object({
    text: z.string(),
    finish: z.string(),
    model: z.string(),
    usage: z.object({ prompt: z.number(), completion: z.number() }).optional(),
  }),
})
type Kept = z.output<typeof schema>['answer']

/** JSON with the keys of objects in order: the same for the same value, however it was put together. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

/** Answers in a folder, a file each, named by the SHA-256 of the request; the request stands beside the answer, and no key in either. */
export class Cassette {
  readonly #folder: string

  /** @throws InputError where the folder cannot be made or written: before anything is asked, and paid for. */
  constructor(folder: string) {
    this.#folder = folder
    this.#guarded(() => {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
    })
  }

  /** A file that is damaged, or of another request, counts as none. */
  find(request: unknown): Kept | undefined {
    try {
      const { data } = schema.safeParse(JSON.parse(readFileSync(this.#pathOf(request), 'utf8')))
      return data && canonicalJson(data.request) === canonicalJson(request) ? data.answer : undefined
    } catch {
      return undefined
    }
  }

  /** At any moment the file is not there, or whole. @throws InputError where it cannot be written. */
  keep(request: unknown, answer: Kept): void {
    const path = this.#pathOf(request)
    const temporary = `${path}.${randomUUID()}.tmp`
    this.#guarded(() => {
      const file = openSync(temporary, 'wx')
      try {
        writeFileSync(file, `${JSON.stringify({ request, answer }, null, 2)}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, path)
    })
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      throw new InputError(`answers cannot be kept (${code})`, { where: this.#folder, fix: 'give a folder that can be written', cause })
    }
  }

  #pathOf(request: unknown): string {
    return join(this.#folder, `${createHash('sha256').update(canonicalJson(request)).digest('hex')}.json`)
  }
}
