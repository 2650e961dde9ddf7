import { describe, expect, test } from 'vitest'
import { key, mapTree, type Tensor, tensor } from '../../../engine/index.ts'
import { forward } from '../decoder.ts'
import { beamSearch, generate } from '../generate/index.ts'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { initAdapter } from './adapter.ts'
import type { PeftConfig } from './config.ts'
import { llama, modelOf, stirred } from './testing/models.ts'
import { withAdapter } from './with-adapter.ts'

const base = modelOf({ ...llama, layers: 1 })
const prompt = [100, 101, 102]
const count = 4

describe.each<PeftConfig>([
  { kind: 'lora', targets: 'all-linear', embedding: true },
  { kind: 'lora', dora: true },
  { kind: 'ia3' },
  { kind: 'prompt', init: 'random', tokens: 3 },
  { kind: 'prefix', tokens: 3 },
])('%o', (peft) => {
  const adapter = initAdapter(peft, base, key(4))
  const params = mapTree<typeof adapter.params>(adapter.params, (x: Tensor, path) =>
    x.kind === 'buffer' ? x : stirred({ x }, 31 * path.length).x,
  )
  const model = { config: base.config, params: withAdapter(base.params, { ...adapter, params }), tokenizer: byteTokenizer }

  test('goes on as the whole text says, greedily and by one beam', async () => {
    const ids = [...prompt]
    for (let k = 0; k < count; k++) {
      const logits = (await forward(model.config, model.params, { ids: tensor([ids], { dtype: 'int32' }) }).array()) as number[][][]
      const last = logits[0][ids.length - 1]
      ids.push(last.indexOf(Math.max(...last)))
    }
    const [{ tokens }] = await generate(model, [prompt], { maxNewTokens: count })
    expect(tokens.map(({ id }) => id)).toEqual(ids.slice(prompt.length))
    const [beam] = await beamSearch(model, prompt, { beams: 1, maxNewTokens: count })
    expect(beam.ids).toEqual(ids.slice(prompt.length))
  })
})
