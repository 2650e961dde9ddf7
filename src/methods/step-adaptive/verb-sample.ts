import { join } from 'node:path'
import { z } from 'zod'
import { writeNpy } from '../../data/index.ts'
import { makeFolder, writeAtomically } from '../../experiment/index.ts'
import { bundleDenoiser, findDenoiser, groupOf, loadBundle, loadDenoiser, sample } from '../../kits/diffusion/index.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import { verb } from '../method.ts'

export const sampleVerb = verb({
  name: 'sample',
  summary: {
    en: 'Samples from a bundle, and says how many steps each group served and what a sample costs',
    zh: '从模型束采样，并说明每组服务了多少步、每个样本的计算量',
  },
  positional: 'model',
  example: 'quire step-adaptive sample bundle --count 16 --steps 20 --out samples',
  options: z.object({
    model: z.string().describe('a bundle’s folder, a run of quire run step-adaptive, or any model'),
    out: z.string().describe('the folder for samples.npy and, of images, samples.png'),
    count: z.number().int().min(1).default(64).describe('how many'),
    steps: z.number().int().min(1).default(50).describe('steps from pure noise to data'),
    eta: z.number().min(0).max(1).default(1).describe('of DDIM: its share of noise'),
    seed: z.number().int().min(0).default(0).describe('sample i depends on the seed and i alone'),
  }),
  async run({ options, log, progress, signal }) {
    const { count, steps, eta, seed, out } = options
    const place = await findDenoiser(options.model)
    const bundle = place.kind === 'bundle' ? await loadBundle(place.path) : undefined
    const denoiser = bundle ? bundleDenoiser(bundle) : await loadDenoiser(options.model)
    const begun = performance.now()
    const { x, times, clipped, notFinite } = await sample(denoiser, {
      sampler: { kind: 'ddim', eta },
      steps,
      count,
      seed,
      signal,
      onStep: (done, total) => progress(done, total),
    })
    const seconds = (performance.now() - begun) / 1000
    if (notFinite > 0) log(`warning: ${notFinite} of ${count} samples are not finite`)
    makeFolder(out)
    writeAtomically(join(out, 'samples.npy'), writeNpy(x))
    const isImage = denoiser.shape.length === 3 && [1, 3].includes(denoiser.shape[0])
    if (isImage) writeAtomically(join(out, 'samples.png'), await imageGrid(x, { range: denoiser.range }))
    const served = bundle?.models.map((_, group) => times.slice(0, -1).filter((time) => groupOf(bundle.boundaries, time) === group).length)
    const cost = bundle?.macs && served!.reduce((sum, steps, group) => sum + steps * bundle.macs![group], 0)
    return {
      lines: [
        `${count} samples in ${steps} steps, ${seconds.toFixed(1)} s; ${clipped} values clipped in the last step, ${notFinite} samples not finite`,
        ...(served
          ? [`steps by group, from little noise to much: ${served.join(', ')}${cost ? `; ${cost} multiply-accumulates a sample` : ''}`]
          : []),
        `written to ${join(out, isImage ? 'samples.png' : 'samples.npy')}`,
      ],
      json: { out, count, steps, seconds, clipped, notFinite, ...(served && { served }), ...(cost && { macs: cost }) },
    }
  },
})
