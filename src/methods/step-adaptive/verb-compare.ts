import { join } from 'node:path'
import { z } from 'zod'
import { take } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeAtomically } from '../../experiment/index.ts'
import {
  type Denoiser,
  denoisingLoss,
  findDenoiser,
  groupOf,
  loadBundle,
  loadDenoiser,
  macs,
  readModelFile,
  sample,
} from '../../kits/diffusion/index.ts'
import { parameterCount } from '../../kits/diffusion/networks/index.ts'
import { featureNetwork, featureRecipe, imageRows, quality, randomFeatureRecipe } from '../../kits/generative/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { verb } from '../method.ts'
import { readImages } from './own-model.ts'
import { imageOptions } from './own-options.ts'
import { type PairedVerdict, pairedVerdict } from './paired.ts'

/** One side of a comparison. */
interface Side {
  readonly name: string
  readonly denoiser: Denoiser
  /** Multiply-accumulates that serve a time; unknown of ONNX files. */
  macsAt?(time: number): number
  readonly parameters?: number
}

export const compareVerb = verb({
  name: 'compare',
  summary: {
    en: 'Holds a bundle against one model for all times on your images: loss, FID with its noise floor, operations, time, storage',
    zh: '在自己的图像上比较模型束与统一模型：损失、FID 及噪声下限、计算量、时间、存储',
  },
  positional: 'bundle',
  example: 'quire step-adaptive compare bundle --with bundle/uniform --data digits/ --size 7 --count 40 --steps 10 --feature-steps 20',
  options: z.object({
    bundle: z.string().describe('a bundle’s folder, or a run of quire run step-adaptive'),
    with: z.string().describe('the model to compare with, of the same process'),
    data: z.string().describe('the images that both were trained on'),
    ...imageOptions,
    count: z.number().int().min(2).default(1000).describe('samples of each seed; at most as many as images are kept back'),
    seeds: z.number().int().min(3).max(100).default(5).describe('how many times both are sampled, with the same noise'),
    steps: z.number().int().min(1).default(50).describe('of DDIM with η = 1'),
    times: z.number().int().min(5).max(1000).default(20).describe('at which the held-out loss is taken'),
    featureSteps: z.number().int().min(2).optional().describe('updates of the feature network (default: those of its recipe)'),
    out: z.string().optional().describe('a folder for comparison.json and a picture of samples side by side'),
  }),
  async run({ options, log, progress, signal }) {
    const sides = [await sideOf(options.bundle, 'bundle'), await sideOf(options.with, 'other')]
    checkAlike(sides, options.with)
    const images = await readImages(options, log)
    const shape = images.train.x.shape.slice(1)
    if (`${shape}` !== `${sides[0].denoiser.shape}`)
      throw new InputError(`images are [${shape.join(', ')}], the models' [${sides[0].denoiser.shape.join(', ')}]`, {
        where: options.data,
        fix: 'give --size, or --grey',
      })
    const recipe = images.labels
      ? featureRecipe(shape, options.featureSteps === undefined ? {} : { steps: options.featureSteps })
      : randomFeatureRecipe(shape)
    const network = await featureNetwork(
      recipe,
      { images: images.train.x, labels: images.train.labels?.data as ArrayLike<number> },
      { log },
    )
    log(`features: ${network.about}`)
    const { process } = sides[0].denoiser
    const times = Array.from({ length: options.times }, (_, i) => process.atShare((i + 0.5) / options.times))
    const count = Math.min(options.count, images.heldOut.x.shape[0])
    const measured = []
    for (const [which, side] of sides.entries()) {
      const begun = performance.now()
      const drawn = []
      for (let seed = 0; seed < options.seeds; seed++) {
        drawn.push(
          await sample(side.denoiser, {
            sampler: { kind: 'ddim', eta: 1 },
            steps: options.steps,
            count,
            seed,
            signal,
            onStep: (done, total) => progress(which + (seed + done / total) / options.seeds, 2, side.name),
          }),
        )
      }
      const seconds = (performance.now() - begun) / 1000
      const asked = drawn[0].times.slice(0, -1)
      const losses = await denoisingLoss(side.denoiser, images.heldOut, times)
      const scored = await quality(network, { samples: drawn.map(({ x }) => x), train: images.train.x, heldOut: images.heldOut.x })
      measured.push({
        ...side,
        loss: average(losses.map(({ eps }) => eps)),
        fid: scored.fid,
        kid: scored.kid,
        floor: scored.floor,
        macs: side.macsAt && asked.reduce((sum, time) => sum + side.macsAt!(time), 0),
        seconds,
        shown: take({ x: drawn[0].x }, 12).x,
      })
    }
    const [own, other] = measured
    const verdict = pairedVerdict(own.fid.values.map((value, seed) => value - other.fid.values[seed]))
    const table = measured.map(({ name, loss, fid, kid, macs, seconds, parameters }) => ({
      name,
      loss,
      fid: { mean: fid.mean, low: fid.low, high: fid.high, values: fid.values },
      kid: kid.mean,
      macs,
      seconds,
      parameters,
    }))
    const json = { n: count, seeds: options.seeds, features: network.hash, floor: own.floor.mean, sides: table, fidDifference: verdict }
    if (options.out !== undefined) {
      makeFolder(options.out)
      writeAtomically(join(options.out, 'comparison.json'), `${JSON.stringify(json, null, 2)}\n`)
      const rows = measured.map(({ name, shown }) => ({ label: name, images: shown }))
      writeAtomically(join(options.out, 'samples.png'), await imageRows(rows, { range: sides[0].denoiser.range }))
    }
    return { lines: linesOf(table, json, verdict), json }
  },
})

