import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeNpy } from '../../data/index.ts'
import { evaluate, key, matmul, ndarray, random, relu, softmax, type Tensor, tensor, zeros } from '../../engine/index.ts'
import { exportOnnx } from '../../engine/onnx/index.ts'
import { classifierFile, saveClassifier } from '../../kits/classifier/index.ts'
import { convNet } from '../../nn/index.ts'
import type { Verb } from '../method.ts'
import type { RowRecord } from './row-records.ts'
import { auditVerb } from './verb-audit.ts'
import { explainVerb } from './verb-explain.ts'
import { trainVerb } from './verb-train.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-r2et-'))
afterAll(() => rmSync(folder, { recursive: true }))

const said: string[] = []
const run = async (verb: Verb, options: Record<string, unknown>) => {
  said.length = 0
  const result = await verb.run({
    options: verb.options.parse(options),
    signal: new AbortController().signal,
    log: (line) => said.push(line),
    out: () => {},
    progress: async () => {},
  })
  return result.json
}

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const recordsIn = (path: string): RowRecord[] =>
  readFileSync(join(path, 'rows.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** The class follows from the debt alone. */
const line = (i: number) => [(i * 7) % 11, (i * 5) % 13, ['red', 'green'][i % 2], (i * 3) % 5, (i * 7) % 11 > 5 ? 'yes' : 'no']
const header = 'debt,age,colour,children,default'
const table = file('credit.csv', `${header}\n${Array.from({ length: 200 }, (_, i) => line(i).join(',')).join('\n')}\n`)
const model = join(folder, 'model')
let trained: Record<'before' | 'after', { accuracy: number; worst: number }>
beforeAll(async () => {
  const settings = { data: table, k: 2, epochs: 40, again: 2, points: 10, batch: 32, hidden: [8], out: model }
  trained = (await run(trainVerb, settings)) as typeof trained
})

describe('a model trained on a table', () => {
  test('explains its rows by their columns', async () => {
    expect(trained.after.accuracy).toBeGreaterThan(0.9)
    expect(recordsIn(model)).toHaveLength(10)
    const picture = join(folder, 'why.svg')
    const told = (await run(explainVerb, { model, data: table, row: 3, picture })) as { top: { feature: string }[]; predicted: string }
    expect(told.top.map(({ feature }) => feature)).toHaveLength(2)
    expect(told.top[0].feature).toBe('debt')
    expect(told.predicted).toBe(line(3)[4])
    expect(readFileSync(picture, 'utf8')).toContain('>debt</text>')
  })

  test('is audited row by row: no attack changes the top k within its certificate', async () => {
    const out = join(folder, 'audit')
    const found = (await run(auditVerb, { model, data: table, points: 20, steps: 20, radii: [0.2, 1], out })) as Record<string, unknown>
    expect(found).toMatchObject({ k: 2, labelKept: 1, curve: { radii: [0.2, 1] } })
    expect(found.auc).toBeGreaterThan(0.95)
    const rows = recordsIn(out)
    expect(rows).toHaveLength(20)
    for (const { certificate, empiricalRadius, flip = Number.POSITIVE_INFINITY, perturbation, top, topAfter, precision } of rows) {
      expect(empiricalRadius).toBeGreaterThanOrEqual(0)
      expect(certificate!).toBeLessThanOrEqual(flip)
      expect(perturbation).toBeLessThanOrEqual(0.5001)
      expect(top.filter((name) => topAfter.includes(name)).length / 2).toBeCloseTo(precision, 6)
    }
    expect(readFileSync(join(out, 'curve.svg'), 'utf8')).toContain('<svg')
  })

  test('under attacks that leave categories alone, or keep them mixtures', async () => {
    for (const features of ['numeric', 'simplex'])
      expect(
        await run(auditVerb, { model, data: table, points: 5, steps: 5, attack: ['er'], features, out: join(folder, 'a') }),
      ).toMatchObject({ labelKept: 1 })
  })

  test('can be trained further, and so can a graph that anybody wrote', async () => {
    const common = { data: table, again: 1, k: 2, points: 5, batch: 32 }
    expect(await run(trainVerb, { ...common, base: model, out: join(folder, 'further') })).toHaveProperty('after.worst')
    const base = join(model, classifierFile)
    const out = join(folder, 'hardened')
    const told = (await run(trainVerb, { ...common, base, out })) as typeof trained
    expect(told.before.accuracy).toBeCloseTo(trained.after.accuracy, 6)
    expect(await run(explainVerb, { model: out, data: table, k: 2, picture: join(folder, 'h.svg') })).toHaveProperty('predicted')
  })

  test.each([
    ['a row that is not there', explainVerb, { row: 200 }, 'there is no row 200 among 200'],
    ['k that leaves nothing out', auditVerb, { k: 5 }, 'k is 5, there are 5 features; give a whole number from 1 to 4'],
    [
      'a level that training has not seen',
      explainVerb,
      { data: file('blue.csv', `${header}\n1,2,blue,3,yes\n1,2,red,3,no\n`) },
      'the model was not trained on "colour=blue"',
    ],
    ['a missing value', auditVerb, { data: file('hole.csv', `${header}\n1,,red,3,yes\n1,2,red,3,no\n`) }, 'the value is missing'],
    [
      'a class that it does not know',
      auditVerb,
      { data: file('class.csv', `${header}\n1,2,green,3,maybe\n1,2,red,3,no\n`) },
      'the model does not know the class "maybe"',
    ],
  ])('refuses %s', async (_, verb, options, message) => {
    await expect(run(verb, { model, data: table, picture: join(folder, 'p.svg'), out: join(folder, 'o'), ...options })).rejects.toThrow(
      message,
    )
  })

  test('refuses a radius that is not positive', () => {
    for (const verb of [explainVerb, auditVerb]) expect(() => verb.options.parse({ model, data: table, eps: 0 })).toThrow('eps')
  })

  test('is not audited where it is no better than chance', async () => {
    const shuffled = Array.from({ length: 200 }, (_, i) => [...line(i).slice(0, 4), (i * 37) % 64 > 31 ? 'yes' : 'no'].join(','))
    const data = file('noise.csv', `${header}\n${shuffled.join('\n')}\n`)
    await expect(run(auditVerb, { model, data, out: join(folder, 'o') })).rejects.toThrow('no better than chance')
  })

  test('missing values are filled in where that is asked for', async () => {
    const data = file(
      'holes.csv',
      `${header}\n${Array.from({ length: 60 }, (_, i) => (i === 3 ? '2,,red,1,no' : line(i).join(','))).join('\n')}\n`,
    )
    expect(await run(auditVerb, { model, data, impute: true, points: 5, steps: 3, out: join(folder, 'o') })).toHaveProperty('worst')
  })
})

describe('classifiers from elsewhere', () => {
  const write = (name: string, fn: (x: Tensor) => Tensor, width = 5): string => {
    writeFileSync(join(folder, name), exportOnnx(fn, [zeros([1, width])], { batch: ['input.0'], outputs: ['logits'] }))
    return join(folder, name)
  }
  /** Columns as they are: debt, age, two colours, children; the class turns at a debt of 5.5. */
  const debt = (x: Tensor) => matmul(x, tensor([[1], [0.02], [0], [0.1], [0.05]]))

  test('of ReLU are warned of, and can be asked for softplus', async () => {
    const path = write('relu.onnx', (x) =>
      matmul(
        relu(
          matmul(
            x,
            tensor([
              [1, -1],
              [0.02, 0],
              [0, 0.1],
              [0.1, 0],
              [0.05, 0.1],
            ]),
          ),
        ),
        tensor([
          [-1, 1],
          [0, -0.1],
        ]),
      ),
    )
    const options = { model: path, data: table, k: 2, points: 10, steps: 10, attack: ['er'], out: join(folder, 'r') }
    const kinks = (await run(auditVerb, options)) as { precision: { er: number } }
    expect(said.join()).toContain('try --smooth 10')
    expect(kinks.precision.er).toBe(1)
    const smooth = (await run(auditVerb, { ...options, smooth: 2 })) as { cosine: number }
    expect(said.join()).not.toContain('constant in pieces')
    expect(smooth.cosine).toBeLessThan(0.99999)
  })

  test('that give probabilities are explained by their logarithms', async () => {
    const path = write('soft.onnx', (x) => softmax(matmul(debt(x), tensor([[-1, 1]]))))
    expect(await run(explainVerb, { model: path, data: table, k: 1, row: 3, picture: join(folder, 's.svg') })).toMatchObject({
      top: [{ feature: 'debt' }],
    })
  })

  test('for other data are refused', async () => {
    const path = write('wide.onnx', (x) => matmul(x, zeros([7, 2])), 7)
    await expect(run(explainVerb, { model: path, data: table })).rejects.toThrow('an example has 5 numbers, the model takes [7]')
    const three = write('three.onnx', (x) => matmul(x, zeros([5, 3])))
    await expect(run(explainVerb, { model: three, data: table })).rejects.toThrow('the model tells 3 classes apart, the data have 2')
  })

  test('of images are explained by heat maps, convolution and all', async () => {
    const [network, card] = [
      convNet({ image: [3, 16, 16], classes: 2, channels: [2, 3], hidden: 6 }),
      { classes: ['0', '1'], features: [], image: [3, 16, 16] as [number, number, number], mean: [0.5], deviation: [0.5] },
    ]
    const params = await evaluate(network.init(key(0)))
    await saveClassifier(join(folder, 'images'), card, (x) => network.apply(params, x))
    const pixels = await random.uniform(key(1), [4, 3, 16, 16]).data()
    writeFileSync(join(folder, 'x.npy'), writeNpy(ndarray(Float32Array.from(pixels), [4, 3, 16, 16], 'float32')))
    writeFileSync(join(folder, 'y.npy'), writeNpy(ndarray(Int32Array.of(0, 1, 0, 1), [4], 'int32')))
    const picture = join(folder, 'heat.svg')
    const options = { model: join(folder, 'images'), data: join(folder, 'x.npy'), smooth: 5, k: 10, steps: 3, row: 2, picture }
    const told = (await run(explainVerb, options)) as { top: { feature: string }[] }
    expect(told.top).toHaveLength(10)
    expect(told.top[0].feature).toMatch(/^row \d+, column \d+$/)
    // Three maps of 256 cells, and the ground.
    expect(readFileSync(picture, 'utf8').match(/<rect/g)).toHaveLength(3 * 256 + 1)
  })
})
