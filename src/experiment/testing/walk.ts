import { z } from 'zod'
import { ndarray } from '../../engine/array.ts'
import { NotFiniteError } from '../../engine/errors.ts'
import type { Experiment } from '../definition.ts'
import { experiment } from '../experiment.ts'
import { curve } from '../verdict/results.ts'

/** What tests do to a walk while it goes. */
export interface WalkHooks {
  step?(event: { arm: string; seed: number; step: number }): void | Promise<void>
  real?: boolean
}

const config = z.object({
  steps: z.number().int().positive().default(20).describe('steps of the walk'),
  drift: z.number().default(1).describe('mean of a step'),
  shape: z.enum(['straight', 'round']).default('straight').describe('form of the walk'),
  noise: z.object({ scale: z.number().min(0).default(0.1).describe('spread of a step') }).prefault({}),
  explode: z.boolean().default(false).describe('diverges at half way'),
  bar: z.number().default(0.8).describe('passed to nothing'),
})

/** A number in [-1, 1) that depends only on its arguments. */
const jitter = (seed: number, step: number): number => (((seed * 7919 + step * 104729 + 12345) * 2654435761) % 2 ** 32) / 2 ** 31 - 1

/** An experiment without an engine: a walk with drift, checkpointed every 5 steps. The control walks without drift. */
export const walk = (hooks: WalkHooks = {}): Experiment =>
  experiment({
    method: 'walk',
    config,
    presets: { smoke: { seeds: 1, config: { steps: 5 } }, small: { seeds: 3 }, paper: { seeds: 5, config: { steps: 1000 } } },
    data: async ({ data, log }) => {
      log('reading nothing')
      return { provenance: { name: 'nothing', real: hooks.real ?? true, source: data ?? 'none', sha256: 'abc' }, value: 0 }
    },
    arms: () => [
      { id: 'straight/walk', label: 'the walk', kind: 'method' },
      { id: 'straight/slow', label: { en: 'a slow walk', zh: '慢步' }, kind: 'baseline', config: { drift: 0.5 } },
      { id: 'straight/no-drift', label: 'no drift', kind: 'control', config: { drift: 0 } },
      { id: 'ideal', label: 'the ideal', kind: 'reference', seeds: 'first', config: { noise: { scale: 0 } } },
    ],
    unit: async ({ arm, config: { steps, drift, noise, explode }, seed, log, checkpoint, progress, artifact }) => {
      const before = await checkpoint.latest()
      let place = before?.tensors.place.data[0] ?? 0
      for (let step = (before?.step ?? 0) + 1; step <= steps; step++) {
        await hooks.step?.({ arm: arm.id, seed, step })
        place += drift + noise.scale * jitter(seed, step)
        if (explode && arm.kind === 'method' && step > steps / 2)
          throw new NotFiniteError('the place became NaN', { where: `step ${step}` })
        log(step, { place, speed: place / step })
        await progress(step, steps)
        if (step % 5 === 0) await checkpoint.save(step, { place: ndarray(new Float64Array([place]), [1], 'float64') }, { step })
      }
      await artifact('place.txt', String(place))
      return { measurements: { speed: place / steps, place }, details: { steps } }
    },
    estimate: ({ config: { steps } }) => ({ parameters: 1, flops: steps * 3, bytes: 8 }),
    claims: [
      {
        id: 'moves',
        statement: { en: 'The walk moves at 0.8 or more', zh: '行走速度不低于 0.8' },
        paper: { value: 1, unit: 'm/s', where: 'Table 1' },
        arm: 'straight/walk',
        baseline: { arm: 'straight/slow', value: ({ measurements }) => measurements.speed },
        measure: ({ measurements }) => measurements.speed,
        threshold: 0.8,
        direction: 'atLeast',
        judge: 'everySeed',
        provisional: { original: 0.9, note: { en: 'before the first run', zh: '首次运行之前' } },
      },
      {
        id: 'faster',
        statement: { en: 'It is faster than the slow walk by 0.3', zh: '比慢行快 0.3' },
        paper: { value: 50, unit: '%', where: 'Figure 2' },
        arm: 'straight/walk',
        baseline: { arm: 'straight/slow', value: ({ measurements }) => measurements.speed },
        measure: ({ measurements }, { baseline }) => measurements.speed - baseline.measurements.speed,
        threshold: 0.3,
        direction: 'atLeast',
        added: { en: 'the first run was slow', zh: '首次运行较慢' },
      },
    ],
    controls: [
      { id: 'no-drift', arm: 'straight/no-drift', breaks: ['moves', 'faster'], broken: { en: 'the drift is zero', zh: '漂移为零' } },
    ],
    figures: (results) => [
      {
        id: 'place',
        title: { en: 'The way', zh: '路程' },
        kind: 'line',
        xLabel: { en: 'step', zh: '步' },
        yLabel: 'm',
        series: ['straight/walk', 'straight/slow'].map((arm) => curve(results, arm, 'place')),
        ariaDescription: { en: 'The walk gets farther', zh: '行走更远' },
      },
    ],
    differences: [{ en: 'Nobody walks', zh: '无人行走' }],
  })
