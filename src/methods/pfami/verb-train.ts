import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically as writeBytes } from '../../data/files.ts'
import { loadTrainingImages, writeNpy } from '../../data/index.ts'
import { InputError, type NDArray, sizeOf } from '../../engine/index.ts'
import { makeFolder, writeJson } from '../../experiment/index.ts'
import { type DiffusionConfig, saveDiffusionModel } from '../../kits/diffusion/index.ts'
import { saveVae, type VaeParams } from '../../kits/vae/index.ts'
import { trainResumably } from '../../train/resumable.ts'
import { verb } from '../method.ts'
import { rowsOf, splitOf } from './data.ts'
import { isFinished, markFinished } from './finished.ts'
import { denoiserConfig, denoiserRecipe, denoiserTraining, type Stepping, vaeConfig, vaeTraining } from './models.ts'
import { type TrainedSplits, trainedFile } from './trained-folder.ts'

const options = z.object({
  data: z.string().describe('images: a folder, IDX, npy, npz, tar'),
  out: z.string().describe('folder for the models, the split and its records; the same command goes on with an interrupted training'),
  model: z.enum(['diffusion', 'vae']).default('diffusion').describe('what is trained'),
  size: z.number().int().min(4).max(256).optional().describe('pixels of a side, to which images are resized'),
  grey: z.boolean().default(false).describe('read images without colour'),
  skipDamaged: z.boolean().default(false).describe('leave images out that cannot be read'),
  train: z
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .optional()
    .describe('records of each model; default: a quarter of the images, a fifth with --shadow'),
  shadow: z.boolean().default(false).describe('train a shadow model too, on which an attacker chooses'),
  steps: z.number().int().min(1).max(10_000_000).default(3000).describe('training steps of each model'),
  width: z.number().int().min(4).max(8192).default(384).describe('units of the denoiser'),
  seed: z.number().int().nonnegative().default(0).describe('of the split, weights and noise'),
})
type Options = z.output<typeof options>

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Splits images at random and trains a model, a reference and a shadow of it, to be audited: a demonstration, or a rehearsal before release',
    zh: '随机划分图像并训练目标、参考和影子模型以供审计：可作演示或发布前的预演',
  },
  options,
  positional: 'data',
  example: 'quire pfami train digits/ --size 14 --train 100 --steps 40 --width 32 --out private',
  async run({ options, log, progress }) {
    const images = await loadTrainingImages(options.data, {
      size: options.size,
      ...(options.grey && { channels: 1 }),
      damaged: options.skipDamaged ? 'skip' : 'refuse',
      log,
    })
    const total = images.x.shape[0]
    const share = options.shadow ? 5 : 4
    const train = options.train ?? Math.floor(total / share)
    const scored = Math.min(train, Math.floor((total - (options.shadow ? 3 : 2) * train) / (options.shadow ? 2 : 1)))
    if (train < 10 || scored < 10)
      throw new InputError(`${total} images are too few for models of ${train} each and as many to compare with`, {
        where: options.data,
        fix: 'give more images, or a smaller --train',
      })
    const { members, nonMembers, reference, shadowMembers, shadowNonMembers } = splitOf(total, { train, scored }, options.seed)
    const parts = { members, nonMembers, reference, ...(options.shadow && { shadowMembers, shadowNonMembers }) }
    makeFolder(options.out)
    for (const [name, rows] of Object.entries(parts)) await writeBytes(join(options.out, `${name}.npy`), writeNpy(rowsOf(images.x, rows)))
    const trained = { target: members, reference, ...(options.shadow && { shadow: shadowMembers }) }
    for (const [index, [name, rows]] of Object.entries(trained).entries())
      await trainOne(
        rowsOf(images.x, rows),
        { name, index, of: Object.keys(trained).length, data: images.provenance.sha256 },
        options,
        progress,
      )
    const splits: TrainedSplits = {
      version: 1,
      models: { target: 'target', reference: 'reference', ...(options.shadow && { shadow: 'shadow' }) },
      records: {
        members: 'members.npy',
        nonMembers: 'nonMembers.npy',
        ...(options.shadow && { shadowMembers: 'shadowMembers.npy', shadowNonMembers: 'shadowNonMembers.npy' }),
      },
    }
    writeJson(join(options.out, trainedFile), { ...splits, data: images.provenance.sha256, names: namesOf(parts, images.names) })
    return {
      lines: [
        `${total} images: ${train} members, ${scored} non-members, ${train} for the reference${options.shadow ? `, ${train} and ${scored} for the shadow` : ''}`,
        `written to ${options.out}: ${Object.keys(trained).join(', ')}, ${trainedFile} and the records`,
        `audit it: quire pfami audit ${options.out}`,
      ],
      json: { out: options.out, ...Object.fromEntries(Object.entries(parts).map(([name, rows]) => [name, rows.length])) },
    }
  },
})

const namesOf = (parts: Record<string, readonly number[]>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(parts).map(([part, rows]) => [part, rows.map((row) => names[row])]))

async function trainOne(
  x: NDArray,
  { name, index, of, data }: { name: string; index: number; of: number; data: string },
  { model, steps, width, seed, out }: Options,
  progress: (done: number, total: number, note?: string) => Promise<void>,
): Promise<void> {
  const shape = x.shape.slice(1)
  const folder = join(out, name)
  const key = 1000 * seed + index
  const config = model === 'vae' ? vaeConfig(shape) : denoiserConfig(shape, width)
  const trainer: Stepping =
    model === 'vae'
      ? vaeTraining(vaeConfig(shape), steps, x, key)
      : denoiserTraining(config as DiffusionConfig, denoiserRecipe(steps), x, key)
  const recipe = { config, steps, key, data, size: sizeOf(x.shape) }
  if (await isFinished(folder, recipe)) return progress((index + 1) * steps, of * steps, `${name} is finished`)
  makeFolder(folder)
  const { state } = await trainResumably<{ params: unknown }>({
    folder,
    recipe,
    steps,
    start: () => trainer.start(),
    step: (state, k) => trainer.step(state as never, k),
    onStep: (k, loss) => progress(index * steps + k + 1, of * steps, `${name}, loss ${loss.toFixed(3)}`),
  })
  if (model === 'vae') await saveVae({ config: vaeConfig(shape), params: state.params as VaeParams }, folder)
  else await saveDiffusionModel(folder, { config: config as DiffusionConfig, params: state.params })
  await markFinished(folder, recipe)
}
