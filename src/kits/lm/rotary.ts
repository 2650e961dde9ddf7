import { add, cast, cos, exp, expandDims, log, max, maximum, mul, pow, sin, sub, type Tensor, tensor } from '../../engine/index.ts'
import type { Positions } from './config.ts'

type Rotary = Extract<Positions, { kind: 'rope' }>

/** Cosines and sines of each position's angles, [n or 1, t, width / 2] each. */
export interface Rotation {
  readonly cos: Tensor
  readonly sin: Tensor
}

/** Turns per position of each pair of entries: θ^(−2p / width), changed as the scaling says. */
export function frequencies({ theta, width, scaling }: Rotary): number[] {
  const plain = Array.from({ length: width / 2 }, (_, p) => theta ** ((-2 * p) / width))
  if (scaling?.kind === 'linear') return plain.map((w) => w / scaling.factor)
  if (scaling?.kind !== 'llama3') return plain
  const { factor, lowFrequency: low, highFrequency: high, originalContext } = scaling
  return plain.map((w) => {
    const turns = (originalContext * w) / (2 * Math.PI)
    if (turns > high) return w
    if (turns < low) return w / factor
    const share = (turns - low) / (high - low)
    return ((1 - share) * w) / factor + share * w
  })
}

/** As `frequencies`, for a text of so many tokens: with dynamic scaling they depend on it. */
export function frequenciesAt(rotary: Rotary, context: number, length: number): number[] {
  if (rotary.scaling?.kind !== 'dynamic' || length <= context) return frequencies(rotary)
  const { theta, width, scaling } = rotary
  const stretch = (scaling.factor * length) / context - (scaling.factor - 1)
  return frequencies({ ...rotary, theta: theta * stretch ** (width / (width - 2)), scaling: undefined })
}

/** The rotation at int32 positions [n or 1, t]. `context`: what the model was trained on, where the scaling depends on how long the text is. */
export function rotationAt(rotary: Rotary, positions: Tensor, context: number): Rotation {
  const turns = rotary.scaling?.kind === 'dynamic' ? dynamicFrequencies(rotary, positions, context) : tensor(frequencies(rotary))
  const angles = mul(expandDims(cast(positions, 'float32'), -1), turns)
  return { cos: cos(angles), sin: sin(angles) }
}

/** Beyond the context θ grows with the length of the text, so that the slowest pair never turns further than in training. */
function dynamicFrequencies({ theta, width, scaling }: Rotary, positions: Tensor, context: number): Tensor {
  const { factor } = scaling as { factor: number }
  const length = maximum(add(cast(max(positions), 'float32'), 1), context)
  const stretch = sub(mul(length, factor / context), factor - 1)
  const base = mul(pow(stretch, width / (width - 2)), theta)
  return exp(mul(log(base), tensor(Array.from({ length: width / 2 }, (_, p) => (-2 * p) / width))))
}
