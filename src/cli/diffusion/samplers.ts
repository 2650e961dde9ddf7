import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { type Denoiser, type OnnxMeaning, processes, processNames, type SamplerConfig } from '../../kits/diffusion/index.ts'

const kinds = ['ddpm', 'ddim', 'em', 'ode', 'heun', 'rk45', 'pc'] as const

/** Options of every verb that samples. */
export const samplingOptions = {
  sampler: z
    .enum(kinds)
    .optional()
    .describe(
      'ddpm (by the variance that the model has learned, if it has), ddim, em (Euler-Maruyama), ode (Euler), heun (Karras et al.), rk45, pc (predictor-corrector); default: heun on σ, else ddim',
    ),
  steps: z.number().int().min(1).optional().describe('steps from pure noise to data; default: 18 for heun, else 50'),
  eta: z.number().min(0).max(1).default(0).describe('of ddim: its share of noise'),
  guidance: z.number().min(0).default(0).describe('classifier-free guidance, of a model with classes'),
  seed: z.number().int().min(0).default(0).describe('sample i depends on the seed and i alone'),
  clip: z.boolean().default(true).describe('keep estimates of clean data within their range'),
}

/** Options that say what an ONNX file from elsewhere means. */
export const meaningOptions = {
  process: z.enum(processNames).optional().describe('of an ONNX file from elsewhere: its process (edm: the second input is σ)'),
  predict: z.enum(['eps', 'x0', 'v', 'score']).optional().describe('of an ONNX file from elsewhere: what it predicts'),
}

/** The meaning that options give an ONNX file. */
export function meaningOf({
  process,
  predict,
}: {
  process?: keyof typeof processes
  predict?: OnnxMeaning['predict']
}): OnnxMeaning | undefined {
  if (process === undefined && predict === undefined) return undefined
  if (process === undefined || predict === undefined)
    throw new InputError('--process and --predict go together', { fix: 'give both, for an ONNX file from elsewhere' })
  return { process: processes[process], predict }
}

interface SamplingChoice {
  readonly sampler?: (typeof kinds)[number]
  readonly steps?: number
  readonly eta: number
}

/** The sampler of the options, with the steps that go with it. */
export function samplerOf(denoiser: Denoiser, { sampler, steps, eta }: SamplingChoice): { sampler: SamplerConfig; steps: number } {
  const kind = sampler ?? (denoiser.process.config.kind === 'edm' ? 'heun' : 'ddim')
  const known: Readonly<Record<(typeof kinds)[number], SamplerConfig>> = {
    ddpm: { kind: 'ddpm', variance: denoiser.variance ?? 'small' },
    ddim: { kind: 'ddim', eta },
    em: { kind: 'em' },
    ode: { kind: 'ode' },
    heun: { kind: 'heun' },
    rk45: { kind: 'rk45' },
    pc: { kind: 'pc', snr: 0.16 },
  }
  const most = denoiser.process.config.kind === 'discrete' ? denoiser.process.config.steps : Number.POSITIVE_INFINITY
  return { sampler: known[kind], steps: steps ?? Math.min(most, kind === 'heun' ? 18 : 50) }
}
