/** Writes the models as Hugging Face directories, which every peer reads. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { evaluate, key, mapTree, mul } from '../../dist/engine/index.js'
import { byteTokenizer, initDecoder, llamaConfig, parameterCount, saveModel } from '../../dist/kits/lm/index.js'
import { context, models } from './workloads.mjs'

export async function prepare(work) {
  mkdirSync(work, { recursive: true })
  const counts = {}
  for (const [name, size] of Object.entries(models)) {
    const config = llamaConfig({ ...size, context, special: { end: [] } })
    counts[name] = parameterCount(config)
    const folder = join(work, name)
    if (existsSync(join(folder, 'model.safetensors'))) continue
    const params = initDecoder(config, key(1))
    // Twice the usual deviation: what an untrained model prefers is then clear enough for all peers to agree.
    const spread = mapTree(params, (x) => (x.shape.length === 2 ? mul(x, 2) : x))
    await saveModel({ config, params: await evaluate(spread), tokenizer: byteTokenizer }, folder)
  }
  return counts
}
