import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importOnnx, tensor } from '../../engine/index.ts'
import type { Verb } from '../method.ts'
import { verbs } from './command.ts'
import { planeSet, simplexSet } from './datasets.ts'
import { maxMargin } from './max-margin.ts'
import { perceptron } from './perceptron.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quire-prgd-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function run(name: string, options: Record<string, unknown>) {
  const verb = verbs.find((verb) => verb.name === name) as Verb
  const parsed = verb.options.parse({ out: join(folder, 'fit'), ...options }) as Record<string, unknown>
  const { signal } = new AbortController()
  return verb.run({ options: parsed, signal, log: () => {}, out: () => {}, progress: async () => {} })
}

const csv = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** a > 1 is "high": the largest margin lies between (0, ·) and (2, ·). */
const table = () => csv('table.csv', 'a,b,kind\n0,5,low\n0,-3,low\n2,4,high\n2,-4,high\n3,0,high\n')

test('fit finds the plane, writes it as JSON and ONNX, and certify agrees', async () => {
  const { json } = await run('fit', { data: table(), steps: 3000 })
  const found = json as { positive: string; weights: number[]; bias: number; margin: number; upperBound: number; status: string }
  expect(found).toMatchObject({ positive: 'low', negative: 'high', accuracy: 1, status: 'converged' })
  // The plane a = 1: low where 1 − a > 0.
  expect(found.weights[0] / found.bias).toBeCloseTo(-1, 1)
  expect(Math.abs(found.weights[1] / found.bias)).toBeLessThan(0.05)
  const saved = JSON.parse(readFileSync(join(folder, 'fit', 'classifier.json'), 'utf8'))
  expect(saved.weights).toEqual(found.weights)
  const model = importOnnx(readFileSync(join(folder, 'fit', 'classifier.onnx')))
  const { score } = model.apply(model.parameters, {
    features: tensor([
      [0, 1],
      [2, 1],
    ]),
  })
  expect([...(await score.data())].map(Math.sign)).toEqual([1, -1])
  const curve = readFileSync(join(folder, 'fit', 'curve.jsonl'), 'utf8')
    .trim()
    .split('\n')
  expect(curve).toHaveLength(3000)
  const certified = (await run('certify', { data: table(), classifier: join(folder, 'fit') })).json as Record<string, number>
  expect(certified.margin).toBeCloseTo(found.margin, 10)
  expect(certified.upperBound).toBeCloseTo(found.upperBound, 10)
})

test('standardized features give a classifier of raw ones with the same margin', async () => {
  const wide = csv('wide.csv', 'a,b,kind\n1000,0.5,x\n1010,0.3,x\n1500,0.4,y\n1490,0.9,y\n')
  const { json } = await run('fit', { data: wide, standardize: true, method: 'svm' })
  const certified = (await run('certify', { data: wide, classifier: join(folder, 'fit') })).json as Record<string, number>
  expect(certified.margin).toBeCloseTo((json as { margin: number }).margin, 8)
  expect((json as { accuracy: number }).accuracy).toBe(1)
})

test('compare puts every method beside the exact margin', async () => {
  const { json, lines } = await run('compare', { data: table(), steps: 500 })
  const { rows, largestMargin } = json as { rows: { method: string; margin: number; upperBound: number }[]; largestMargin: number }
  expect(rows.map(({ method }) => method)).toEqual(['prgd', 'ngd', 'gd', 'dualMomentum', 'perceptron', 'svm'])
  for (const { margin, upperBound } of rows) {
    expect(margin).toBeLessThanOrEqual(largestMargin + 1e-12)
    expect(upperBound).toBeGreaterThanOrEqual(largestMargin - 1e-12)
  }
  expect(lines).toHaveLength(8)
})

