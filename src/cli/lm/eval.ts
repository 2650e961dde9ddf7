import { z } from 'zod'
import { readDocuments } from '../../data/index.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import { bitsPerByte, requireContext } from '../../kits/lm/index.ts'
import { verb } from '../../methods/method.ts'

export const evaluate = verb({
  name: 'eval',
  summary: { en: 'Bits per byte of texts: how well a model foresees them', zh: '文本的每字节比特数：模型预测得多好' },
  example: 'quire lm eval story.txt --model model',
  positional: 'data',
  options: z.object({
    data: z.array(z.string()).min(1).describe('text or JSONL files, each measured by itself'),
    model: z.string().describe('a model directory'),
    field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
    context: z
      .number()
      .int()
      .min(2)
      .optional()
      .describe('tokens a window, each of which begins without a context (default: 128, or what the model holds if that is less)'),
    batch: z.number().int().min(1).max(100_000).default(16).describe('windows at a time'),
  }),
  async run({ options: { data, model: folder, field, context, batch }, log, progress }) {
    const model = await loadModel(folder)
    for (const warning of model.warnings) log(`warning: ${warning}`)
    const window = context ?? Math.min(128, model.config.context)
    requireContext(model.config, window, { where: '--context', log })
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
    return { lines, json: { model: folder, texts: rows } }
  },
})
