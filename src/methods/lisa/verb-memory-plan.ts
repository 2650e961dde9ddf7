import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { countText, textTable } from '../../engine/inspect/text.ts'
import { type MemoryMethod, type MemoryPlan, memoryPlan } from '../../kits/lm/blocks/index.ts'
import { type DecoderConfig, llamaConfig, readConfig, type SizeName, sizes } from '../../kits/lm/index.ts'
import { verb } from '../method.ts'
import { type Published, published } from './published.ts'

const forms = 'full, lisa:LAYERS, lisa-frozen-ends:LAYERS, lisa-keep:LAYERS, lora:RANK, lora-attention:RANK, lora-ends:RANK, ends'

/**
 * A way of fine-tuning from its name: `lisa:2`, `lora:128`.
 *
 * @throws InputError for a name or a number that there is not.
 */
export function parseMethod(text: string): MemoryMethod {
  const [name, number] = text.split(':')
  const where = '--methods'
  if (name === 'full' && number === undefined) return { kind: 'full' }
  if (name === 'ends' && number === undefined) return { kind: 'lisa', activeLayers: 0 }
  const value = Number(number)
  const known = ['lisa', 'lisa-frozen-ends', 'lisa-keep', 'lora', 'lora-attention', 'lora-ends'].includes(name)
  if (!known) throw new InputError(`there is no method '${text}'`, { where, fix: `give some of ${forms}` })
  if (number === undefined || !/^\d+$/.test(number) || value > 1e6)
    throw new InputError(`'${text}' has no whole number behind the colon`, { where, fix: `write ${name}:2` })
  if (name === 'lisa') return { kind: 'lisa', activeLayers: value }
  if (name === 'lisa-keep') return { kind: 'lisa', activeLayers: value, keep: true }
  if (name === 'lisa-frozen-ends') return { kind: 'lisa', activeLayers: value, trainEmbeddings: false }
  return { kind: 'lora', rank: value, targets: name === 'lora-attention' ? 'attention' : 'all', embeddings: name === 'lora-ends' }
}

export const memoryPlanVerb = verb({
  name: 'memory-plan',
  summary: {
    en: 'Says what fine-tuning a model would take by each method, from its config.json alone: will it fit?',
    zh: '仅凭 config.json 给出各微调方法所需的内存：装得下吗？',
  },
  options: z.object({
    config: z.string().default('nano').describe('a config.json in the Hugging Face layout, or a size such as nano, base110m or llama2-7b'),
    methods: z.array(z.string()).min(1).default(['full', 'lora:16', 'lisa:2']).describe(forms),
    batch: z.number().int().min(1).max(1_000_000).default(1).describe('texts a step'),
    length: z.number().int().min(1).max(10_000_000).default(1024).describe('tokens of each'),
    dtype: z.enum(['float32', 'bfloat16']).default('float32').describe('of weights that are kept; all is computed in float32'),
    optimizer: z.enum(['adamw', 'adafactor', 'sgd']).default('adamw').describe('whose moments are counted'),
    checkpointing: z.boolean().default(false).describe('keep the inputs of blocks alone, and compute the rest again'),
    budget: z.number().positive().max(1e6).optional().describe('gigabytes that there are; the exit status is 1 where no method fits'),
  }),
  example: 'quire lisa memory-plan --config base110m --methods full,lora:128,lisa:2 --length 512',
  async run({ options }) {
    const { config: source, methods, budget, ...shape } = options
    const config = named(source) ?? readConfig(await text(source), { where: source }).config
    const plans = methods.map((name) => ({ method: name, ...memoryPlan(config, parseMethod(name), shape) }))
    const fits = budget === undefined ? plans : plans.filter(({ total }) => total <= budget * 1e9)
    const lines = [
      `${countText(plans[0].parameters.total)} parameters, batch ${shape.batch} × ${shape.length} tokens, weights in ${shape.dtype}; gigabytes (10⁹ bytes)`,
      textTable(['method', 'trains', ...columns.map(([, title]) => title), 'total'], plans.map(row)),
      ...(budget === undefined ? [] : [`within ${budget} GB: ${fits.map(({ method }) => method).join(', ') || 'none'}`]),
    ]
    return { lines, json: { config: source, ...shape, plans }, ...(budget !== undefined && { status: fits.length > 0 ? 0 : 1 }) }
  },
})

const columns = [
  ['weights', 'weights'],
  ['copies', 'copies'],
  ['gradients', 'gradients'],
  ['optimizer', 'moments'],
  ['activations', 'activations'],
  ['scratch', 'scratch'],
  ['spare', 'spare'],
] as const satisfies readonly (readonly [keyof MemoryPlan['bytes'], string])[]

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)

const row = ({ method, parameters, bytes, total }: MemoryPlan & { method: string }): string[] => [
  method,
  countText(parameters.trainable),
  ...columns.map(([key]) => gigabytes(bytes[key])),
  gigabytes(total),
]

const named = (name: string): DecoderConfig | undefined => {
  if (Object.hasOwn(published, name)) return published[name as Published]
  return Object.hasOwn(sizes, name) ? llamaConfig({ ...sizes[name as SizeName], context: 1024 }) : undefined
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const what = error.code === 'ENOENT' ? 'there is no such file' : error.code === 'EISDIR' ? 'this is a folder' : error.message
    throw new InputError(what, { where: path, fix: `give a config.json, or one of ${Object.keys({ ...sizes, ...published }).join(', ')}` })
  })
}
