// Small language models on bytes: the base that aurora-m and lisa begin with, and what a run of aurora-m and the method lisa make of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { key } from '../../dist/engine/index.js'
import { readSafetensors } from '../../dist/engine/safetensors.js'
import { baseConfig, baseModel, baseRecipe, continualCorpora, initDecoder, mixtureSampler, streamScorer } from '../../dist/kits/lm/index.js'
import { tuningOf } from '../../dist/methods/lisa/index.js'
import { fromArrays, toArrays } from '../../dist/train/index.js'
import { packed, unpacked } from './pack.mjs'
import { dataOf, readRun } from './runs.mjs'

const measured = ['eng', 'code', 'shakespeare', 'fin', 'hin', 'jpn', 'vie']
/** So much of each test part is scored. */
const mostBytes = 12_000

const recipe = baseRecipe({ stages: [{ steps: 400, batch: 16, context: 128 }] })

export async function textModels({ run, log }) {
  const { domains, provenance } = await continualCorpora()
  const config = baseConfig(recipe)
  const like = initDecoder(config, key(0))
  const score = streamScorer(config, { context: 128 })
  /** Bits a byte of each domain's test part. */
  const bitsOf = async (arrays) => {
    const params = fromArrays(arrays, like)
    const found = {}
    for (const domain of measured) {
      const { bits, tokens } = await score(params, domains[domain].test.subarray(0, mostBytes))
      found[domain] = Number((bits / tokens).toFixed(3))
    }
    return found
  }
  const base = await toArrays((await baseModel(recipe, domains, { log })).params)
  const about = readRun(run)
  const all = {
    base: { arrays: base, from: { method: 'lm', training: { recipe } } },
    'aurora-m': {
      arrays: readSafetensors(readFileSync(join(run, 'artifacts', 'curriculum_cap-cat--seed-0', 'weights.safetensors'))).tensors,
      from: { method: 'aurora-m', run: about.id, preset: about.preset, command: about.command, unit: 'curriculum/cap-cat, seed 0' },
    },
    lisa: {
      arrays: await tunedByLisa(base, { domains, like, config }),
      from: { method: 'lisa', training: { ...lisaSettings, text: 'vie' } },
    },
  }
  const models = []
  for (const [name, { arrays, from }] of Object.entries(all)) {
    const bytes = packed(arrays, { config: JSON.stringify(config) })
    const quality = { bitsPerByte: await bitsOf(arrays), bitsPerByteStored: await bitsOf(unpacked(readSafetensors(bytes).tensors)) }
    log(`text, ${name}: ${JSON.stringify(quality)}`)
    models.push({ file: `text-${name}.safetensors`, bytes, about: { from, quality } })
  }
  return { models, data: provenance.map(dataOf) }
}

/** As the experiment's arm `far/lisa`, seed 0. */
const lisaSettings = { steps: 120, batch: 16, context: 128, learningRate: 6e-3, warmup: 20, activeLayers: 2, intervalSteps: 10, seed: 101 }

async function tunedByLisa(base, { domains, like, config }) {
  const { steps, batch, context, learningRate, warmup, seed, ...lisa } = lisaSettings
  const plan = {
    method: 'lisa',
    lisa: {
      ...lisa,
      sampler: 'uniform',
      statePolicy: 'reset-blocks',
      resetOnRedraw: false,
      trainEmbeddings: true,
      trainFinalNorm: true,
      seed,
    },
  }
  const { trainer, controller } = tuningOf({ config, params: fromArrays(base, like) }, plan, { learningRate, steps, warmup })
  const stages = [{ name: 'tuning', steps, weights: { text: 1 } }]
  const sampler = mixtureSampler({ corpora: { text: domains.vie.train }, stages, batch, context, seed })
  for (let step = 0; step < steps; step++) {
    controller.onOptimizerStep(step)
    const { x, y } = sampler.at(step)
    await trainer.step([{ ids: x, labels: y }])
  }
  return toArrays(await trainer.params())
}
