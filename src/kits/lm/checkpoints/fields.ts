import { InputError } from '../../../engine/index.ts'

/** The JSON object in a text. @throws InputError that says where. */
export function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new InputError(`line 1 or below is not JSON (${(cause as Error).message})`, { where, cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError('line 1: the file does not hold a JSON object', { where })
  return value as Record<string, unknown>
}

const quoted = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/**
 * The keys of a JSON object from a file, each read as what it must be. A key that is absent or null takes the fallback; without one that is an error.
 * What has been asked for is remembered, so that the rest can be told of.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly where: string
  readonly #asked = new Set<string>()

  constructor(values: Readonly<Record<string, unknown>>, where: string) {
    this.#values = values
    this.where = where
  }

  has(key: string): boolean {
    this.#asked.add(key)
    return Object.hasOwn(this.#values, key) && this.#values[key] !== null && this.#values[key] !== undefined
  }

  /** Whether the key is there and says null, which is not the same as a default. */
  isNull(key: string): boolean {
    this.#asked.add(key)
    return Object.hasOwn(this.#values, key) && this.#values[key] === null
  }

  raw(key: string): unknown {
    return this.has(key) ? this.#values[key] : undefined
  }

  /** A whole number of at least `least`. */
  whole(key: string, fallback?: number, least = 1): number {
    return this.#read(
      key,
      fallback,
      `a whole number of at least ${least}`,
      (value) => Number.isSafeInteger(value) && (value as number) >= least,
    )
  }

  /** Any finite number. */
  number(key: string, fallback?: number): number {
    return this.#read(key, fallback, 'a number', Number.isFinite)
  }

  positive(key: string, fallback?: number): number {
    return this.#read(key, fallback, 'a positive number', (value) => Number.isFinite(value) && (value as number) > 0)
  }

  flag(key: string, fallback?: boolean): boolean {
    return this.#read(key, fallback, 'true or false', (value) => typeof value === 'boolean')
  }

  text(key: string, fallback?: string): string {
    return this.#read(key, fallback, 'a text', (value) => typeof value === 'string')
  }

  texts(key: string, fallback?: readonly string[]): readonly string[] {
    return this.#read(key, fallback, 'a list of texts', (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'))
  }

  /** A whole number or a list of such, as a list. */
  wholes(key: string, least = 0): readonly number[] {
    const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least
    const value = this.#read<number | readonly number[]>(
      key,
      [],
      `a whole number of at least ${least} or a list of such`,
      (given) => isWhole(given) || (Array.isArray(given) && given.every(isWhole)),
    )
    return typeof value === 'number' ? [value] : value
  }

  /** An object in it, with this one's name before its keys in errors. */
  object(key: string): Fields | undefined {
    const value = this.raw(key)
    if (value === undefined) return undefined
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong(key, 'not an object')
    return new Fields(value as Record<string, unknown>, `${this.where}: "${key}"`)
  }

  /** An object with whole numbers. */
  numbers(key: string): Readonly<Record<string, number>> {
    const value = this.raw(key) ?? {}
    const legal = typeof value === 'object' && !Array.isArray(value) && Object.values(value as object).every(Number.isFinite)
    if (!legal) throw this.wrong(key, 'not an object of numbers')
    return value as Record<string, number>
  }

  /** An error about a key's value. */
  wrong(key: string, what: string, fix?: string): InputError {
    return new InputError(`"${key}" is ${quoted(this.#values[key])}, ${what}`, { where: this.where, fix })
  }

  /** Keys that nobody has asked for and that say something. */
  unread(): string[] {
    return Object.keys(this.#values).filter((key) => !this.#asked.has(key) && this.#values[key] !== null)
  }

  #read<T>(key: string, fallback: T | undefined, kind: string, isLegal: (value: unknown) => boolean): T {
    if (!this.has(key)) {
      if (fallback === undefined) throw new InputError(`"${key}" is missing`, { where: this.where, fix: `it must be ${kind}` })
      return fallback
    }
    const value = this.#values[key]
    if (!isLegal(value)) throw this.wrong(key, `not ${kind}`)
    return value as T
  }
}
