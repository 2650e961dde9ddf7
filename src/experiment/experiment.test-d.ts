import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import {
  type Claim,
  type Experiment,
  experiment,
  judge,
  presetConfig,
  type Report,
  type RunOutcome,
  runExperiment,
  type Text,
} from './index.ts'

/* Types are checked by `npm run check`; nothing here runs. */

const config = z.object({
  flips: z.number().int().default(100).describe('flips a seed'),
  side: z.enum(['heads', 'tails']).default('heads').describe('which'),
})
const presets = { smoke: { seeds: 1, config: { flips: 10 } }, small: { seeds: 3 }, paper: { seeds: 5 } } as const
const text: Text = { en: 'a coin', zh: '硬币' }
const claim: Claim = {
  id: 'fair',
  statement: text,
  paper: { value: 0.5, unit: 'share', where: 'Table 1' },
  arm: 'fair',
  measure: (own) => own.measurements.heads,
  threshold: 0.1,
  direction: 'atMost',
}
// @ts-expect-error texts are in both languages
const half: Text = { en: 'a coin' }

// The config's type follows from its schema, wherever the definition sees it, and so does that of the data.
const coin = experiment({
  method: 'coin',
  config,
  presets,
  data: async ({ config }) => {
    expectTypeOf(config).toEqualTypeOf<{ flips: number; side: 'heads' | 'tails' }>()
    return { provenance: { name: 'coin', real: false, source: 'generated', sha256: '' }, value: [1, 0, 1] }
  },
  arms: (config) => {
    // @ts-expect-error no such key
    config.flip
    return [{ id: 'fair', label: 'a fair coin', kind: 'method' }]
  },
  unit: async ({ config, data, seed }) => {
    expectTypeOf(config.side).toEqualTypeOf<'heads' | 'tails'>()
    expectTypeOf(data).toEqualTypeOf<number[]>()
    expectTypeOf(seed).toEqualTypeOf<number>()
    return { measurements: { heads: data[0] / config.flips } }
  },
  estimate: ({ config }) => ({ parameters: 0, flops: config.flips, bytes: 0 }),
  claims: [claim],
  controls: [{ id: 'loaded', arm: 'loaded', breaks: ['fair'], broken: text }],
})
expectTypeOf(coin).toEqualTypeOf<Experiment<{ flips: number; side: 'heads' | 'tails' }, number[]>>()
expectTypeOf(presetConfig(coin, 'smoke').flips).toEqualTypeOf<number>()
// @ts-expect-error no such preset
presetConfig(coin, 'large')
// @ts-expect-error a claim is at most or at least
const sideways: Claim = { ...claim, direction: 'sideways' }
// @ts-expect-error measurements are numbers
const unit: Experiment['unit'] = async () => ({ measurements: { heads: 'many' } })

expectTypeOf(runExperiment).returns.resolves.toEqualTypeOf<RunOutcome>()
expectTypeOf<Report>().toHaveProperty('claims')
expectTypeOf(judge).toBeFunction()

export { half, sideways, unit }
