import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { key } from '../../engine/index.ts'
import { initDecoder, llamaConfig, mixtureSampler } from '../../kits/lm/index.ts'
import { toArrays } from '../../train/index.ts'
import { fineTune } from './fine-tune.ts'
import { planOf, type TuningPlan, tuningOf } from './tuning.ts'

const config = llamaConfig({ width: 16, layers: 3, heads: 2, hidden: 24, context: 32 })
const steps = 9

const text = new TextEncoder().encode('It rained, and then it rained again. '.repeat(20))
const batches = mixtureSampler({
  corpora: { text },
  stages: [{ name: 'tuning', steps, weights: { text: 1 } }],
  batch: 2,
  context: 16,
  seed: 5,
})

/** Moments of frozen blocks are dropped, or wait and must come back. */
const ways = {
  LISA: planOf('lisa', { activeLayers: 1, intervalSteps: 2, seed: 3, rank: 2 }),
  'LISA with moments that wait': planOf('lisa', { activeLayers: 1, intervalSteps: 2, seed: 3, rank: 2, statePolicy: 'offload' }),
  LoRA: planOf('lora', { activeLayers: 1, intervalSteps: 2, seed: 3, rank: 2 }),
}

/** A fine-tuning in a folder, which breaks off at a step. */
async function tuned(plan: TuningPlan, folder: string, breaksAt = Number.POSITIVE_INFINITY) {
  const tuning = tuningOf({ config, params: initDecoder(config, key(0)) }, plan, { learningRate: 1e-2, steps })
  const result = await fineTune(tuning, {
    folder,
    recipe: plan,
    steps,
    seconds: -1,
    batchesAt(step) {
      if (step >= breaksAt) throw new Error('killed')
      const { x, y } = batches.at(step)
      return [{ ids: x, labels: y }]
    },
  })
  return { ...result, arrays: await toArrays(result.params) }
}

test.each(Object.entries(ways))(
  '%s: killed within an interval, it ends with the bits and the schedule of one that is not',
  async (_, plan) => {
    const folder = () => mkdtempSync(join(tmpdir(), 'lisa-'))
    const whole = await tuned(plan, folder())
    const broken = folder()
    for (const at of [3, 6]) await expect(tuned(plan, broken, at)).rejects.toThrow('killed')
    const resumed = await tuned(plan, broken)
    expect(resumed.resumedAt).toBe(6)
    expect(resumed.losses).toEqual(whole.losses)
    expect(resumed.schedule).toEqual(whole.schedule)
    expect(resumed.arrays).toEqual(whole.arrays)
  },
)
