import { type NDArray, ndarray } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import { frequenciesAt } from '../rotary.ts'

/** Where n rows of t new tokens stand: row i's text has `lengths[i]` tokens before them, of which the first `always` are seen whatever the window. */
export interface Places {
  readonly t: number
  readonly lengths: readonly number[]
  readonly always: number
  /** Tokens of each row's text when it is whole; a prompt that is read in pieces turns as if it were read at once. Default: with the new tokens. */
  readonly whole?: readonly number[]
}

const hidden = Number.NEGATIVE_INFINITY

/** What new tokens see of each other [1, 1, t, t]. */
export function ownMask({ window = Number.POSITIVE_INFINITY }: DecoderConfig, t: number): NDArray {
  const data = new Float32Array(t * t).fill(hidden)
  for (let i = 0; i < t; i++) for (let j = 0; j <= i; j++) if (i - j < window) data[i * t + j] = 0
  return ndarray(data, [1, 1, t, t], 'float32')
}

/** What they see of the slots before them [n, 1, 1 or t, slots]. */
export function slotMask({ window }: DecoderConfig, { t, lengths, always }: Places, slots: number): NDArray {
  const lines = window === undefined ? 1 : t
  const data = new Float32Array(lengths.length * lines * slots).fill(hidden)
  lengths.forEach((length, row) => {
    for (let line = 0; line < lines; line++) {
      const start = (row * lines + line) * slots
      data.fill(0, start, start + Math.min(always, length))
      const nearest = window === undefined ? 0 : Math.max(0, length + line - window + 1)
      if (nearest < length) data.fill(0, start + nearest, start + length)
    }
  })
  return ndarray(data, [lengths.length, 1, lines, slots], 'float32')
}

/** Cosines and sines of their angles, where positions are rotary. */
export function rotationOf({ positions, context }: DecoderConfig, { t, lengths, whole }: Places): [NDArray, NDArray] | undefined {
  if (positions.kind !== 'rope') return undefined
  const pairs = positions.width / 2
  const [cos, sin] = [0, 1].map(() => new Float32Array(lengths.length * t * pairs))
  lengths.forEach((length, row) => {
    const turns = frequenciesAt(positions, context, whole?.[row] ?? length + t)
    for (let k = 0; k < t; k++) {
      const at = (row * t + k) * pairs
      for (let p = 0; p < pairs; p++) {
        const angle = (length + k) * turns[p]
        cos[at + p] = Math.cos(angle)
        sin[at + p] = Math.sin(angle)
      }
    }
  })
  const shape = [lengths.length, t, pairs]
  return [ndarray(cos, shape, 'float32'), ndarray(sin, shape, 'float32')]
}
