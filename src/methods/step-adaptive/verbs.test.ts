import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
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

test('a training by a plan that was edited since is not gone on with', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const plan = at('edited.json')
  const trained = (share: number) => {
    writeFileSync(plan, readFileSync(at('plan.json'), 'utf8').replace(/"share": [\d.]+/, `"share": ${share}`))
    return trainVerb.run({
      options: trainVerb.options.parse({ ...quick, plan, out: at('killed') }),
      ...{ signal: new AbortController().signal, log: () => {}, out: () => {} },
      async progress(done) {
        vi.advanceTimersByTime(60_000) // so that each step is saved
        if (done === 3) throw new Error('killed')
      },
    })
  }
  await expect(trained(0.9)).rejects.toThrow('killed')
  await expect(trained(0.8)).rejects.toThrow('an unfinished training with other options or data stands there')
  vi.useRealTimers()
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

  test('before anything is trained', async () => {
    const fails = async (options: Record<string, unknown>, message: string | RegExp) => {
      let steps = 0
      const given = { ...quick, out: at('no'), ...options }
      const context = { signal: new AbortController().signal, log: () => {}, out: () => {}, progress: async () => void steps++ }
      await expect(trainVerb.run({ ...context, options: trainVerb.options.parse(given) })).rejects.toThrow(message)
      expect(steps).toBe(0)
    }
    const process = { kind: 'discrete', steps: 1000, schedule: 'cosine' }
    const planned = (groups: object[]) => {
      writeFileSync(at('wrong.json'), JSON.stringify({ process, groups }))
      return { plan: at('wrong.json') }
    }
    for (const by of ['uniform', 'lossQuantile']) await fails({ groups: 60, by }, '60 groups of at least 20 steps do not fit into 1000')
    await fails({ groups: 30, by: 'gradientSimilarity' }, '30 groups by gradients, which are measured in 20 parts of the times')
    await fails(planned([{ from: 1, to: 1001, share: 1.5 }]), 'groups.0.share')
    await fails(planned([{ from: 1, to: 501, share: 1 }]), 'leave times out')
    await fails(planned([{ from: 1, to: 1001, share: 0.1 }]), 'a budget of 0.100 of the network is below what cannot be pruned')
    await fails({ groups: 20, retained: 0.01 }, /a budget of 0\.\d+ of the network is below what cannot be pruned/)

    const server = createServer((_, response) => response.writeHead(404).end())
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    await fails({ advisor: 'llm', endpoint }, 'no answer: 404')
    server.close()
  })

  test('options of a choice that was not made', async () => {
    const given = (options: Record<string, unknown>) => ({ ...quick, out: at('no'), ...options })
    await refused(trainVerb, given({ plan: at('plan.json'), groups: 5 }), '--groups: has no effect with --plan; leave it out')
    await refused(trainVerb, given({ plan: at('plan.json'), meanShare: 0.9 }), '--mean-share: has no effect with --plan')
    await refused(trainVerb, given({ base: at('bundle'), network: 'base' }), '--network: has no effect with --base')
    await refused(trainVerb, given({ base: at('bundle'), stageOne: 0.5 }), '--stage-one: has no effect with --base')
    await refused(planVerb, { base: at('bundle'), retained: 0.5, meanShare: 0.9 }, '--mean-share: has no effect with --retained')
    await refused(trainVerb, given({ endpoint: 'http://127.0.0.1/v1' }), '--endpoint: has no effect with --advisor magnitude')
    const magnitude = { base: at('bundle'), rounds: 1, advisor: 'magnitude', out: at('no') }
    await refused(pruneVerb, { ...magnitude, allowSearch: true }, '--allow-search: has no effect with --advisor magnitude')
  })

  test('images', async () => {
    const floats = Float32Array.from({ length: 30 * 49 }, (_, i) => i % 255)
    writeFileSync(at('f255.npy'), writeNpy(ndarray(floats, [30, 1, 7, 7], 'float32')))
    await refused(trainVerb, { ...quick, data: at('f255.npy'), out: at('no') }, 'state their range (--range')
    const { groups } = await run<typeof trained>(planVerb, {
      base: at('bundle'),
      data: at('f255.npy'),
      range: [0, 254],
      by: 'lossQuantile',
    })
    expect(groups).toHaveLength(5)
    writeFileSync(at('few.npy'), writeNpy(ndarray(new Float32Array(3 * 49), [3, 1, 7, 7], 'float32')))
    await refused(trainVerb, { ...quick, data: at('few.npy'), out: at('no') }, '3 images are too few to keep every 10-th back')
  })
})
