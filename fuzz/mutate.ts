import fc from 'fast-check'

/** What a format is made of. */
export interface Format {
  /** Words that mean something in it. */
  readonly words?: readonly string[]
  /** It is text: bits are not flipped, since all else would be refused as no text. */
  readonly text?: boolean
}

/** One way to damage a file. `at`, `from` and `length` are taken modulo what there is; a change that does not apply changes nothing. */
interface Change {
  readonly kind: (typeof kinds)[number]
  readonly at: number
  readonly from: number
  readonly length: number
  readonly value: number
  readonly word: Uint8Array
}

/** Those that keep the length come first and more often: other lengths are refused at the door. */
const kinds = ['flip', 'set', 'word', 'copy', 'number', 'cut', 'remove', 'insert', 'repeat', 'splice'] as const

/** What sizes, counts and offsets must not be: the ends of the integer types. */
const integers = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
]

/** The same for numbers that are written out. */
const written = [
  '0',
  '-1',
  '1e999',
  '-0',
  '0.5',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '1e308',
  'NaN',
  'null',
  '""',
  '[]',
  '{}',
  '[[[[[[[[',
]

const binaryWords = integers.flatMap((value) =>
  [2, 4, 8].flatMap((width) =>
    [false, true].map((littleEndian) => {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigUint64(0, littleEndian ? value : value << BigInt(64 - 8 * width), littleEndian)
      return bytes.subarray(0, width)
    }),
  ),
)

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Anywhere alike: fast-check would rather have the beginning, which everybody checks. */
const place = fc.noBias(fc.nat(2 ** 31 - 1))

const change = ({ words = [], text = false }: Format): fc.Arbitrary<Change> =>
  fc.record({
    kind: fc.constantFrom(...kinds.slice(0, 4), ...kinds.slice(0, 4), ...kinds),
    at: place,
    from: place,
    length: fc.nat(64),
    value: fc.noBias(fc.nat(255)),
    word: fc.constantFrom(...(text ? [] : binaryWords), ...written.map(encode), ...words.map(encode)),
  })

const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Where the run of digits lies that `at` points into, or the next one after it. */
function digitsAt(bytes: Uint8Array, at: number): [number, number] | undefined {
  const isDigit = (i: number) => bytes[i] >= 0x30 && bytes[i] <= 0x39
  let begin = at
  while (begin < bytes.length && !isDigit(begin)) begin++
  if (begin === bytes.length) return undefined
  let end = begin
  while (isDigit(end)) end++
  return [begin, end]
}

const effects: Readonly<Record<Change['kind'], (bytes: Uint8Array, at: number, change: Change, other: Uint8Array) => Uint8Array>> = {
  flip: (bytes, at, { value }) => overwrite(bytes, at, Uint8Array.of(bytes[at] ^ (1 << (value & 7)))),
  set: (bytes, at, { value }) => overwrite(bytes, at, Uint8Array.of(value)),
  word: (bytes, at, { word }) => overwrite(bytes, at, word),
  number: (bytes, at, { word }) => {
    const [begin, end] = digitsAt(bytes, at) ?? [at, at]
    return join(bytes.subarray(0, begin), word, bytes.subarray(end))
  },
  cut: (bytes, at) => bytes.slice(0, at),
  remove: (bytes, at, { length }) => join(bytes.subarray(0, at), bytes.subarray(at + length)),
  insert: (bytes, at, { word }) => join(bytes.subarray(0, at), word, bytes.subarray(at)),
  repeat: (bytes, at, { length, value }) =>
    join(bytes.subarray(0, at), ...new Array<Uint8Array>(value).fill(bytes.subarray(at, at + length)), bytes.subarray(at)),
  copy: (bytes, at, { from, length }) => overwrite(bytes, at, bytes.slice(from % bytes.length, (from % bytes.length) + length)),
  splice: (bytes, at, { from }, other) => join(bytes.subarray(0, at), other.subarray(from % (other.length + 1))),
}

/** In place where the bytes fit, so that the file keeps its length. */
function overwrite(bytes: Uint8Array, at: number, word: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  changed.set(word.subarray(0, changed.length - at), at)
  return changed
}

/**
 * Files damaged in one to four places, from good ones: bits, bytes and integers at the ends of their types, numbers written out, parts cut,
 * repeated, moved or taken from another file, and words that mean something in the format. Shrinks to fewer changes.
 */
export function damaged(buffers: readonly Uint8Array[], format: Format): fc.Arbitrary<Uint8Array> {
  const good = buffers.map((bytes) => new Uint8Array(bytes)) // a slice of a Buffer would still be part of it
  return fc
    .tuple(fc.nat(good.length - 1), fc.nat(good.length - 1), fc.array(change(format), { minLength: 1, maxLength: 4 }))
    .map(([first, second, changes]) => changes.reduce<Uint8Array>((bytes, one) => apply(bytes, one, good[second], format), good[first]))
}

function apply(bytes: Uint8Array, change: Change, other: Uint8Array, { text }: Format): Uint8Array {
  if (bytes.length === 0) return bytes
  const kind = text && (change.kind === 'flip' || change.kind === 'set') ? 'insert' : change.kind
  return effects[kind](bytes, change.at % bytes.length, change, other)
}
