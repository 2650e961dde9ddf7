import type { Findings } from '../../experiment/index.ts'
import { generate } from '../../kits/lm/generate/index.ts'
import { withAdapter } from '../../kits/lm/peft/with-adapter.ts'
import { promptFormats } from '../../kits/lm/sft.ts'
import { baseOf, type Context, scoreTest, tune } from './unit.ts'

/** Tunes on calls of the invented interface, and writes calls for arguments that were not trained on, each time the most probable byte. */
export async function apiUnit(context: Context): Promise<Findings> {
  const { config } = context
  const data = { ...context.data, api: { ...context.data.api, test: context.data.api.test.slice(0, config.test.api) } }
  const { model } = await baseOf(config, data)
  const { adapter, measurements } = await tune(context, model)
  if (config.tune) return { measurements }
  const adapted = adapter ? { ...model, params: withAdapter(model.params, adapter) } : model
  const { bpb, items } = await scoreTest(adapted, config, data, 'api')
  const prompts = data.api.test.map(({ prompt }) => model.tokenizer.encode(promptFormats.alpaca(prompt)))
  const written = await generate(adapted, prompts, { maxNewTokens: 48, stop: ['\n'] })
  const found = written.map(({ text }) => text)
  const wanted = data.api.test.map(({ completion }) => completion)
  const exactMatch = found.filter((text, i) => text === wanted[i]).length / found.length
  return {
    measurements: { ...measurements, bpb, exactMatch },
    items: { calls: { ...items, prompt: data.api.test.map(({ prompt }) => prompt), wanted, found } },
  }
}
