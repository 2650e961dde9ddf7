import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { decodeImages } from '../../data/decode-images.ts'
import { imageFile } from '../../data/images.ts'
import { take, writeNpy } from '../../data/index.ts'
import { symmetric } from '../../data/pixels.ts'
import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import { makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import type { Denoiser } from '../../kits/diffusion/index.ts'
import { type ImageRow, imageRows } from '../../kits/generative/index.ts'
import { verb } from '../method.ts'
import { turningSigma } from './coordinates.ts'
import { loadSubject, modelHelp, rescaled, subjectOptions } from './subject.ts'
import { uTurn } from './u-turn.ts'
import { isImage } from './verb-analyse.ts'
import { returnOptions, samplingOf, wayBack } from './way-back.ts'

const editOptions = z.object({
  image: z.string().describe('a png, jpeg or webp; it is made as large as the model’s'),
  model: z.string().describe(modelHelp),
  data: z.string().optional().describe('real examples, for the models gaussian and memory'),
  sigma: z
    .array(z.number().positive())
    .min(1)
    .max(20)
    .describe('how far it is noised: small keeps it, large replaces it; several make a strip'),
  variations: z.number().int().min(1).max(64).default(4).describe('draws of noise at each σ'),
  ...subjectOptions,
  ...returnOptions,
  out: z.string().default('runs/u-turn/edit').describe('folder for strip.png, edits.npy and report.json'),
})

export const editVerb = verb({
  name: 'edit',
  summary: {
    en: 'Noises one image and turns round: variations of it, from almost the same to another one',
    zh: '将一幅图像加噪后折返：得到从几乎不变到完全不同的变体',
  },
  options: editOptions,
  positional: 'image',
  example: 'quire u-turn edit digits/2/000.png --model memory --data digits/ --size 14 --sigma 0.3,1,3 --out runs/u-turn/edit',
  async run({ options, log, progress, signal }) {
    const { image, sigma: sigmas, variations, seed, out } = options
    const way = wayBack(options)
    const { denoiser } = await loadSubject(options, log)
    if (!isImage(denoiser.shape))
      throw new InputError(`the model's examples are [${denoiser.shape.join(', ')}], no images`, {
        where: options.model,
        fix: 'edit with a model of images',
      })
    for (const sigma of sigmas) turningSigma(denoiser, { sigma }, way.steps)
    const one = await readImage(image, denoiser)
    const x0 = repeated(one, variations)
    const common = { ...samplingOf(way, options), seed, signal }
    const strip: ImageRow[] = [{ label: 'x0', images: one }]
    const edits: NDArray[] = []
    const turns: { sigma: number; nfe: number; distance: number }[] = []
    for (const [k, sigma] of sigmas.entries()) {
      const { xu, y0, nfe } = await uTurn(denoiser, x0, { ...common, sigma })
      await progress(k + 1, sigmas.length)
      strip.push({ label: `σ ${sigma}: xu`, images: take({ xu }, 1).xu }, { label: 'y0', images: y0 })
      edits.push(y0)
      turns.push({ sigma, nfe, distance: meanDistance(x0, y0) })
    }
    makeFolder(out)
    writeAtomically(join(out, 'strip.png'), await imageRows(strip, { range: denoiser.range }))
    writeAtomically(join(out, 'edits.npy'), writeNpy(joined(edits)))
    const report = { image, ...way, seed, variations, turns }
    writeJson(join(out, 'report.json'), report)
    return {
      lines: [
        ...turns.map(
          ({ sigma, nfe, distance }) => `σ ${sigma}: ${nfe} evaluations, root mean square change of a pixel ${distance.toFixed(3)}`,
        ),
        `written: ${out}/strip.png, edits.npy [σ, variation, channel, row, column], report.json`,
      ],
      json: report,
    }
  },
})

/** One image [1, ...shape] as the model has them. */
async function readImage(path: string, { shape, range = [-1, 1] }: Denoiser): Promise<NDArray> {
  const [channels, height, width] = shape
  const given = imageFile(dirname(path), basename(path))
  const { images } = await decodeImages([given], { size: [height, width], channels: channels === 3 ? 3 : 1 })
  return rescaled(symmetric(images, [0, 1]), range)
}

const repeated = ({ data, shape, dtype }: NDArray, count: number): NDArray => {
  const out = new Float32Array(count * data.length)
  for (let i = 0; i < count; i++) out.set(data, i * data.length)
  return ndarray(out, [count, ...shape.slice(1)], dtype)
}

function joined(parts: readonly NDArray[]): NDArray {
  const out = new Float32Array(parts.length * parts[0].data.length)
  for (const [i, { data }] of parts.entries()) out.set(data, i * data.length)
  return ndarray(out, [parts.length, ...parts[0].shape], 'float32')
}

function meanDistance(a: NDArray, b: NDArray): number {
  let squares = 0
  for (let i = 0; i < a.data.length; i++) squares += (a.data[i] - b.data[i]) ** 2
  return Math.sqrt(squares / a.data.length)
}
