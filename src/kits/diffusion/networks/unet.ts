import { broadcastTo, concat, fold, InputError, random, reshape, silu, type Tensor } from '../../../engine/index.ts'
import { type Affine, conv2d, groupNorm, heNormal, lecunNormal, type Norm, orthogonal, zeroInit } from '../../../nn/index.ts'
import type { Given, Network, UNetConfig } from '../network.ts'
import { conditionEmbedding, type EmbeddingParams } from './embedding.ts'
import { groupsFor, type ResidualBlock, type ResidualBlockParams, residualBlock, type Starts } from './residual-block.ts'
import { checkUNet, type LevelPlan, mostGroups, planOf } from './unet-plan.ts'

export interface UNetLevelParams {
  blocks: ResidualBlockParams[]
  resample?: Affine
}

export interface UNetParams {
  embedding: EmbeddingParams
  input: Affine
  down: UNetLevelParams[]
  middle: ResidualBlockParams[]
  up: UNetLevelParams[]
  norm: Norm
  output: Affine
}

const starts: Readonly<Record<NonNullable<UNetConfig['init']>, Starts>> = {
  zero: { activated: heNormal, linear: lecunNormal, last: zeroInit, bias: zeroInit },
  orthogonal: { activated: orthogonal(), linear: orthogonal(), last: orthogonal(), bias: zeroInit },
}

/** Each pixel four times [n, c, h, w] → [n, c, 2h, 2w]. */
function doubled(x: Tensor): Tensor {
  const [n, c, h, w] = x.shape
  return reshape(broadcastTo(reshape(x, [n, c, h, 1, w, 1]), [n, c, h, 2, w, 2]), [n, c, 2 * h, 2 * w])
}

/** x beside the image that the network is conditioned on, if it is conditioned on one. */
function withImage(x: Tensor, image: Tensor | undefined, channels: number | undefined): Tensor {
  if (channels === undefined && image === undefined) return x
  const expected = [x.shape[0], channels ?? 0, ...x.shape.slice(2)]
  if (!image || `${image.shape}` !== `${expected}`)
    throw new InputError(`the image to condition on is ${image ? `[${image.shape.join(', ')}]` : 'missing'}`, {
      fix: channels === undefined ? 'give imageChannels in the config, or no image' : `give one of shape [${expected.join(', ')}]`,
    })
  return concat([x, image], { axis: 1 })
}

/** The U-Net of SR3 (Saharia et al. 2021). By default it starts as the function that is zero. */
export function unetNetwork(config: UNetConfig, shape: readonly number[], classes?: number, outputs = 1): Network<UNetParams> {
  checkUNet(config, shape)
  const { channels, heads = 1, dropout = 0, init = 'zero', scale } = config
  const groups = mostGroups(config)
  const top = channels * config.multiples[0]
  const plan = planOf(config, shape)
  const start = starts[init]
  const { bias } = start
  const embedding = conditionEmbedding({ size: channels, layers: [4 * channels, channels], scale, classes })
  const blockOptions = { told: channels, groups, heads, dropout, starts: start }
  const levels = (plans: readonly LevelPlan[], stride: number) =>
    plans.map(({ blocks, resample }) => ({
      blocks: blocks.map((block) => residualBlock(block, blockOptions)),
      resample: resample === undefined ? undefined : conv2d(resample, resample, 3, { padding: 1, stride, weight: start.linear, bias }),
    }))
  const input = conv2d(plan.image, plan.first, 3, { padding: 1, weight: start.linear, bias })
  const down = levels(plan.down, 2)
  const middle = plan.middle.map((block) => residualBlock(block, blockOptions))
  const up = levels(plan.up, 1)
  const norm = groupNorm(top, groupsFor(top, groups))
  const output = conv2d(top, outputs * plan.output, 3, { padding: 1, weight: start.last, bias })

  const initBlocks = (blocks: readonly ResidualBlock[], key: Tensor) => {
    const keys = random.split(key, blocks.length)
    return blocks.map((block, i) => block.init(keys[i]))
  }
  const initLevels = (all: ReturnType<typeof levels>, key: Tensor): UNetLevelParams[] =>
    all.map(({ blocks, resample }, level) => {
      const [forBlocks, forResample] = random.split(fold(key, level))
      return { blocks: initBlocks(blocks, forBlocks), ...(resample && { resample: resample.init(forResample) }) }
    })

  return {
    init(key) {
      const [e, i, d, m, u, o] = random.split(key, 6)
      return {
        embedding: embedding.init(e),
        input: input.init(i),
        down: initLevels(down, d),
        middle: initBlocks(middle, m),
        up: initLevels(up, u),
        norm: norm.init(o),
        output: output.init(o),
      }
    },
    apply(params, x, condition, given) {
      const told = embedding.apply(params.embedding, condition, given)
      const run = blockRunner(told, dropout > 0 ? given : undefined)
      const kept = [input.apply(params.input, withImage(x, given?.image, config.imageChannels))]
      down.forEach(({ blocks, resample }, level) => {
        const own = params.down[level]
        blocks.forEach((block, i) => {
          kept.push(run(block, own.blocks[i], kept.at(-1)!))
        })
        if (resample) kept.push(resample.apply(own.resample!, kept.at(-1)!))
      })
      let h = middle.reduce((y, block, i) => run(block, params.middle[i], y), kept.at(-1)!)
      up.forEach(({ blocks, resample }, level) => {
        const own = params.up[level]
        h = blocks.reduce((y, block, i) => run(block, own.blocks[i], concat([y, kept.pop()!], { axis: 1 })), h)
        if (resample) h = resample.apply(own.resample!, doubled(h))
      })
      return output.apply(params.output, silu(norm.apply(params.norm, h)))
    },
  }
}

/** Runs blocks on one embedding; each that drops units has a key of its own. */
function blockRunner(told: Tensor, given: Given | undefined) {
  let index = 0
  return (block: ResidualBlock, params: ResidualBlockParams, x: Tensor): Tensor =>
    block.apply(params, x, told, given?.dropout && fold(given.dropout, index++))
}
