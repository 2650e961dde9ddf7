import { z } from 'zod'
import { readDocuments } from '../../data/index.ts'
import { tokensBefore } from '../../kits/lm/generate/rows.ts'
import { bitsPerByte, requireContext } from '../../kits/lm/index.ts'
import { verb } from '../../methods/method.ts'
import { chosenModel, modelOptions } from './chosen-model.ts'

export const evaluate = verb({
  name: 'eval',
  summary: { en: 'Bits per byte of texts: how well a model foresees them', zh: '文本的每字节比特数：模型预测得多好' },
  example: 'quire lm eval story.txt --model model',
  positional: 'data',
  options: z.object({
    data: z.array(z.string()).min(1).describe('text or JSONL files, each measured by itself'),
    ...modelOptions,
    field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
    context: z
      .number()
      .int()
      .min(2)
      .optional()
      .describe('tokens a window, each of which begins without a context (default: 128, or what the model holds if that is less)'),
    batch: z.number().int().min(1).max(100_000).default(16).describe('windows at a time'),
  }),
  async run({ options: { data, field, context, batch, ...chosen }, log, progress }) {
    const model = await chosenModel(chosen, log)
    // An adapter's virtual tokens stand before each window.
    const most = { ...model.config, context: model.config.context - tokensBefore(model.params) }
    const window = context ?? Math.min(128, most.context)
    requireContext(most, window, { where: '--context', log })
    const rows = []
    for (const [i, path] of data.entries()) {
      await progress(i, data.length, path)
      const text = (await readDocuments([path], { field })).map((document) => document.text).join('\n')
      const { bitsPerByte: bits, bytes, tokens } = await bitsPerByte(model, text, { context: window, batch })
      rows.push({ path, bitsPerByte: bits, bytes, tokens, tokensPerByte: tokens / bytes })
    }
    const lines = rows.map(
      ({ path, bitsPerByte: bits, bytes, tokens }) => `${path}: ${bits.toFixed(4)} bits per byte (${bytes} bytes, ${tokens} tokens)`,
    )
    return { lines, json: { ...chosen, texts: rows } }
  },
})
