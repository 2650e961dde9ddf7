import { z } from 'zod'
import { bytesText } from '../../engine/inspect/text.ts'
import type { FloatFormat } from '../../engine/safetensors-file.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import { saveModel } from '../../kits/lm/checkpoints/write.ts'
import { parameterCount } from '../../kits/lm/config.ts'
import { verb } from '../../methods/method.ts'

const formats = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const satisfies Record<string, FloatFormat>
const bytesOf = { f32: 4, f16: 2, bf16: 2 } as const

/** `quire lm convert` */
export const convert = verb({
  name: 'convert',
  summary: {
    en: 'Writes a model in other numbers, in files of another size, or in another format',
    zh: '以其他数值类型、文件大小或格式写出模型',
  },
  example: 'quire lm convert model --dtype bf16 --out model-bf16',
  positional: 'model',
  options: z.object({
    model: z.string().describe('a model directory'),
    to: z.enum(['huggingface']).default('huggingface').describe('the format'),
    dtype: z.enum(['f32', 'f16', 'bf16']).default('f32').describe('how numbers are stored'),
    shardMegabytes: z.number().positive().default(5000).describe('the most megabytes of tensors in a file'),
    out: z.string().describe('the directory to write'),
  }),
  async run({ options: { model: folder, dtype, shardMegabytes, out }, log }) {
    const model = await loadModel(folder)
    for (const warning of model.warnings) log(`warning: ${warning}`)
    await saveModel(model, out, { format: formats[dtype], shardBytes: 1e6 * shardMegabytes })
    const count = parameterCount(model.config)
    return {
      lines: [`written: ${out}, ${count} parameters as ${dtype}, ${bytesText(count * bytesOf[dtype])}`],
      json: { out, dtype, parameters: count },
    }
  },
})
