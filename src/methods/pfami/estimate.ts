import { parameterCount } from '../../kits/diffusion/index.ts'
import type { Config } from './config.ts'
import { denoiserConfig, vaeConfig } from './models.ts'
import { crop } from './neighbours/index.ts'
import { paperSteps } from './oracles/diffusion.ts'

/** Numbers of a record. */
const shape = [196] as const

/** Evaluations for each record of a table: with all neighbours and as often without, of a model and of its reference. */
const perTable = 4 * paperSteps.length * (1 + crop().strengths.length)

interface Work {
  readonly parameters: number
  /** Multiply-accumulates of an evaluation. */
  readonly macs: number
  /** Training steps of all models together. */
  readonly steps: number
  /** Tables of losses, of one draw each. */
  readonly tables: number
  /** Whether PFAMI-NNs is trained. */
  readonly learns?: boolean
}

const nothing: Work = { parameters: 0, macs: 0, steps: 0, tables: 0 }

/**
 * What a unit costs. The constants of the seconds are measured, on one core of an idle machine: of a step and of an evaluation, what it takes anyway and
 * what each multiply-accumulate adds, and a record of PFAMI-NNs in an epoch by its channels.
 */
export function estimate({ config }: { readonly config: Config }) {
  const { scored, train, network } = config
  const { parameters, macs, steps, tables, learns } = workOf(config)
  const records = 2 * Math.min(scored, train)
  const evaluations = records * tables * perTable
  const learning = learns ? 9e-10 * records * network.epochs * network.channels ** 2 : 0
  return {
    parameters,
    flops: 6 * 64 * steps * macs + 2 * evaluations * macs,
    bytes: 40 * parameters,
    seconds: steps * (3e-3 + 1.6e-8 * macs) + evaluations * (2e-5 + 4e-11 * macs) + learning,
  }
}

function workOf({ task, train, overfitted, sweep, vae, dp, defence, draws, samples, logan }: Config): Work {
  const early = ({ checkpoints, steps }: { checkpoints: readonly number[]; steps: number }) =>
    checkpoints.filter((step) => step < steps).length
  switch (task) {
    case 'overfitted': {
      // The target's, the shadow's, those of earlier steps; the ways to break the attack are about one more. LOGAN's two GANs are as large as the denoiser.
      const gans = logan ? 2 * Math.ceil((200 * samples) / 64) : 0
      return {
        ...perceptron(overfitted.width),
        steps: 3 * overfitted.steps + gans,
        tables: Math.max(2, draws) + early(overfitted) + 2,
        learns: true,
      }
    }
    case 'sweep':
      return { ...perceptron(sweep.width), steps: 2 * sweep.steps, tables: draws * (early(sweep) + 1) }
    case 'vae':
      // The target's and the shadow's; the search for latent codes is about two more.
      return { ...autoencoder(), steps: 3 * vae.steps, tables: 4, learns: true }
    case 'exact':
      // Every record that it remembers is compared, and weighed. Two tables, each with its shadow's.
      return { ...nothing, macs: 2 * train * shape[0], tables: 4 }
    case 'defence':
      return { ...perceptron(dp.width), steps: 2 * defenceSteps({ defence, dp, overfitted }), tables: 1 }
    default:
      return nothing
  }
}

/** A step of DP-SGD, which takes the gradient of each record, is about twelve others. */
function defenceSteps({ defence, dp, overfitted: { steps, checkpoints } }: Pick<Config, 'defence' | 'dp' | 'overfitted'>): number {
  if (defence === 'dp') return 12 * dp.steps
  return defence === 'early' ? Math.min(steps, ...checkpoints.slice(0, 1)) : steps
}

/** A perceptron multiplies by each of its weights once. */
const weights = (parameters: number) => ({ parameters, macs: parameters })

const perceptron = (width: number) => weights(parameterCount(denoiserConfig(shape, width).network, shape))

function autoencoder() {
  const { hidden, latent } = vaeConfig(shape)
  const extents = [shape[0], ...hidden]
  const between = extents.slice(1).reduce((sum, extent, k) => sum + extent * extents[k], 0)
  // Both ways; the encoder gives means and variances.
  return weights(2 * between + 3 * latent * hidden.at(-1)!)
}
