import {
  add,
  cast,
  concat,
  cos,
  exp,
  expandDims,
  log,
  max,
  maximum,
  mul,
  pow,
  reshape,
  sin,
  slice,
  stack,
  sub,
  type Tensor,
  tensor,
} from '../../engine/index.ts'
import type { Positions } from './config.ts'

type Rotary = Extract<Positions, { kind: 'rope' }>

/** Cosines and sines of each position's angles, [n or 1, 1, t, width / 2] each. */
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

/** The rotation at int32 positions [n or 1, t]. `context`: what the model was trained on, where the scaling depends on how long the text is. */
export function rotationAt(rotary: Rotary, positions: Tensor, context: number): Rotation {
  const turns = rotary.scaling?.kind === 'dynamic' ? dynamicFrequencies(rotary, positions, context) : tensor(frequencies(rotary))
  const angles = expandDims(mul(expandDims(cast(positions, 'float32'), -1), turns), 1)
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

/** Turns the pairs of x [n, heads, t, headWidth]; entries beyond the rotary width stay. */
export function rotate({ pairs, width }: Rotary, { cos, sin }: Rotation, x: Tensor): Tensor {
  const headWidth = x.shape[x.shape.length - 1]
  const turning = width === headWidth ? x : slice(x, { axis: -1, end: width })
  const turned = pairs === 'half' ? rotateHalves(turning, cos, sin) : rotateNeighbours(turning, cos, sin)
  return width === headWidth ? turned : concat([turned, slice(x, { axis: -1, start: width })], { axis: -1 })
}

function rotateHalves(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const half = x.shape[x.shape.length - 1] / 2
  const [a, b] = [slice(x, { axis: -1, end: half }), slice(x, { axis: -1, start: half })]
  return concat([sub(mul(a, cos), mul(b, sin)), add(mul(b, cos), mul(a, sin))], { axis: -1 })
}

function rotateNeighbours(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const half = x.shape[x.shape.length - 1] / 2
  const pairs = reshape(x, [...x.shape.slice(0, -1), half, 2])
  const [a, b] = [0, 1].map((side) => reshape(slice(pairs, { axis: -1, start: side, end: side + 1 }), [...x.shape.slice(0, -1), half]))
  const turned = stack([sub(mul(a, cos), mul(b, sin)), add(mul(b, cos), mul(a, sin))], { axis: -1 })
  return reshape(turned, x.shape)
}
