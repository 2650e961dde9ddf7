/**
 * What llama.cpp makes of GGUF files: `node interop/llama/run.mjs FOLDER`. For every .gguf with a .json beside it, that holds `ids` and `texts`: the
 * probabilities of all tokens after each of the ids, and the tokens of each text; into results.json there.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getLlama, LlamaLogLevel } from 'node-llama-cpp'

const folder = process.argv[2]
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: 1 })
const found = {}
for (const file of readdirSync(folder).filter((name) => name.endsWith('.gguf'))) {
  const { ids, texts } = JSON.parse(readFileSync(join(folder, file.replace(/gguf$/, 'json')), 'utf8'))
  const model = await llama.loadModel({ modelPath: join(folder, file) })
  const context = await model.createContext({ contextSize: 64, experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32', flashAttention: false })
  const sequence = context.getSequence()
  const input = ids.map((id) => [id, { generateNext: { probabilities: true } }])
  const results = await sequence.controlledEvaluate(input)
  const probabilities = results.map((result) => [...result.next.probabilities.entries()].sort(([a], [b]) => a - b))
  found[file.replace(/\.gguf$/, '')] = { probabilities, tokens: texts.map((text) => model.tokenize(text)) }
  await context.dispose()
  await model.dispose()
}
writeFileSync(join(folder, 'results.json'), JSON.stringify(found))
await llama.dispose()
