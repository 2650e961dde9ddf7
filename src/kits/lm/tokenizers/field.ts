import { InputError } from '../../../engine/index.ts'

/** A value in a file of JSON, with its place for errors. */
export class Field {
  readonly value: unknown
  /** Such as `model.merges[3]`. */
  readonly path: string
  readonly file: string

  constructor(value: unknown, path: string, file: string) {
    this.value = value
    this.path = path
    this.file = file
  }

  /** @throws InputError always. */
  refuse(what: string, fix?: string): never {
    throw new InputError(`"${this.path}" ${what}`, { where: this.file, fix })
  }

  /** The same with a name: the whole of a file has none. */
  named(path: string): Field {
    return new Field(this.value, path, this.file)
  }

  get missing(): boolean {
    return this.value === undefined || this.value === null
  }

  at(key: string): Field {
    const record = this.record()
    return new Field(Object.hasOwn(record, key) ? record[key] : undefined, this.path ? `${this.path}.${key}` : key, this.file)
  }

  record(): Readonly<Record<string, unknown>> {
    const { value } = this
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : this.refuse('is not an object')
  }

  items(): Field[] {
    return this.list().map((_, i) => this.item(i))
  }

  item(index: number): Field {
    return new Field(this.list()[index], `${this.path}[${index}]`, this.file)
  }

  list(): readonly unknown[] {
    return Array.isArray(this.value) ? this.value : this.refuse('is not a list')
  }

  text(fallback?: string): string {
    if (this.missing && fallback !== undefined) return fallback
    return typeof this.value === 'string' ? this.value : this.refuse('is not a text')
  }

  optionalText(): string | undefined {
    return this.missing ? undefined : this.text()
  }

  flag(fallback?: boolean): boolean {
    if (this.missing && fallback !== undefined) return fallback
    return typeof this.value === 'boolean' ? this.value : this.refuse('is neither true nor false')
  }

  /** A whole number from 0 to below 2³¹. */
  count(fallback?: number): number {
    if (this.missing && fallback !== undefined) return fallback
    const { value } = this
    return isCount(value) ? value : this.refuse('is not a whole number from 0 to 2147483647')
  }

  oneOf<Name extends string>(names: readonly Name[], fallback?: Name): Name {
    const name = this.text(fallback)
    return names.find((known) => known === name) ?? this.refuse(`is "${name}"`, `known here are ${names.join(', ')}`)
  }
}

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31

/** The whole of a JSON file. @throws InputError that says where it is none. */
export function parseJson(text: string, file: string): Field {
  try {
    return new Field(JSON.parse(text), '', file)
  } catch (cause) {
    const { message } = cause as Error
    const place = /position (\d+)/.exec(message)?.[1] ?? (/end of JSON/.test(message) ? text.length : undefined)
    throw new InputError(`${place === undefined ? '' : `offset ${place}: `}not JSON (${message})`, { where: file, cause })
  }
}
