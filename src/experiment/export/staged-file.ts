import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { asInputError, operations, writeFully } from '../run/disk.ts'

const flushFrom = 2 ** 16

/**
 * A file that grows under a temporary name and then takes its place all at once. Between writes it is closed: an export may have more files than a process may
 * have open.
 */
export class StagedFile {
  readonly #folder: string
  readonly #temporary: string
  #pending: Uint8Array[] = []
  #bytes = 0
  #begun = false

  constructor(folder: string, temporary: string) {
    this.#folder = folder
    this.#temporary = join(folder, temporary)
  }

  append(bytes: Uint8Array): void {
    this.#pending.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes >= flushFrom) this.#flush(false)
  }

  /** Writes what is left, down to the disk. */
  finish(): void {
    this.#flush(true)
  }

  /** Puts the finished file in its place. */
  commit(name: string): void {
    this.#guarded(() => operations.rename(this.#temporary, join(this.#folder, name)))
  }

  /** Removes what was not put in its place. */
  discard(): void {
    if (this.#begun) operations.remove(this.#temporary, { force: true })
  }

  #flush(sync: boolean): void {
    this.#guarded(() => {
      if (!this.#begun) mkdirSync(this.#folder, { recursive: true })
      const file = operations.open(this.#temporary, this.#begun ? 'a' : 'w')
      this.#begun = true
      try {
        writeFully(file, Buffer.concat(this.#pending))
        if (sync) operations.sync(file)
      } finally {
        operations.close(file)
      }
    })
    this.#pending = []
    this.#bytes = 0
  }

  #guarded(action: () => void): void {
    try {
      action()
    } catch (error) {
      throw asInputError(error, this.#folder)
    }
  }
}