async function sideOf(path: string, name: string): Promise<Side> {
  const place = await findDenoiser(path)
  const denoiser = await loadDenoiser(path)
  if (place.kind === 'onnx') return { name, denoiser }
  const bundle = place.kind === 'bundle' ? await loadBundle(place.path) : undefined
  const models = bundle?.models ?? [await readModelFile(place.path)]
  const costs = models.map(({ config }) => macs(config.network, config.shape, config.classes))
  return {
    name,
    denoiser,
    parameters: models.reduce((sum, { config }) => sum + parameterCount(config.network, config.shape, config.classes), 0),
    macsAt: (time) => costs[bundle ? groupOf(bundle.boundaries, time) : 0],
  }
}

function checkAlike([a, b]: readonly Side[], where: string): void {
  const text = ({ denoiser: { process, shape } }: Side) => JSON.stringify([process.config, shape])
  if (text(a) !== text(b))
    throw new InputError('is of another process or for other data than the bundle', { where, fix: 'compare models of one base' })
}

function linesOf(
  sides: readonly {
    name: string
    loss: number
    fid: { mean: number; low: number; high: number }
    macs?: number
    seconds: number
    parameters?: number
  }[],
  { n, floor, seeds }: { n: number; floor: number; seeds: number },
  verdict: PairedVerdict,
): string[] {
  const rows = sides.map(({ name, loss, fid, macs, seconds, parameters }) => [
    name,
    loss.toFixed(5),
    `${fid.mean.toFixed(3)} (${fid.low.toFixed(3)} to ${fid.high.toFixed(3)})`,
    String(macs ?? 'unknown'),
    seconds.toFixed(1),
    String(parameters ?? 'unknown'),
  ])
  return [
    ...aligned([['', 'loss of ε', 'FID', 'MACs a sample', 'seconds', 'parameters'], ...rows]),
    `${n} samples of each of ${seeds} seeds; real against real, FID is ${floor.toFixed(3)}`,
    `difference of FID ${verdict.mean.toFixed(3)}, 95 % interval ${verdict.low.toFixed(3)} to ${verdict.high.toFixed(3)}: ${
      { better: 'the bundle is better', worse: 'the bundle is worse', undecided: 'undecided' }[verdict.verdict]
    }`,
  ]
}
