import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { add, fromArray, InputError, mul, type NDArray, ndarray, sizeOf, type Tensor } from '../../engine/index.ts'
import { readOnnx } from '../../engine/onnx/index.ts'
import { type Denoiser, exportDenoiser, loadDenoiser } from '../../kits/diffusion/index.ts'
import { verb } from '../../methods/method.ts'

/** Beyond it the exported step is not the model's. */
const tolerance = 1e-3

export const exportModel = verb({
  name: 'export',
  summary: {
    en: 'Writes one denoising step of a diffusion model as an ONNX file, and checks it by running it',
    zh: '将扩散模型的一步去噪导出为 ONNX 文件，并运行校验',
  },
  example: 'quire diffusion export model --out exported',
  positional: 'model',
  options: z.object({
    model: z.string().describe('a model folder or file'),
    out: z.string().describe('the folder for model.onnx: x [n, …] and t [n] to x0 and eps'),
  }),
  async run({ options }) {
    const denoiser = await loadDenoiser(options.model)
    const path = join(options.out, 'model.onnx')
    await mkdir(options.out, { recursive: true })
    await exportDenoiser(path, denoiser)
    const difference = await differenceOf(denoiser, path)
    if (!(difference < tolerance))
      throw new InputError(`the exported step differs from the model by ${difference}`, { where: path, fix: 'use the model itself' })
    return {
      lines: [`written to ${path}; its x₀ and ε differ from the model's by ${difference.toExponential(1)} at most`],
      json: { path, difference, process: denoiser.process.config, shape: denoiser.shape },
    }
  },
})

/** The largest difference of the estimates of x₀ and ε at three levels, on two rows of noise. */
async function differenceOf(denoiser: Denoiser, path: string): Promise<number> {
  const model = await readOnnx(path)
  const { process, shape, classes } = denoiser
  const centre = fromArray(denoiser.centre ?? ndarray(new Float32Array(sizeOf(shape)), shape, 'float32'))
  const values = Float32Array.from({ length: 2 * sizeOf(shape) }, (_, i) => Math.sin(1 + 7.3 * i))
  const row = (value: number): NDArray => ndarray(new Float32Array(2).fill(value), [2], 'float32')
  let largest = 0
  for (const share of [0.1, 0.5, 0.9]) {
    const time = process.atShare(share)
    const { signal, noise, condition } = process.at(time)
    const x = fromArray(
      ndarray(
        values.map((value) => value * Math.hypot(signal, noise)),
        [2, ...shape],
        'float32',
      ),
    )
    const label: Record<string, Tensor> = classes === undefined ? {} : { label: fromArray(ndarray(new Int32Array(2), [2], 'int32')) }
    const { params, estimate } = denoiser.at(time)
    const level = { signal: fromArray(row(signal)), noise: fromArray(row(noise)), condition: fromArray(row(condition)) }
    const own = estimate(params, x, level, label)
    // The model's x is centred, the file's is the data's.
    const other = model.apply(model.parameters, { x: add(x, mul(centre, signal)), t: fromArray(row(time)), ...label })
    const pairs = [
      [own.eps, other.eps],
      [add(own.x0, centre), other.x0],
    ]
    for (const [a, b] of pairs) {
      const values = await b.data()
      for (const [i, value] of (await a.data()).entries()) largest = Math.max(largest, Math.abs(value - values[i]))
    }
  }
  return largest
}