test('what a fit says of itself', async () => {
  const z = planeSet(0.1)
  const status = async (options: Parameters<typeof maxMargin>[1]) => (await maxMargin(z, { learningRate: 1, ...options })).status
  expect(await status({ steps: 1000 })).toBe('converged')
  expect(await status({ steps: 300, method: 'ngd' })).toBe('unfinished')
  expect(await status({ steps: 150, warmup: 20, tolerance: 1e-12, schedule: { kind: 'exponential', rho: 4, interval: 1 } })).toBe(
    'radius-limit',
  )
  expect(await status({ method: 'svm' })).toBe('converged')
  const opposite = { ...z, shape: [4, 2], data: Float64Array.of(...z.data, -z.data[0], -z.data[1]) }
  expect((await maxMargin(opposite, { steps: 200 })).status).toBe('not-separable')
})

test('a norm that doubles faster than the direction can follow freezes it, and fit says so', async () => {
  // λ = (1 − g²)/10 here, and κ = ln 2/5 = 0.14.
  const z = await simplexSet(11, 0.05, 0)
  const { status, margin } = await maxMargin(z, { learningRate: 1, steps: 250, schedule: { kind: 'exponential', rho: 2, interval: 5 } })
  expect(status).toBe('frozen')
  expect(margin).toBeLessThan(0.9 * 0.05)
})

test('the perceptron separates what can be separated', () => {
  const z = planeSet(0.2)
  const w = perceptron(z, { passes: 1000 })
  for (let i = 0; i < 3; i++) expect(w[0] * z.data[2 * i] + w[1] * z.data[2 * i + 1]).toBeGreaterThan(0)
})

test.each([
  ['examples 1 and 3 have the same features and different classes', 'a,b,y\n1,2,p\n1,3,q\n1,2,q\n', {}],
  ['it has 3 classes: p, q, r; name two with --positive and --negative', 'a,y\n1,p\n2,q\n3,r\n', {}],
  ["unknown class 'pp'", 'a,y\n1,p\n2,q\n', { positive: 'pp' }],
  ["both classes are 'p'", 'a,y\n1,p\n2,q\n', { positive: 'p', negative: 'p' }],
  ['the norm is multiplied by 1 a stage', 'a,y\n1,p\n2,q\n', { rho: 1 }],
  ['50 steps leave nothing after a warm-up of 100', 'a,y\n1,p\n2,q\n', { steps: 50 }],
])('refused: %s', async (message, text, options) => {
  await expect(run('fit', { data: csv('bad.csv', text), ...options })).rejects.toThrow(message)
})

test('certify refuses what is no classifier of these features', async () => {
  const data = table()
  const certify = (text: string) => run('certify', { data, classifier: csv('c.json', text) })
  await expect(certify('{"weights": [1], "bias": 0}')).rejects.toThrow('1 weights do not go with 2 features')
  await expect(certify('{"weights": "x"}')).rejects.toThrow('is no classifier; it needs "weights"')
  await expect(certify('x')).rejects.toThrow('is not JSON')
  await expect(run('certify', { data, classifier: join(folder, 'none') })).rejects.toThrow('there is no such classifier')
})

test('train widens the margin of a network on all classes, and writes it', async () => {
  const rows = Array.from({ length: 60 }, (_, i) =>
    [Math.cos(2.1 * (i % 3) + 0.01 * i), Math.sin(2.1 * (i % 3) + 0.01 * i), 'pqr'[i % 3]].join(),
  )
  const out = join(folder, 'network')
  const options = { data: csv('three.csv', `a,b,y\n${rows.join('\n')}\n`), hidden: [12], steps: 200, learningRate: 0.01, out }
  const { json } = await run('train', options)
  const found = json as { margin: { before: number; after: number }; accuracy: number }
  expect(found.margin.after).toBeGreaterThan(found.margin.before)
  expect(found.accuracy).toBe(1)
  const model = importOnnx(readFileSync(join(out, 'network.onnx')))
  const { logits } = model.apply(model.parameters, { features: tensor([[1, 0]]) })
  const values = [...(await logits.data())]
  expect(values.indexOf(Math.max(...values))).toBe(0)
  expect(readFileSync(join(out, 'margin.jsonl'), 'utf8').trim().split('\n')).toHaveLength(8)
})
