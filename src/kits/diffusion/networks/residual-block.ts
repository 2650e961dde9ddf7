import { add, random, reshape, silu, type Tensor } from '../../../engine/index.ts'
import {
  type Affine,
  conv2d,
  dropout,
  groupNorm,
  type Initializer,
  linear,
  type Norm,
  type SpatialAttentionParams,
  spatialAttention,
} from '../../../nn/index.ts'
import type { BlockPlan } from './unet-plan.ts'

/** How weights start: those after SiLU, those after a linear layer, and the last of each block. */
export interface Starts {
  readonly activated: Initializer
  readonly linear: Initializer
  readonly last: Initializer
  readonly bias: Initializer
}

export interface ResidualBlockOptions {
  /** Extent of the embedding. */
  readonly told: number
  /** The most groups of a group norm. */
  readonly groups: number
  readonly heads: number
  readonly dropout: number
  readonly starts: Starts
}

export interface ResidualBlockParams {
  norm1: Norm
  conv1: Affine
  /** From the embedding to the inner channels. */
  condition: Affine
  norm2: Norm
  conv2: Affine
  /** 1×1, where the channels change. */
  shortcut?: Affine
  attention?: SpatialAttentionParams
}

/** Groups of a group norm: at most so many, and a divisor of the channels. */
export const groupsFor = (channels: number, most: number): number => gcd(channels, most)

/** Groups of a block's norm over its inner channels. */
export const normGroups = (most: number, { inner, innerGroups }: BlockPlan): number => innerGroups ?? groupsFor(inner, most)

export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** x + conv(dropout(silu(norm(conv(silu(norm(x))) + V·e)))), then attention where the plan says so (SR3's form: the embedding is added, not scaled with). */
export function residualBlock(plan: BlockPlan, { told, groups, heads, dropout: rate, starts }: ResidualBlockOptions) {
  const { input, inner, output } = plan
  const { bias } = starts
  const [norm1, norm2] = [groupNorm(input, groupsFor(input, groups)), groupNorm(inner, normGroups(groups, plan))]
  const conv1 = conv2d(input, inner, 3, { padding: 1, weight: starts.activated, bias })
  const conv2 = conv2d(inner, output, 3, { padding: 1, weight: starts.last, bias })
  const condition = linear(told, inner, { weight: starts.linear, bias })
  const shortcut = input === output ? undefined : conv2d(input, output, 1, { weight: starts.linear, bias })
  const attention = plan.attention
    ? spatialAttention(output, { heads, groups: groupsFor(output, groups), weight: starts.linear, last: starts.last, bias })
    : undefined
  return {
    init(key: Tensor): ResidualBlockParams {
      const [a, b, c, d, e] = random.split(key, 5)
      return {
        norm1: norm1.init(key),
        conv1: conv1.init(a),
        condition: condition.init(b),
        norm2: norm2.init(key),
        conv2: conv2.init(c),
        ...(shortcut && { shortcut: shortcut.init(d) }),
        ...(attention && { attention: attention.init(e) }),
      }
    },
    /** `key`: of the dropout, in training. */
    apply(params: ResidualBlockParams, x: Tensor, embedded: Tensor, key?: Tensor): Tensor {
      const first = conv1.apply(params.conv1, silu(norm1.apply(params.norm1, x)))
      const level = condition.apply(params.condition, embedded)
      const active = silu(norm2.apply(params.norm2, add(first, reshape(level, [...level.shape, 1, 1]))))
      const kept = key ? dropout(active, { rate, key }) : active
      const sum = add(shortcut ? shortcut.apply(params.shortcut!, x) : x, conv2.apply(params.conv2, kept))
      return attention ? attention.apply(params.attention!, sum) : sum
    },
  }
}

export type ResidualBlock = ReturnType<typeof residualBlock>
