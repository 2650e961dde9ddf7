import { bytesOfCharacters } from './byte-alphabet.ts'
import type { Field } from './field.ts'
import { replacing } from './normalizers.ts'
import { utf8Stream } from './utf8-stream.ts'

/** Turns tokens into text, however many come at a time: what it gives, joined, is the same. */
export interface Decoding {
  push(tokens: readonly string[]): readonly string[]
  end(): readonly string[]
}

/** Begins to decode a text. */
export type Decoder = () => Decoding

const kinds = ['ByteFallback', 'ByteLevel', 'Fuse', 'Metaspace', 'Replace', 'Sequence', 'Strip'] as const

/** What `decoder` of a `tokenizer.json` says; without one, tokens are joined by spaces. */
export function readDecoder(field: Field): Decoder {
  if (field.missing) return spaced
  return chained(stepsOf(field))
}

/** A step, and whether what it gives are pieces of one token. */
interface Step {
  readonly kind: (typeof kinds)[number]
  readonly start: Decoder
}

function stepsOf(field: Field): Step[] {
  const kind = field.at('type').oneOf(kinds)
  if (kind === 'Sequence') return field.at('decoders').items().flatMap(stepsOf)
  return [{ kind, start: stepOf(field, kind) }]
}

function stepOf(field: Field, kind: Exclude<Step['kind'], 'Sequence'>): Decoder {
  switch (kind) {
    case 'ByteFallback':
      return byteFallback
    case 'ByteLevel':
      return byteLevel
    case 'Fuse':
      return each((token) => token)
    case 'Metaspace':
      return metaspace(field)
    case 'Replace':
      return each(replacing(field))
    case 'Strip':
      return strip(field)
  }
}

/** Each step decodes what the one before gives. After one that makes one token of all, another waits for the whole of it, unless it is `Strip`. */
function chained(steps: readonly Step[]): Decoder {
  let fused = false
  const starts = steps.map(({ kind, start }) => {
    const own = fused && kind !== 'Fuse' ? (kind === 'Strip' ? start : whole(start)) : perToken(kind, start)
    fused ||= kind === 'Fuse' || kind === 'ByteLevel'
    return own
  })
  return () => {
    const running = starts.map((start) => start())
    const through = (tokens: readonly string[], from: number): readonly string[] =>
      running.slice(from).reduce((given, step) => (given.length > 0 ? step.push(given) : given), tokens)
    return {
      push: (tokens) => through(tokens, 0),
      end: () => running.flatMap((step, i) => through(step.end(), i + 1)),
    }
  }
}

/** `Strip` works on every token by itself, unless they are one. */
const perToken = (kind: Step['kind'], start: Decoder): Decoder => (kind === 'Strip' ? each((token) => decoded(start, [token])) : start)

/** The text of all tokens. */
export function decoded(decoder: Decoder, tokens: readonly string[]): string {
  const decoding = decoder()
  return decoding.push(tokens).join('') + decoding.end().join('')
}

/** Waits for all pieces of a token. */
const whole =
  (start: Decoder): Decoder =>
  () => {
    const pieces: string[] = []
    return {
      push(given) {
        for (const piece of given) pieces.push(piece)
        return []
      },
      end: () => [decoded(start, [pieces.join('')])],
    }
  }

const each =
  (change: (token: string) => string): Decoder =>
  () => ({ push: (tokens) => tokens.map(change), end: () => [] })

const spaced: Decoder = () => {
  let begun = false
  return {
    push: (tokens) =>
      tokens.map((token) => {
        const text = begun ? ` ${token}` : token
        begun = true
        return text
      }),
    end: () => [],
  }
}

const utf8 = new TextEncoder()

const byteLevel: Decoder = () => {
  const text = utf8Stream()
  return { push: (tokens) => [text.push(bytesOf(tokens))], end: () => [text.flush()] }
}

function bytesOf(tokens: readonly string[]): Uint8Array {
  const parts = tokens.map((token) => bytesOfCharacters(token) ?? utf8.encode(token))
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Tokens like `<0xE6>` are the bytes of a text; all of a run that is no text become U+FFFD, so it is held back to its end. */
const byteFallback: Decoder = () => {
  let run: number[] = []
  const flush = (): string[] => {
    if (run.length === 0) return []
    const text = textOf(Uint8Array.from(run)) ?? '\ufffd'.repeat(run.length)
    run = []
    return [text]
  }
  return {
    push: (tokens) =>
      tokens.flatMap((token) => {
        const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)
        if (!byte) return [...flush(), token]
        run.push(Number.parseInt(byte[1], 16))
        return []
      }),
    end: flush,
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The character of spaces; the one at the beginning is left out where it was put there. */
function metaspace(field: Field): Decoder {
  const space = field.at('replacement').text('▁')
  const scheme = field.at('prepend_scheme')
  const kept = scheme.missing ? !field.at('add_prefix_space').flag(true) : scheme.oneOf(['always', 'never', 'first']) === 'never'
  return () => {
    let first = true
    return {
      push: (tokens) =>
        tokens.map((token) => {
          const text = token.replaceAll(space, first && !kept ? '' : ' ')
          first = false
          return text
        }),
      end: () => [],
    }
  }
}

/** Takes a character off the beginning and the end, up to so many times. */
function strip(field: Field): Decoder {
  const content = field.at('content').text()
  if (Array.from(content).length !== 1) field.at('content').refuse(`is "${content}", not one character`)
  const [start, stop] = [field.at('start').count(0), field.at('stop').count(0)]
  return () => {
    let before = start
    let held = ''
    const begun = (piece: string): string => {
      let at = 0
      for (; before > 0 && piece.startsWith(content, at) && at < piece.length; before--) at += content.length
      if (at < piece.length) before = 0
      return piece.slice(at)
    }
    return {
      push(pieces) {
        held += begun(pieces.join(''))
        // What could still be taken off the end stays here.
        let end = held.length
        for (let left = stop; left > 0 && held.slice(0, end).endsWith(content) && end > 0; left--) end -= content.length
        const text = held.slice(0, end)
        held = held.slice(end)
        return [text]
      },
      end: () => [],
    }
  }
}
