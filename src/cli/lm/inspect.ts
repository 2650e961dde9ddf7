import { join } from 'node:path'
import { z } from 'zod'
import { kindOf } from '../../data/files.ts'
import { sizeOf } from '../../engine/index.ts'
import { bytesText, countText, textTable } from '../../engine/inspect/text.ts'
import { openSafetensors, storedBytes } from '../../engine/safetensors-file.ts'
import { readText } from '../../kits/lm/checkpoints/files.ts'
import { readPeftConfig } from '../../kits/lm/checkpoints/peft-config.ts'
import { checkTensors, loadConfig } from '../../kits/lm/checkpoints/read.ts'
import { openWeights } from '../../kits/lm/checkpoints/weights.ts'
import { alwaysOnCount, blockCount, type DecoderConfig, parameterCount } from '../../kits/lm/config.ts'
import { loadTokenizer } from '../../kits/lm/tokenizers/load.ts'
import type { Tokenizer } from '../../kits/lm/tokenizers/tokenizer.ts'
import { type VerbResult, verb } from '../../methods/method.ts'

const options = z.object({
  model: z.string().describe('a model directory, or an adapter’s'),
  tensors: z.boolean().default(false).describe('list every tensor, not one for all layers'),
  text: z.string().optional().describe('show the tokens of this text'),
})
type Options = z.output<typeof options>

/** `quire lm inspect` */
export const inspect = verb({
  name: 'inspect',
  summary: { en: 'What a model directory holds: shape, parameters, tensors, tokens', zh: '模型目录的内容：形状、参数、张量、词元' },
  example: 'quire lm inspect model --text Once',
  positional: 'model',
  options,
  async run({ options }) {
    const isAdapter =
      (await kindOf(join(options.model, 'adapter_config.json'))) === 'file' && (await kindOf(join(options.model, 'config.json'))) !== 'file'
    return isAdapter ? inspectAdapter(options) : inspectModel(options)
  },
})

type Entries = ReadonlyMap<string, { readonly format: string; readonly shape: readonly number[] }>

async function inspectModel({ model, tensors, text }: Options): Promise<VerbResult> {
  const { config, warnings: unread } = await loadConfig(model)
  const weights = await openWeights(model)
  await weights.close()
  const warnings = [...unread, ...weights.warnings, ...checkTensors(config, weights)]
  const tokenizer = await tokenizerOf(model)
  const tokens = text === undefined || typeof tokenizer === 'string' ? undefined : tokensOf(tokenizer, text)
  const lines = [
    ...shapeLines(config),
    '',
    parameterTable(config),
    '',
    tensorTable(weights.entries, tensors),
    '',
    typeof tokenizer === 'string' ? `tokenizer: ${tokenizer}` : tokenizerLine(config, tokenizer),
    ...(tokens ? [tokens.map(({ id, text }) => `${id} ${JSON.stringify(text)}`).join('  ')] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
  const parameters = { total: parameterCount(config), alwaysOn: alwaysOnCount(config), block: blockCount(config) }
  return { lines, json: { config, parameters, tensors: Object.fromEntries(weights.entries), tokens, warnings } }
}

/** The tokenizer, or why there is none: the rest can be told all the same. */
const tokenizerOf = (folder: string): Promise<Tokenizer | string> => loadTokenizer(folder).catch((error: Error) => error.message)

const tokensOf = (tokenizer: Tokenizer, text: string) => tokenizer.encode(text).map((id) => ({ id, text: tokenizer.decode([id]) }))

function shapeLines(config: DecoderConfig): string[] {
  const { modelType, layers, width, heads, kvHeads, headWidth, hidden, vocabulary, context, positions, window, activation, tied } = config
  const scaling = positions.kind === 'rope' && positions.scaling ? `, scaled: ${positions.scaling.kind} by ${positions.scaling.factor}` : ''
  return [
    `${modelType}: ${layers} blocks of width ${width}, ${heads} heads of ${headWidth}${kvHeads === heads ? '' : `, ${kvHeads} of keys and values`}; networks of ${hidden}, ${activation}`,
    `vocabulary ${vocabulary}, head ${tied ? 'tied to the embedding' : 'of its own'}; context ${context}${window === undefined ? '' : `, window ${window}`}`,
    positions.kind === 'learned'
      ? 'positions: learned'
      : `positions: rotary, θ = ${positions.theta}, ${positions.width} entries of each head${scaling}`,
  ]
}

function parameterTable(config: DecoderConfig): string {
  const [total, block] = [parameterCount(config), blockCount(config)]
  const row = (name: string, count: number) => [name, countText(count), bytesText(4 * count), `${((100 * count) / total).toFixed(1)} %`]
  return textTable(
    ['part', 'parameters', 'as float32', 'share'],
    [
      row('embeddings, last norm, head', alwaysOnCount(config)),
      row('one block', block),
      row(`${config.layers} blocks`, config.layers * block),
      row(`all: ${total}`, total),
    ],
  )
}

/** Tensors by name; those of all layers in one line, unless all are asked for. */
function tensorTable(entries: Entries, all: boolean): string {
  const groups = new Map<string, { shape: readonly number[]; format: string; count: number; bytes: number }>()
  for (const [name, { shape, format }] of entries) {
    const pattern = all ? name : name.replace(/\.(\d+)\./, '.*.')
    const key = `${pattern} ${format} ${shape}`
    const group = groups.get(key) ?? { shape, format, count: 0, bytes: 0 }
    groups.set(key, { ...group, count: group.count + 1, bytes: group.bytes + storedBytes({ shape, format }) })
  }
  const rows = [...groups].map(([key, { shape, format, count, bytes }]) => [
    key.split(' ')[0],
    `[${shape.join(', ')}]`,
    format,
    `${count}`,
    bytesText(bytes),
  ])
  return textTable(
    ['tensor', 'shape', 'stored as', 'count', 'size'],
    rows.sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })),
  )
}

const tokenizerLine = (config: DecoderConfig, { size, special }: Tokenizer): string =>
  `tokenizer: ${size} tokens${size > config.vocabulary ? `, more than the model’s ${config.vocabulary}: it belongs to another model` : ''}; special: ${[...special].map(([text, id]) => `${id} ${text}`).join('  ') || 'none'}`

async function inspectAdapter({ model, tensors }: Options): Promise<VerbResult> {
  const path = join(model, 'adapter_config.json')
  const { config, base, warnings } = readPeftConfig(await readText(path), path)
  const file = await openSafetensors(join(model, 'adapter_model.safetensors'))
  await file.close()
  const count = [...file.entries.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const settings = Object.entries(config).filter(([, value]) => value !== undefined && JSON.stringify(value) !== '{}')
  const lines = [
    `adapter of ${base ?? 'a base that it does not name'}: ${settings.map(([key, value]) => `${key} ${value instanceof RegExp ? value.source : JSON.stringify(value)}`).join(', ')}`,
    `${countText(count)} parameters`,
    '',
    tensorTable(file.entries, tensors),
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
  return { lines, json: { base, config, parameters: count, tensors: Object.fromEntries(file.entries), warnings } }
}
