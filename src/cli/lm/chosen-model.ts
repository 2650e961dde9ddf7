import { z } from 'zod'
import { loadAdapter } from '../../kits/lm/checkpoints/adapters.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import type { LanguageModel } from '../../kits/lm/model.ts'
import { withAdapter } from '../../kits/lm/peft/with-adapter.ts'

/** The options by which verbs say what model they use. */
export const modelOptions = {
  model: z.string().describe('a model directory'),
  adapter: z.string().optional().describe("an adapter's directory, put beside the model's weights"),
}

/** The model of the options, with its adapter if one is given; what is odd about their files is logged. */
export async function chosenModel(
  { model: folder, adapter: adapterFolder }: { readonly model: string; readonly adapter?: string },
  log: (line: string) => void,
): Promise<LanguageModel> {
  const { warnings, ...model } = await loadModel(folder)
  const adapter = adapterFolder === undefined ? undefined : await loadAdapter(adapterFolder, model)
  for (const warning of [...warnings, ...(adapter?.warnings ?? [])]) log(`warning: ${warning}`)
  return adapter ? { ...model, params: withAdapter(model.params, adapter) } : model
}
