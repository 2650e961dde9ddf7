import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Experiment } from './definition.ts'
import { experiment, presetConfig } from './experiment.ts'
import { walk } from './testing/walk.ts'

const good = walk()
const define = (changed: Partial<Experiment>): Experiment =>
  experiment({ ...good, config: good.config as z.ZodType, ...changed } as Experiment & { config: z.ZodType })

test('a good one is accepted', () => expect(define({}).method).toBe('walk'))
test('presets overlay the defaults', () => expect(presetConfig(good, 'smoke')).toMatchObject({ steps: 5, drift: 1 }))

describe('refuses', () => {
  const [claim] = good.claims
  const [control] = good.controls
  test.each<[string, Partial<Experiment>, string]>([
    ['a claim without a control', { controls: [{ ...control, breaks: ['faster'] }] }, "claim 'moves' has no control, so it cannot fail"],
    ['a control of nothing', { controls: [control, { ...control, id: 'b', breaks: [] }] }, "control 'b' breaks no claim"],
    [
      'a control of an unknown claim',
      { controls: [control, { ...control, id: 'b', breaks: ['flies'] }] },
      "breaks an unknown claim 'flies'",
    ],
    ['two claims of one name', { claims: [claim, claim] }, "two claims are called 'moves'"],
    ['two controls of one name', { controls: [control, control] }, "two controls are called 'no-drift'"],
    ['a bar that is no number', { claims: [{ ...claim, threshold: Number.NaN }, good.claims[1]] }, 'no finite threshold'],
    ['a statement in one language', { claims: [{ ...claim, statement: { en: 'Moves', zh: '' } }, good.claims[1]] }, "no text in 'zh'"],
    ['a config that is no object', { config: z.number() as never }, 'must be a zod object'],
    ['a key without default', { config: z.object({ a: z.number().describe('a') }) }, "config key 'a' has no default"],
    ['a key without description', { config: z.object({ a: z.number().default(1) }) }, "config key 'a' has no description"],
    ['judging with two seeds', { presets: { ...good.presets, small: { seeds: 2 } } }, 'fewer than 3 seeds'],
    [
      'a bootstrap of five seeds',
      { claims: [{ ...claim, statistic: 'iqm' }, good.claims[1]], presets: { ...good.presets, small: { seeds: 5 } } },
      "preset 'small' judges 'moves' by iqm with fewer than 10 seeds",
    ],
    [
      'an improvement over nothing',
      { claims: [{ ...claim, statistic: 'improvement', baseline: undefined }, good.claims[1]] },
      "claim 'moves' is of an improvement over no baseline",
    ],
    [
      'a probability above 1',
      { claims: [{ ...claim, statistic: 'improvement', threshold: 2 }, good.claims[1]] },
      'the threshold 2, which is no probability',
    ],
    [
      'a search of no key',
      { searched: [{ keys: ['drift', 'sleep.*'], range: [], chosen: { en: 'a', zh: '甲' } }] },
      "it says that 'sleep.*' was searched, which is no config key",
    ],
    ['half a seed', { presets: { ...good.presets, smoke: { seeds: 0.5 } } }, 'whole number of seeds'],
    ['a preset with an unknown key', { presets: { ...good.presets, paper: { seeds: 3, config: { stepz: 1 } } } }, "did you mean 'steps'"],
    [
      'an arm with an unknown key',
      { arms: () => [...good.arms({}), { id: 'b', label: 'b', kind: 'ablation', config: { drft: 1 } }] },
      "did you mean 'drift'",
    ],
    ['an arm whose name is no file name', { arms: () => [{ id: '../up', label: 'b', kind: 'method' }] }, "'../up' is not a name"],
    ['arms without the control', { arms: () => good.arms({}).filter(({ kind }) => kind !== 'control') }, "has no arm 'straight/no-drift'"],
    ['arms without the baseline', { arms: () => good.arms({}).filter(({ kind }) => kind !== 'baseline') }, "has no arm 'straight/slow'"],
  ])('%s', (_, changed, message) => expect(() => define(changed)).toThrow(message))
})

test('an experiment infers its types', () => {
  experiment({
    method: 'typed',
    config: z.object({ flips: z.number().default(3).describe('flips') }),
    presets: { smoke: { seeds: 1, config: { flips: 1 } }, small: { seeds: 3 }, paper: { seeds: 3 } },
    data: async () => ({ provenance: { name: 'x', real: false, source: 'x', sha256: '' }, value: ['a'] }),
    arms: (config) => [{ id: 'a', label: String(config.flips), kind: 'method', config: { flips: 2 } }],
    unit: async ({ config, data }) => ({ measurements: { n: config.flips + data.length } }),
    estimate: ({ config }) => ({ parameters: 0, flops: config.flips, bytes: 0 }),
    claims: [],
    controls: [],
  })
})
