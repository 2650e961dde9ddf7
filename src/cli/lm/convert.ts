import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { bytesText } from '../../engine/inspect/text.ts'
import { saveDecoderOnnx } from '../../kits/lm/checkpoints/export-onnx.ts'
import { saveGguf } from '../../kits/lm/checkpoints/gguf/export.ts'
import { type LoadedModel, loadModel } from '../../kits/lm/checkpoints/read.ts'
import { saveModel } from '../../kits/lm/checkpoints/write.ts'
import { parameterCount } from '../../kits/lm/config.ts'
import { verb } from '../../methods/method.ts'

const formats = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const
const bytesOf = { f32: 4, f16: 2, bf16: 2 } as const

const options = z.object({
  model: z.string().describe('a model directory'),
  to: z.enum(['huggingface', 'onnx', 'gguf']).default('huggingface').describe('the format: a directory, or in it model.onnx or model.gguf'),
  dtype: z.enum(['f32', 'f16', 'bf16']).default('f32').describe('how numbers are stored; ONNX: f32; GGUF: f32 or f16'),
  shardMegabytes: z.number().positive().default(5000).describe('the most megabytes of tensors in a safetensors file'),
  out: z.string().describe('the directory to write'),
})
type Options = z.output<typeof options>

/** `quire lm convert` */
export const convert = verb({
  name: 'convert',
  summary: {
    en: 'Writes a model in other numbers, in files of another size, or in another format',
    zh: '以其他数值类型、文件大小或格式写出模型',
  },
  example: 'quire lm convert model --dtype bf16 --out model-bf16',
  positional: 'model',
  options,
  async run({ options, log }) {
    const { to, dtype, out } = options
    requireDtype(options)
    const model = await loadModel(options.model)
    for (const warning of [...model.warnings, ...(await write(model, options))]) log(`warning: ${warning}`)
    const count = parameterCount(model.config)
    const size = bytesText(count * bytesOf[dtype])
    return { lines: [`written: ${out} (${to}), ${count} parameters as ${dtype}, ${size}`], json: { out, to, dtype, parameters: count } }
  },
})

function requireDtype({ to, dtype }: Options): void {
  const taken = { huggingface: ['f32', 'f16', 'bf16'], onnx: ['f32'], gguf: ['f32', 'f16'] }[to]
  if (!taken.includes(dtype))
    throw new InputError(`${dtype} is not written to ${to}`, { where: 'quire lm convert', fix: `give --dtype ${taken.join(' or ')}` })
}

/** Writes the model; what others will compute otherwise. */
async function write(model: LoadedModel, { to, dtype, shardMegabytes, out }: Options): Promise<string[]> {
  if (to === 'gguf') return saveGguf(join(out, 'model.gguf'), model, { format: dtype === 'f16' ? 'F16' : 'F32' })
  if (to === 'onnx') {
    await mkdir(out, { recursive: true })
    await saveDecoderOnnx(join(out, 'model.onnx'), model.config, model.params)
  } else await saveModel(model, out, { format: formats[dtype], shardBytes: 1e6 * shardMegabytes })
  return []
}
