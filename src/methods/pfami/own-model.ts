import { join } from 'node:path'
import { kindOf, readContent } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'
import { type Recorded, recordedIn } from '../../kits/diffusion/files/recorded.ts'
import { loadDenoiser, type OnnxMeaning, type ProcessConfig } from '../../kits/diffusion/index.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import type { LanguageModel } from '../../kits/lm/index.ts'
import { isVaeFolder, loadVae } from '../../kits/vae/index.ts'
import type { Subject } from './attacks/attack.ts'
import { type DiffusionError, diffusionSubject, vaeSubject } from './models.ts'
import { languageOracle } from './oracles/language-model.ts'

/** Somebody's model, and what its records are. */
export type OwnModel =
  | {
      readonly kind: 'images'
      readonly subject: Subject
      readonly shape: readonly number[]
      readonly range: readonly [number, number]
      readonly recorded?: Recorded
    }
  | { readonly kind: 'text'; readonly subject: Subject; readonly model: LanguageModel }

/** Processes of ONNX files from elsewhere, by a word each. */
export const onnxProcesses = {
  linear: { kind: 'discrete', steps: 1000, schedule: 'linear' },
  cosine: { kind: 'discrete', steps: 1000, schedule: 'cosine' },
  vp: { kind: 'vp', betas: [0.1, 20] },
  ve: { kind: 've', sigmas: [0.01, 50] },
  edm: { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] },
} as const satisfies Record<string, ProcessConfig>

/**
 * Any generative model: a diffusion model (a file, its folder, a run, a bundle of several models, an ONNX file), a VAE's folder, a language model's folder.
 *
 * @param error Of diffusion models: what a loss is.
 * @throws InputError for what is none of them, and for a DDIM error of what is no diffusion model.
 *
 * @example
 * import { initModel, saveDiffusionModel } from 'quire/diffusion'
 *
 * const process = { kind: 'discrete', steps: 1000, schedule: 'linear' } as const
 * await saveDiffusionModel('own', initModel({ network: { kind: 'mlp', width: 8, hidden: [8] }, process, predict: 'eps', shape: [16] }, key(0)))
 * const { kind } = await loadOwnModel('own')
 * kind // 'images'
 */
export async function loadOwnModel(
  path: string,
  { onnx, error = 'denoising', log = () => {} }: { onnx?: OnnxMeaning; error?: DiffusionError; log?(line: string): void } = {},
): Promise<OwnModel> {
  const isVae = await isVaeFolder(path)
  const isText = !isVae && (await isLanguageModel(path))
  if (error === 'ddim' && (isVae || isText))
    throw new InputError('only diffusion models have a DDIM error', { where: path, fix: 'leave --error out' })
  if (isVae) {
    const vae = await loadVae(path)
    return { kind: 'images', subject: vaeSubject(path, vae), shape: vae.config.shape, range: vae.config.range }
  }
  if (isText) {
    const { warnings, ...model } = await loadModel(path)
    for (const warning of warnings) log(`warning: ${warning}`)
    return { kind: 'text', subject: { name: path, oracle: languageOracle(model) }, model }
  }
  const denoiser = await loadDenoiser(path, { onnx })
  return {
    kind: 'images',
    subject: diffusionSubject(path, denoiser, { error }),
    shape: denoiser.shape,
    range: denoiser.range ?? [-1, 1],
    recorded: await recordedIn(path),
  }
}

/** A folder in the Hugging Face layout, by its config. */
async function isLanguageModel(folder: string): Promise<boolean> {
  const file = join(folder, 'config.json')
  if ((await kindOf(folder)) !== 'folder' || (await kindOf(file)) !== 'file') return false
  try {
    const config = JSON.parse(new TextDecoder().decode(await readContent(file))) as { model_type?: unknown } | null
    return typeof config?.model_type === 'string'
  } catch {
    return false
  }
}

/** @throws InputError where models of two kinds, or of unlike records, are to be compared. */
export function requireAlike(target: OwnModel, other: OwnModel, role: string): void {
  const what = (model: OwnModel) => (model.kind === 'text' ? 'a language model' : `a model of records [${model.shape.join(', ')}]`)
  const sizeOf = (model: OwnModel) => (model.kind === 'text' ? 'text' : String(model.shape.reduce((a, b) => a * b, 1)))
  if (sizeOf(target) !== sizeOf(other) || target.kind !== other.kind)
    throw new InputError(`the ${role} is ${what(other)}, the target ${what(target)}`, {
      where: other.subject.name,
      fix: `train the ${role} as the target was, on other records`,
    })
  const [own, asked] = [target, other].map(({ subject }) => subject.oracle?.kind)
  if (own !== asked)
    throw new InputError(`the ${role} gives losses of another kind (${asked}) than the target (${own})`, {
      where: other.subject.name,
      fix: `train the ${role} as the target was, on other records`,
    })
  if (target.kind === 'text' && other.kind === 'text' && target.model.config.vocabulary !== other.model.config.vocabulary)
    throw new InputError(`the ${role} has ${other.model.config.vocabulary} tokens, the target ${target.model.config.vocabulary}`, {
      where: other.subject.name,
    })
}
