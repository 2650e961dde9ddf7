import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { add, matmul, ndarray, relu, tensor } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import { loadClassifier, saveClassifier } from '../../kits/classifier/index.ts'
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

async function run(name: string, options: Record<string, unknown>, log: (line: string) => void = () => {}) {
  const verb = verbs.find((verb) => verb.name === name) as Verb
  const parsed = verb.options.parse({ out: join(folder, 'fit'), ...options }) as Record<string, unknown>
  const { signal } = new AbortController()
  return verb.run({ options: parsed, signal, log, out: () => {}, progress: async () => {} })
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
  const model = await loadClassifier(join(folder, 'fit'))
  expect(model.card).toMatchObject({ classes: ['high', 'low'], features: ['a', 'b'] })
  const scores = model.apply(
    tensor([
      [0, 1],
      [2, 1],
    ]),
  )
  expect([...(await scores.data())].map(Math.sign)).toEqual([1, -1])
  const { weights, bias } = readSafetensors(readFileSync(join(folder, 'fit', 'weights.safetensors'))).tensors
  expect([...weights.data, ...bias.data]).toEqual([...saved.weights, saved.bias])
  const curve = readFileSync(join(folder, 'fit', 'curve.jsonl'), 'utf8')
    .trim()
    .split('\n')
  expect(curve).toHaveLength(3000)
  expect(Object.keys(JSON.parse(curve[2000]))).toEqual(['t', 'margin', 'radius', 'logLoss', 'reach'])
  const reach = curve.map((line) => JSON.parse(line).reach as number | null)
  // Before the norm is rescaled nothing limits the turning; then less and less is left.
  expect(reach[50]).toBeNull()
  expect(reach[2999]).toBeLessThan(reach[200]!)
  for (const picture of ['margins.svg', 'curve.svg']) expect(readFileSync(join(folder, 'fit', picture), 'utf8')).toMatch(/^<svg/)
  const certified = (await run('certify', { data: table(), classifier: join(folder, 'fit') })).json as Record<string, number>
  expect(certified.margin).toBeCloseTo(found.margin, 10)
  expect(certified.upperBound).toBeCloseTo(found.upperBound, 10)
})

test('the support is given as numbers of the examples in the data', async () => {
  const data = csv('three-kinds.csv', 'a,kind\n9,other\n0,low\n8,other\n2,high\n-1,low\n')
  const { json } = await run('fit', { data, positive: 'low', negative: 'high', method: 'svm' })
  expect((json as { supportRows: number[] }).supportRows).toEqual([2, 4])
})

test('any loss and any schedule come to the same plane; without a bias it goes through the origin', async () => {
  for (const options of [{ loss: 'logistic' }, { degree: 3 }, { rho: 1.02 }]) {
    const { json } = await run('fit', { data: table(), steps: 3000, ...options })
    const { weights, bias, status } = json as { weights: number[]; bias: number; status: string }
    expect(weights[0] / bias, JSON.stringify(options)).toBeCloseTo(-1, 1)
    expect(status).not.toBe('not-separated')
  }
  const through = csv('through.csv', 'a,b,kind\n1,3,up\n1,-1,down\n')
  const { json } = await run('fit', { data: through, method: 'svm', bias: false })
  const { weights, bias, margin, scale } = json as { weights: number[]; bias: number; margin: number; scale: number }
  // Of (1, 3) and −(1, −1) the nearest point of the hull is found by hand: (−1, 1) + t (2, 2) has least length √2 at t = 0.
  expect([weights[0], weights[1], bias, margin * scale].map((value) => value.toFixed(9))).toEqual(
    [-Math.SQRT1_2, Math.SQRT1_2, 0, Math.SQRT2].map((value) => value.toFixed(9)),
  )
  const certified = (await run('certify', { data: through, classifier: join(folder, 'fit'), bias: false })).json as { margin: number }
  expect(certified.margin).toBeCloseTo(margin, 12)
})

test('safetensors with x and y are read like a table', async () => {
  const path = join(folder, 'features.safetensors')
  const x = ndarray(Float32Array.of(0, 5, 0, -3, 2, 4, 2, -4, 3, 0), [5, 2], 'float32')
  writeFileSync(path, writeSafetensors({ x, y: ndarray(Int32Array.of(0, 0, 1, 1, 1), [5], 'int32') }, {}))
  const margin = async (data: string) => ((await run('fit', { data, method: 'svm' })).json as { margin: number }).margin
  expect(await margin(path)).toBeCloseTo(await margin(table()), 12)
})

/** Three bundles of directions. */
const bundles = (name: string, count = 60): string => {
  const rows = Array.from({ length: count }, (_, i) =>
    [Math.cos(2.1 * (i % 3) + 0.01 * i), Math.sin(2.1 * (i % 3) + 0.01 * i), 'pqr'[i % 3]].join(),
  )
  return csv(name, `a,b,y\n${rows.join('\n')}\n`)
}

