import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateDigits, readNpy, writeNpy } from '../../data/index.ts'
import { key, ndarray } from '../../engine/index.ts'
import { bundleDenoiser, initModel, loadBundle, loadDenoiser, sample, saveDiffusionModel } from '../../kits/diffusion/index.ts'
import type { Verb } from '../method.ts'
import { pooled } from './data.ts'
import { compareVerb } from './verb-compare.ts'
import { planVerb } from './verb-plan.ts'
import { pruneVerb } from './verb-prune.ts'
import { sampleVerb } from './verb-sample.ts'
import { trainVerb } from './verb-train.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-step-adaptive-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

const run = async <T = Record<string, unknown>>(verb: Verb, options: Record<string, unknown>, signal = new AbortController().signal) => {
  const result = await verb.run({ options: verb.options.parse(options), signal, log: () => {}, out: () => {}, progress: async () => {} })
  return result.json as T
}

const data = at('digits.npy')
const quick = { data, batch: 16, steps: 40, advisor: 'magnitude', rounds: 1, samples: 4 }
let trained: { groups: { from: number; to: number; macs: number; steps: number }[]; meanShare: number }
beforeAll(async () => {
  writeFileSync(data, writeNpy(pooled(generateDigits({ count: 80, seed: 0 }).images, 7)))
  trained = await run(trainVerb, { ...quick, groups: 4, uniform: true, onnx: true, out: at('bundle') })
})

describe('training', () => {
  test('writes a bundle that any sampler takes, cheaper in the mean by what was asked for', async () => {
    expect(trained.groups.map(({ from, to }) => [from, to])).toEqual([
      [1, 251],
      [251, 501],
      [501, 751],
      [751, 1001],
    ])
    expect(Math.abs(trained.meanShare - 0.8)).toBeLessThan(0.01)
    const { models, macs } = await loadBundle(at('bundle'))
    expect(models).toHaveLength(4)
    expect(macs).toEqual(trained.groups.map(({ macs }) => macs))
    expect((await loadDenoiser(at('bundle'))).process.times).toEqual([1, 1000])
    for (const name of [
      'base/model.safetensors',
      'uniform/model.safetensors',
      'samples.png',
      'groups.svg',
      'group-3.onnx',
      'memory_bank.jsonl',
    ])
      expect(existsSync(join(at('bundle'), name)), name).toBe(true)
  })

  test('an exported group is its model again', async () => {
    const { models, boundaries } = await loadBundle(at('bundle'))
    const asked = { sampler: { kind: 'ddim' as const }, steps: 3, times: [1000, 900, 800, 760], count: 2, seed: 0 }
    const [own, exported] = [
      await sample(bundleDenoiser({ models, boundaries }), asked),
      await sample(await loadDenoiser(join(at('bundle'), 'group-3.onnx')), asked),
    ]
    own.x.data.forEach((value, i) => {
      expect(exported.x.data[i]).toBeCloseTo(value, 3)
    })
  })

  test('starts from a model of one’s own, by a plan', async () => {
    await run(planVerb, { base: at('bundle'), groups: 2, out: at('plan.json') })
    const own = await run<typeof trained>(trainVerb, { ...quick, base: at('bundle'), plan: at('plan.json'), steps: 6, out: at('second') })
    expect(own.groups.map(({ from }) => from)).toEqual([1, 501])
    expect(own.groups.reduce((sum, { steps }) => sum + steps, 0)).toBe(6)
  })
})

test('a plan by gradients and one by losses ask the base, and cover its steps', async () => {
  for (const by of ['gradientSimilarity', 'lossQuantile']) {
    const { groups } = await run<typeof trained>(planVerb, { base: at('bundle'), by, data, groups: 3 })
    expect([groups[0].from, groups[2].to]).toEqual([1, 1001])
  }
})

test('pruning comes to its budget, with a search that images decide', async () => {
  const { macs, target } = await run<{ macs: number; target: number }>(pruneVerb, {
    base: at('bundle'),
    data,
    share: 0.7,
    rounds: 2,
    batch: 16,
    out: at('small'),
  })
  expect(Math.abs(macs / target - 1)).toBeLessThan(0.02)
  expect(
    readFileSync(join(at('small'), 'memory_bank.jsonl'), 'utf8')
      .trim()
      .split('\n'),
  ).toHaveLength(2)
  await loadDenoiser(at('small'))
})

