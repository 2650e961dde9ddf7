import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../../data/files.ts'
import { InputError, key } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { checkVae, type VaeConfig, type VaeModel } from './config.ts'
import { vaeNetwork } from './network.ts'

/** A model's folder: the numbers, and what they are of. */
export const vaeFiles = { weights: 'model.safetensors', config: 'config.json' } as const

const schema = z.object({
  model: z.literal('vae'),
  kind: z.enum(['mlp', 'conv']),
  hidden: z
    .array(
      z
        .number()
        .int()
        .positive()
        .max(1 << 20),
    )
    .min(1)
    .max(20),
  latent: z
    .number()
    .int()
    .positive()
    .max(1 << 20),
  shape: z
    .array(
      z
        .number()
        .int()
        .positive()
        .max(1 << 20),
    )
    .min(1)
    .max(20),
  range: z.tuple([z.number(), z.number()]),
})

export async function saveVae({ config, params }: VaeModel, folder: string): Promise<void> {
  const weights = writeSafetensors(await toArrays(params), { model: 'vae' })
  await writeAtomically(join(folder, vaeFiles.weights), weights)
  await writeAtomically(
    join(folder, vaeFiles.config),
    new TextEncoder().encode(`${JSON.stringify({ model: 'vae', ...config }, null, 1)}\n`),
  )
}

/** Whether a folder's config says that it is one of these. */
export async function isVaeFolder(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, vaeFiles.config), 'utf8').catch(() => '')
  try {
    return (JSON.parse(text) as { model?: unknown } | null)?.model === 'vae'
  } catch {
    return false
  }
}

/** @throws InputError for a folder that holds no VAE, or numbers of another one. */
export async function loadVae(folder: string): Promise<VaeModel> {
  const path = join(folder, vaeFiles.config)
  const config = readVaeConfig(await readFile(path, 'utf8').catch(() => ''), path)
  const file = join(folder, vaeFiles.weights)
  const bytes = await readFile(file).catch((cause) => {
    throw new InputError('cannot be read', { where: file, fix: 'copy the weights beside the config', cause })
  })
  const like = vaeNetwork(config).init(key(0))
  return { config, params: fromArrays(readSafetensors(bytes, file).tensors, like, file) }
}

/** The config in a file's text. @throws InputError for what is none, or makes no model. */
export function readVaeConfig(text: string, where: string): VaeConfig {
  const parsed = schema.safeParse(jsonOf(text, where))
  if (!parsed.success) throw new InputError(`is no config of a VAE (${firstIssue(parsed.error)})`, { where })
  const { model: _, ...config } = parsed.data
  checkVae(config, where)
  return config
}

/** Where the first thing is that is wrong, and what. */
const firstIssue = ({ issues: [{ path, message }] }: z.ZodError): string => `'${path.join('.')}': ${message}`

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InputError(`${vaeFiles.config} is damaged (${(cause as Error).message})`, { where, cause })
  }
}
