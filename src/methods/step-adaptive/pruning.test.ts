import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { key } from '../../engine/index.ts'
import { type DiffusionModel, initModel, type NetworkConfig } from '../../kits/diffusion/index.ts'
import { prune } from '../../kits/diffusion/surgery/index.ts'
import { sharesOf } from './budget.ts'
import { countsFor, macsOf, prunableNetwork, pruned } from './pruning-plan.ts'

const modelOf = (network: NetworkConfig, shape: number[]): DiffusionModel =>
  initModel({ network, process: { kind: 'discrete', steps: 1000, schedule: 'cosine' }, predict: 'eps', shape }, key(0))

const mlp = modelOf({ kind: 'mlp', width: 64, hidden: [64, 64], embedding: 16, embed: 'input' }, [1, 7, 7])
const networks = {
  mlp,
  unet: modelOf({ kind: 'unet', channels: 8, multiples: [1, 2], blocks: 1, attention: [4], groups: 4 }, [1, 8, 8]),
  attention: modelOf({ kind: 'attention', patch: 2, width: 8, depth: 2, heads: 4 }, [1, 4, 4]),
}

describe('budgets', () => {
  test('block widths 64, 55, 46, 36, 27 for five groups with k = 0.5', () => {
    const network = prunableNetwork(mlp)
    expect(network.total).toBe(7296 + 256 * 64)
    const shares = sharesOf(
      [5, 4, 3, 2, 1].map((difficulty) => ({ difficulty })),
      'difficulty',
      0.5,
    )
    const counts = shares.map((share) => countsFor(network, [1, 1], share * network.total))
    expect(counts).toEqual([64, 55, 46, 36, 27].map((width) => [width, width]))
  })

  test.each(Object.keys(networks) as (keyof typeof networks)[])('%s: what is planned is what the graph counts, near the target', (kind) => {
    const model = networks[kind]
    const network = prunableNetwork(model)
    const coarsest = Math.max(...network.parts.map(({ quantum, macs }) => quantum * macs))
    const ratio = fc.double({ min: 0.1, max: 1, noNaN: true })
    const ratios = fc.array(ratio, { minLength: network.parts.length, maxLength: network.parts.length })
    const between = fc.double({ min: network.least / network.total, max: 1, noNaN: true })
    fc.assert(
      fc.property(ratios, between, (ratios, share) => {
        const target = share * network.total
        const counts = countsFor(network, ratios, target)
        const scores = network.parts.map(({ units }) => Float64Array.from({ length: units }, (_, i) => i))
        const { report } = pruned(model, network.parts, counts, scores, target)
        const planned = network.total - network.parts.reduce((sum, { units, macs }, i) => sum + (units - counts[i]) * macs, 0)
        expect(report.macs).toBeCloseTo(planned, 6)
        // Parts round together in the worst case.
        expect(Math.abs(report.macs - target)).toBeLessThanOrEqual(Math.max(0.02 * target, network.parts.length * coarsest))
        counts.forEach((count, i) => {
          expect(count % network.parts[i].quantum).toBe(0)
        })
      }),
      { numRuns: 8 },
    )
  })

  test('a budget below what cannot be pruned names what can be reached', () => {
    expect(() => countsFor(prunableNetwork(mlp), [1, 1], 0.2 * 23680)).toThrow(/a budget of 0\.200 .* keep at least 0\.319/)
  })

  test('shares that are none are refused', () => {
    expect(() => countsFor(prunableNetwork(mlp), [1, 0], 20_000)).toThrow('a kept share of 0')
    expect(() => countsFor(prunableNetwork(mlp), [1], 20_000)).toThrow('1 shares for 2 parts')
  })
})

test('of a group norm whole groups go, those that matter least together', () => {
  const model = networks.unet
  const { parts } = prunableNetwork(model)
  const counts = parts.map(({ units, quantum }) => units - quantum)
  // In every part the first group has the largest single unit, the last group the least sum.
  const scores = parts.map(({ units, quantum }) =>
    Float64Array.from({ length: units }, (_, i) => (i === 0 ? 10 : i >= units - quantum ? 0.1 : 1)),
  )
  const { model: small } = pruned(model, parts, counts, scores, 1)
  const expected = prune(
    model,
    parts.map(({ units, quantum }) => Array.from({ length: units - quantum }, (_, i) => i)),
  )
  expect(small.config).toEqual(expected.config)
  expect(macsOf(small)).toBe(macsOf(expected))
})