test('sampling says which group served how many steps, and what they cost', async () => {
  const { served, macs } = await run<{ served: number[]; macs: number }>(sampleVerb, {
    model: at('bundle'),
    count: 3,
    steps: 10,
    out: at('samples'),
  })
  expect(served).toEqual([2, 3, 2, 3])
  expect(macs).toBe(served.reduce((sum, steps, i) => sum + steps * trained.groups[i].macs, 0))
  expect((await readNpy(join(at('samples'), 'samples.npy'))).shape).toEqual([3, 1, 7, 7])
})

test('a comparison of a bundle with itself is undecided, and has the same numbers on both sides', async () => {
  const { sides, fidDifference } = await run<{ sides: { loss: number; macs: number }[]; fidDifference: { verdict: string; mean: number } }>(
    compareVerb,
    {
      bundle: at('bundle'),
      with: at('bundle'),
      data,
      count: 8,
      seeds: 3,
      steps: 5,
      out: at('comparison'),
    },
  )
  expect(fidDifference).toMatchObject({ verdict: 'undecided', mean: 0 })
  expect(sides[0].loss).toBe(sides[1].loss)
  expect(sides[0].macs).toBe(sides[1].macs)
  expect(existsSync(join(at('comparison'), 'samples.png'))).toBe(true)
})

describe('what cannot be done is refused in one line', () => {
  const refused = async (verb: Verb, options: Record<string, unknown>, message: string | RegExp) => {
    const error = await run(verb, options).then(
      () => undefined,
      (error: Error) => error,
    )
    expect(error?.name).toMatch(/InputError|EndpointError/)
    expect(error?.message).toMatch(message)
    expect(error?.message).not.toContain('\n')
  }

  test('budgets', async () => {
    await refused(trainVerb, { ...quick, retained: 1.5, out: at('no') }, 'a retained share of 1.5')
    await refused(trainVerb, { ...quick, retained: 0, out: at('no') }, 'a retained share of 0')
    await refused(trainVerb, { ...quick, meanShare: 0.5, out: at('no') }, '5 groups cannot keep 0.5')
    await refused(
      pruneVerb,
      { base: at('bundle'), share: 0.1, rounds: 1, advisor: 'magnitude', out: at('no') },
      /below what cannot be pruned; keep at least 0\.319/,
    )
    expect(existsSync(at('no/routing.json'))).toBe(false)
  })

  test('groups', async () => {
    await refused(planVerb, { base: at('bundle'), groups: 60 }, '60 groups of at least 20 steps do not fit into 1000')
    await refused(planVerb, { base: at('bundle'), by: 'lossQuantile' }, 'measures the base on images; give --data')
    await refused(trainVerb, { ...quick, plan: at('nowhere'), out: at('no') }, 'there is no plan')
  })

  test('models', async () => {
    const linear = { kind: 'discrete', steps: 500, schedule: 'linear' } as const
    const network = { kind: 'mlp', width: 8, hidden: [8], embedding: 8 } as const
    await saveDiffusionModel(at('other'), initModel({ network, process: linear, predict: 'eps', shape: [1, 7, 7] }, key(0)))
    await refused(
      trainVerb,
      { ...quick, base: at('other'), plan: at('plan.json'), out: at('no') },
      'is for a cosine chain of 1000 steps, the base for a linear chain of 500',
    )
    await refused(compareVerb, { bundle: at('bundle'), with: at('other'), data }, 'is of another process')
    await refused(planVerb, { base: join(at('bundle'), 'group-0.onnx') }, 'is an ONNX file, whose layers cannot be pruned')
    await refused(
      trainVerb,
      { ...quick, base: at('bundle'), size: 8, out: at('no') },
      /is for images \[1, 7, 7\], these are \[1, 8, 8\]|size/,
    )
  })

  test('advisors without what they ask', async () => {
    await refused(trainVerb, { ...quick, advisor: 'llm', out: at('no') }, 'the advisor llm needs an endpoint')
    await refused(pruneVerb, { base: at('bundle'), out: at('no') }, 'compares proposals on images')
  })

  test('images', async () => {
    writeFileSync(at('few.npy'), writeNpy(ndarray(new Float32Array(3 * 49), [3, 1, 7, 7], 'float32')))
    await refused(trainVerb, { ...quick, data: at('few.npy'), out: at('no') }, '3 images are too few to keep every 10-th back')
  })
})
