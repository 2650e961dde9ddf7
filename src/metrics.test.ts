import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/*
 * The registry of metrics: the files that hold what is measured, the test file with the brute-force twins of each, and what in them is no metric.
 * A function that is exported from one of these files and has no test called `the twin of …` fails here.
 */

interface Place {
  readonly twins: string
  /** Helpers of metrics, and what is not measured. */
  readonly not?: readonly string[]
}

const places: Readonly<Record<string, Place>> = {
  'nn/losses.ts': { twins: 'nn/losses.test.ts' },
  'kits/metrics/predictions.ts': { twins: 'kits/metrics/metrics.test.ts' },
  'kits/metrics/roc.ts': { twins: 'kits/metrics/metrics.test.ts' },
  'kits/metrics/correlation.ts': { twins: 'kits/metrics/agreement.test.ts', not: ['isConstant'] },
  'kits/metrics/logistic-fit.ts': { twins: 'kits/metrics/agreement.test.ts' },
  'kits/metrics/fidelity.ts': { twins: 'kits/metrics/agreement.test.ts' },
  'kits/metrics/binomial.ts': { twins: 'kits/metrics/roc-curve.test.ts' },
  'kits/metrics/delong.ts': { twins: 'kits/metrics/roc-curve.test.ts', not: ['withNormalInterval'] },
  'kits/metrics/roc-curve.ts': { twins: 'kits/metrics/roc-curve.test.ts' },
  'methods/ramda/structure.ts': { twins: 'methods/ramda/metrics.test.ts' },
  'methods/forward-frank-wolfe/sparsity.ts': { twins: 'methods/forward-frank-wolfe/metrics.test.ts' },
  'methods/forward-frank-wolfe/gap.ts': { twins: 'methods/forward-frank-wolfe/metrics.test.ts' },
  'methods/prgd/rates.ts': { twins: 'methods/prgd/metrics.test.ts' },
  'methods/prgd/examples.ts': { twins: 'methods/prgd/metrics.test.ts', not: ['signExamples'] },
  'methods/r2et/ranking.ts': { twins: 'methods/r2et/metrics.test.ts', not: ['requireK', 'randomMask'] },
  'methods/r2et/thickness.ts': { twins: 'methods/r2et/metrics.test.ts' },
  'methods/r2et/faithfulness.ts': { twins: 'methods/r2et/metrics.test.ts' },
  'experiment/verdict/robust.ts': { twins: 'experiment/verdict/robust.test.ts' },
}

const sourceOf = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8')

/** Names in the titles of tests such as `the twins of recall and precision count`. */
const twinsIn = (path: string): Set<string> =>
  new Set([...sourceOf(path).matchAll(/the twins? of ([^'`]+)/g)].flatMap(([, title]) => title.match(/\w+/g) ?? []))

describe.each(Object.entries(places))('%s', (path, { twins, not = [] }) => {
  test('every metric has a twin', async () => {
    const exported = Object.entries(await import(join(import.meta.dirname, path)))
    const metrics = exported.flatMap(([name, value]) => (typeof value === 'function' && !not.includes(name) ? [name] : []))
    expect(metrics.length).toBeGreaterThan(0)
    const twin = twinsIn(twins)
    expect(metrics.filter((name) => !twin.has(name))).toEqual([])
  })
})

test('a metric without a twin is seen', () => expect(twinsIn('nn/losses.test.ts').has('meanAbsoluteError')).toBe(false))
