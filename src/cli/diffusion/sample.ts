import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../../data/files.ts'
import { writeNpy } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { type Denoiser, findDenoiser, loadDenoiser, type SamplerConfig, sample as sampleFrom } from '../../kits/diffusion/index.ts'
import { imageGrid, trajectories } from '../../kits/generative/index.ts'
import { verb } from '../../methods/method.ts'
import { meaningOf, meaningOptions, samplerOf, samplingOptions } from './samplers.ts'

export const sample = verb({
  name: 'sample',
  summary: { en: 'Samples from a diffusion model', zh: '从扩散模型采样' },
  example: 'quire diffusion sample model --count 16 --out samples',
  positional: 'model',
  options: z.object({
    model: z.string().describe('a model folder or file, a bundle, a run, or an ONNX denoiser'),
    out: z.string().describe('the folder for samples.npy and, of images, samples.png'),
    count: z.number().int().min(1).default(64).describe('how many'),
    ...samplingOptions,
    labels: z.array(z.number().int().min(0)).optional().describe('classes, repeated until there are enough; default: each in turn'),
    trajectory: z.boolean().default(false).describe('also draw how eight samples come to be'),
    batch: z.number().int().min(1).default(64).describe('computed together; the same samples for any'),
    ...meaningOptions,
  }),
  async run({ options, log, progress, signal }) {
    const { count, seed, guidance, clip, batch, out, trajectory } = options
    const { denoiser, sampler, steps } = await sampling(options)
    if (denoiser.shape.length !== 3 && trajectory)
      throw new InputError('trajectories are drawn of images', { where: '--trajectory', fix: 'leave it out' })
    const keep = trajectory ? Array.from({ length: 8 }, (_, i) => Math.round((i * steps) / 7)) : []
    const labels = labelsOf(denoiser, options)
    const began = performance.now()
    const { x, kept, evaluations, clipped, notFinite } = await sampleFrom(denoiser, {
      sampler,
      steps,
      count,
      seed,
      batch,
      signal,
      keep: [...new Set(keep)],
      clip: clip && denoiser.range !== undefined,
      ...(labels && { labels, ...(guidance > 0 && { guidance }) }),
      onStep: (step, all) => progress(step, all),
    })
    const seconds = (performance.now() - began) / 1000
    if (notFinite > 0) log(`warning: ${notFinite} of ${count} samples are not finite`)
    await writeAtomically(join(out, 'samples.npy'), writeNpy(x))
    const isImage = denoiser.shape.length === 3 && [1, 3].includes(denoiser.shape[0])
    if (isImage) await writeAtomically(join(out, 'samples.png'), await imageGrid(x, { range: denoiser.range }))
    if (isImage && trajectory) {
      const states = [...kept].sort(([a], [b]) => a - b).map(([, state]) => state)
      await writeAtomically(join(out, 'trajectory.png'), await trajectories(states, { samples: 8, range: denoiser.range }))
    }
    return {
      lines: [
        `${count} samples by ${sampler.kind} in ${steps} steps (${evaluations} evaluations each), ${seconds.toFixed(1)} s; ${clipped} values clipped in the last step, ${notFinite} samples not finite`,
        `written to ${join(out, isImage ? 'samples.png' : 'samples.npy')}`,
      ],
      json: { out, count, sampler, steps, evaluations, clipped, notFinite, seconds, shape: x.shape },
    }
  },
})

type SamplingChoice = Parameters<typeof samplerOf>[1] &
  Parameters<typeof meaningOf>[0] & { readonly model: string; readonly guidance: number }

/** The model of the options and how it is sampled. @throws InputError also for an option that would do nothing. */
export async function sampling(options: SamplingChoice): Promise<{ denoiser: Denoiser; sampler: SamplerConfig; steps: number }> {
  const { model, eta, guidance } = options
  const onnx = meaningOf(options)
  if (onnx && (await findDenoiser(model)).kind !== 'onnx')
    throw new InputError('this model says its process and prediction itself', { where: '--process', fix: 'leave it and --predict out' })
  const denoiser = await loadDenoiser(model, { onnx })
  const { sampler, steps } = samplerOf(denoiser, options)
  if (eta > 0 && sampler.kind !== 'ddim')
    throw new InputError(`the sampler ${sampler.kind} has no eta`, { where: '--eta', fix: 'leave it out, or give --sampler ddim' })
  if (guidance > 0 && denoiser.classes === undefined)
    throw new InputError('this model knows no classes', { where: '--guidance', fix: 'leave it out' })
  return { denoiser, sampler, steps }
}

function labelsOf({ classes }: Denoiser, { labels, count }: { labels?: number[]; count: number }): Int32Array | undefined {
  if (classes === undefined) {
    if (labels) throw new InputError('this model knows no classes', { where: '--labels', fix: 'leave it out' })
    return undefined
  }
  const wrong = labels?.find((label) => label >= classes)
  if (wrong !== undefined)
    throw new InputError(`there is no class ${wrong}`, { where: '--labels', fix: `give numbers from 0 to ${classes - 1}` })
  return Int32Array.from({ length: count }, (_, i) => (labels ? labels[i % labels.length] : i % classes))
}
