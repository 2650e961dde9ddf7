// The language models of the page: one on plays, trained by `quire lm train` and then by LISA, and what a run of aurora-m made of its small base.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { key } from '../../dist/engine/index.js'
import { readSafetensors } from '../../dist/engine/safetensors.js'
import { loadModel } from '../../dist/kits/lm/checkpoints/read.js'
import { baseConfig, baseRecipe, bitsPerByte, byteTokenizer, continualCorpora, initDecoder } from '../../dist/kits/lm/index.js'
import { fromArrays, toArrays } from '../../dist/train/index.js'
import { packed, unpacked } from './pack.mjs'
import { context, trainOnPlays } from './plays.mjs'
import { dataOf, readRun } from './runs.mjs'

/** So much of each test part is scored. */
const mostBytes = 12_000
const unit = 'curriculum/cap-cat, seed 0'

/** @param plays a folder in which the model on plays is trained, or has been. */
export async function textModels({ run, plays, log }) {
  const { domains, provenance } = await continualCorpora()
  const measured = async (model, names) => {
    const bits = {}
    for (const name of names) {
      const text = new TextDecoder().decode(domains[name].test.subarray(0, mostBytes))
      bits[name] = Number((await bitsPerByte(model, text, { context })).bitsPerByte.toFixed(3))
    }
    return bits
  }
  const stored = async (file, { config, tokenizer, params }, { from, names, tokenizerJson, before }) => {
    const arrays = await toArrays(params)
    const metadata = { config: JSON.stringify(config), window: String(context), ...(tokenizerJson && { tokenizer: tokenizerJson }) }
    const bytes = packed(arrays, metadata)
    const again = fromArrays(unpacked(readSafetensors(bytes).tensors), params)
    const quality = {
      bitsPerByte: await measured({ config, tokenizer, params }, names),
      bitsPerByteStored: await measured({ config, tokenizer, params: again }, names),
      ...(before && { bitsPerByteBefore: await measured(before, names) }),
    }
    log(`${file}: ${JSON.stringify(quality)}`)
    return { file, bytes, about: { from, quality } }
  }

  const { commands, folders } = trainOnPlays({ folder: plays, text: domains.shakespeare.train, log })
  const lisa = await stored('text-lisa.safetensors', await loadModel(folders.tuned), {
    from: { method: 'lisa', commands },
    names: ['shakespeare', 'eng'],
    tokenizerJson: JSON.stringify(JSON.parse(readFileSync(join(folders.tokenizer, 'tokenizer.json'), 'utf8'))),
    before: await loadModel(folders.base),
  })

  const { id, preset, commands: ofRun } = readRun(run)
  const config = baseConfig(baseRecipe())
  const { tensors } = readSafetensors(readFileSync(join(run, 'artifacts', 'curriculum_cap-cat--seed-0', 'weights.safetensors')))
  const aurora = { config, tokenizer: byteTokenizer, params: fromArrays(tensors, initDecoder(config, key(0))) }
  const auroraM = await stored('text-aurora-m.safetensors', aurora, {
    from: { method: 'aurora-m', run: id, preset, commands: ofRun, unit },
    names: Object.keys(domains),
  })
  return { models: [lisa, auroraM], data: provenance.map(dataOf) }
}