test.each([
  ['oneVsRest', 3],
  ['pairwise', 3],
])('several classes, %s: planes, one classifier of them, a certificate for each', async (multiClass, count) => {
  const out = join(folder, multiClass)
  const data = bundles('bundles.csv')
  const { json } = await run('fit', { data, multiClass, steps: 600, learningRate: 4, out })
  const { accuracy, planes } = json as { accuracy: number; planes: { positive: string; negative: string; margin: number }[] }
  expect(accuracy).toBe(1)
  expect(planes).toHaveLength(count)
  const { card, apply } = await loadClassifier(out)
  expect(card!.classes).toEqual(['p', 'q', 'r'])
  const logits = (await apply(
    tensor([
      [1, 0],
      [Math.cos(2.1), Math.sin(2.1)],
      [Math.cos(4.2), Math.sin(4.2)],
    ]),
  ).array()) as number[][]
  expect(logits.map((row) => row.indexOf(Math.max(...row)))).toEqual([0, 1, 2])
  const classes = multiClass === 'pairwise' ? { positive: 'q', negative: 'p' } : { positive: 'q' }
  const certified = (await run('certify', { data, classifier: out, ...classes })).json as { margin: number }
  const own = planes.find(({ positive, negative }) => positive === 'q' || negative === 'q')!
  expect(certified.margin).toBeCloseTo(planes[multiClass === 'pairwise' ? planes.indexOf(own) : 1].margin, 10)
})

test('fit warns of constant features, of steps that overshoot, and of a norm that outruns the direction', async () => {
  const lines: string[] = []
  const data = csv('constant.csv', 'a,b,c,kind\n0,5,7,low\n0,-3,7,low\n2,4,7,high\n2,-4,7,high\n3,0,7,high\n')
  await run('fit', { data, steps: 300, learningRate: 100, rho: 50, drop: [] }, (line) => lines.push(line))
  expect(lines.find((line) => line.startsWith('constant'))).toBe('constant in these examples, and of no use: c; --drop leaves columns out')
  lines.length = 0
  await run('fit', { data: table(), steps: 300, learningRate: 100 }, (line) => lines.push(line))
  expect(lines.join()).toContain('the learning rate 100 is above 2/λ')
  lines.length = 0
  await run('fit', { data: table(), steps: 300, learningRate: 1, rho: 1.5 }, (line) => lines.push(line))
  expect(lines.join()).toMatch(/the norm grows by κ = 0.081 a step, .* it stays behind/)
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
  await expect(certify('{"planes": [{"positive": "p", "negative": "q", "weights": [1, 2], "bias": 0}]}')).rejects.toThrow(
    "it has no plane between 'low' and 'high'",
  )
})

test('certify reads any linear classifier from ONNX, and no other', async () => {
  const out = join(folder, 'linear')
  const data = bundles('linear.csv')
  const card = { classes: ['p', 'q', 'r'], features: ['a', 'b'], mean: [1, -2], deviation: [3, 0.5] }
  const rows = [
    [1, 0.2, -0.4],
    [-0.3, 0.1, 0.6],
  ]
  await saveClassifier(out, card, (x) => add(matmul(x, tensor(rows)), tensor([0.5, -0.25, 0])))
  const { json } = await run('certify', { data, classifier: out, positive: 'q', negative: 'p' })
  // q − p on ((a − 1)/3, (b + 2)/0.5), by hand.
  const plane = { weights: [-0.8 / 3, 0.4 / 0.5], bias: 0.8 / 3 + 0.4 * 4 - 0.75 }
  const byHand = await run('certify', { data, classifier: csv('hand.json', JSON.stringify(plane)), positive: 'q', negative: 'p' })
  expect((json as { margin: number }).margin).toBeCloseTo((byHand.json as { margin: number }).margin, 5)
  await saveClassifier(out, { ...card, mean: [0], deviation: [1] }, (x) => matmul(relu(x), tensor(rows)))
  await expect(run('certify', { data, classifier: out, positive: 'q', negative: 'p' })).rejects.toThrow('is not linear')
  await expect(run('certify', { data, classifier: out, positive: 'q' })).rejects.toThrow("tells p, q, r apart, not 'q' and 'the rest'")
})

test('train widens the margin of a network on all classes, and writes it', async () => {
  const out = join(folder, 'network')
  const options = { data: bundles('three.csv'), hidden: [12], steps: 200, learningRate: 0.01, out }
  const { json } = await run('train', options)
  const found = json as { margin: { before: number; after: number }; accuracy: number }
  expect(found.margin.after).toBeGreaterThan(found.margin.before)
  expect(found.accuracy).toBe(1)
  const { card, apply } = await loadClassifier(out)
  expect(card!.classes).toEqual(['p', 'q', 'r'])
  const values = [...(await apply(tensor([[1, 0]])).data())]
  expect(values.indexOf(Math.max(...values))).toBe(0)
  expect(readFileSync(join(out, 'margin.jsonl'), 'utf8').trim().split('\n')).toHaveLength(8)
})
