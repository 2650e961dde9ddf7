import { z } from 'zod'
import { abs, fromArray, max, ndarray, sub, type Tensor } from '../../engine/index.ts'
import { loadAdapter } from '../../kits/lm/checkpoints/adapters.ts'
import { saveModel } from '../../kits/lm/checkpoints/write.ts'
import { forward, type LanguageModel } from '../../kits/lm/index.ts'
import { mergeAdapter } from '../../kits/lm/peft/merge.ts'
import { withAdapter } from '../../kits/lm/peft/with-adapter.ts'
import { verb } from '../method.ts'
import { baseHelp, loadBase } from './own-model.ts'
import { readRecord, writeRecord } from './training-record.ts'

/** What both models are asked, to compare their answers. */
const probe = 'Sort a list of dictionaries `rows` by the values of the key `name`.'

export const mergeVerb = verb({
  name: 'merge',
  summary: {
    en: 'Works an adapter into the weights of its base, and checks that nothing has changed',
    zh: '把适配器并入底座权重，并检查输出不变',
  },
  options: z.object({
    adapter: z.string().describe('a folder that train, or Hugging Face’s PEFT, has written'),
    base: z.string().default('tiny').describe(baseHelp),
    out: z.string().default('runs/peft-code/merged').describe('folder of the model, in the Hugging Face layout'),
  }),
  positional: 'adapter',
  example: 'quire peft-code merge adapter --base tiny --out merged',
  async run({ options, log }) {
    const base = await loadBase(options.base, log)
    const adapter = await loadAdapter(options.adapter, base)
    for (const line of adapter.warnings) log(line)
    const merged = await mergeAdapter(base, adapter)
    const difference = await largestDifference({ ...base, params: withAdapter(base.params, adapter) }, merged)
    await saveModel(merged, options.out)
    // The model wants to be asked as the adapter was; its weights are in full, however the base was kept in training.
    const { format } = readRecord(options.adapter)
    if (format) writeRecord(options.out, { format })
    return {
      lines: [`largest difference of a logit between the two: ${difference.toExponential(1)}`, `written: ${options.out}`],
      json: { difference, out: options.out },
    }
  },
})

async function largestDifference(one: LanguageModel, other: LanguageModel): Promise<number> {
  const tokens = Int32Array.from(one.tokenizer.encode(probe).slice(0, one.config.context))
  const ids = fromArray(ndarray(tokens, [1, tokens.length], 'int32'))
  const logits = ({ config, params }: LanguageModel): Tensor => forward(config, params, { ids })
  return max(abs(sub(logits(one), logits(other)))).item()
}
