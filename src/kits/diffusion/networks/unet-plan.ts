import { InputError } from '../../../engine/index.ts'
import type { UNetConfig } from '../network.ts'
import { checkCount, checkCounts, checkEmbedding, imageShape } from './check.ts'

/** One residual block of a U-Net. */
export interface BlockPlan {
  readonly input: number
  /** Channels between its two convolutions. */
  readonly inner: number
  /** Groups of the norm over them, where the config says. */
  readonly innerGroups?: number
  readonly output: number
  /** Whether attention follows. */
  readonly attention: boolean
}

/** A level of one way: its blocks, and the channels of the convolution that leads to the next level, if one follows. */
export interface LevelPlan {
  readonly blocks: readonly BlockPlan[]
  readonly resample?: number
}

export interface UNetPlan {
  readonly image: number
  readonly first: number
  readonly down: readonly LevelPlan[]
  readonly middle: readonly BlockPlan[]
  readonly up: readonly LevelPlan[]
  /** Of the data, and of what is predicted. */
  readonly output: number
}

/** Residual blocks of a config, in the order of use. */
const blockCount = ({ multiples, blocks }: UNetConfig): number => multiples.length * (2 * blocks + 1) + 2

/** Refuses sizes that do not fit each other or the data. */
export function checkUNet(config: UNetConfig, shape: readonly number[], where = 'network'): void {
  const { channels, multiples, blocks, attention, heads = 1, dropout = 0, groups, inner, innerGroups, imageChannels } = config
  const [, height, width] = imageShape(shape, where)
  checkEmbedding('channels', channels, where)
  if (multiples.length === 0) throw new InputError('multiples is empty; a U-Net has at least one level', { where })
  checkCounts('multiples', multiples, { where })
  for (const [name, value] of Object.entries({ blocks, heads, groups, imageChannels }))
    if (value !== undefined) checkCount(name, value, where)
  if (!(dropout >= 0 && dropout < 1)) throw new InputError(`dropout is ${dropout}, not in [0, 1)`, { where })
  if (inner) checkCounts('inner', inner, { length: blockCount(config), of: 'residual blocks', where })
  if (innerGroups) checkCounts('innerGroups', innerGroups, { length: blockCount(config), of: 'residual blocks', where })
  const halvings = 2 ** (multiples.length - 1)
  for (const [name, extent] of [['height', height] as const, ['width', width] as const])
    if (extent % halvings !== 0)
      throw new InputError(`the ${name} ${extent} cannot be halved ${multiples.length - 1} times`, {
        where,
        fix: `take a multiple of ${halvings}, or fewer multiples`,
      })
  const heights = multiples.map((_, level) => height / 2 ** level)
  const missing = attention.find((at) => !heights.includes(at))
  if (missing !== undefined)
    throw new InputError(`attention is asked for at height ${missing}, but the levels have heights ${heights.join(', ')}`, { where })
  multiples.forEach((multiple, level) => {
    const attends = attention.includes(heights[level]) || level === multiples.length - 1
    if (attends && (channels * multiple) % heads !== 0)
      throw new InputError(`${heads} heads do not divide the ${channels * multiple} channels of level ${level + 1}`, { where })
  })
}

/** The most groups of a config's group norms. */
export const mostGroups = ({ groups, channels }: UNetConfig): number => groups ?? Math.min(32, channels)

/** Which blocks a config means, and the channels that they see: on the way up each also sees what was kept on the way down. */
export function planOf(config: UNetConfig, shape: readonly number[]): UNetPlan {
  const { channels, multiples, blocks, attention, inner, innerGroups } = config
  const [output, height] = imageShape(shape, 'network')
  const levels = multiples.length
  const kept = [channels]
  let current = channels
  let next = 0
  const block = (input: number, output: number, attends: boolean): BlockPlan => {
    current = output
    const index = next++
    return { input, inner: inner?.[index] ?? output, innerGroups: innerGroups?.[index], output, attention: attends }
  }
  const level = (index: number, count: number, input: () => number): readonly BlockPlan[] =>
    Array.from({ length: count }, () => block(input(), channels * multiples[index], attention.includes(height / 2 ** index)))

  const down = multiples.map((_, index): LevelPlan => {
    const plans = level(index, blocks, () => current)
    const resample = index < levels - 1 ? current : undefined
    kept.push(...plans.map(({ output }) => output), ...(resample ? [resample] : []))
    return { blocks: plans, resample }
  })
  const middle = [true, false].map((attends) => block(current, current, attends))
  const up = multiples.map((_, fromBottom): LevelPlan => {
    const index = levels - 1 - fromBottom
    const plans = level(index, blocks + 1, () => current + kept.pop()!)
    return { blocks: plans, resample: index > 0 ? current : undefined }
  })
  return { image: output + (config.imageChannels ?? 0), first: channels, down, middle, up, output }
}
