import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadTabularOrImages } from '../../data/index.ts'
import { add, evaluate, fromArray, grad, key, matmul, mul, relu, sigmoid, sum, type Tensor, tensor, zeros } from '../../engine/index.ts'
import { exportOnnx } from '../../engine/onnx/index.ts'
import { convNet, mlp } from '../../nn/index.ts'
import { alignedInputs, featureScale, loadClassifier, ownExamples, saveClassifier, scaledIn, unscaledIn } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-classifier-'))
afterAll(() => rmSync(folder, { recursive: true }))

const csv = join(folder, 'table.csv')
const lines = Array.from({ length: 40 }, (_, i) => `${i},${1000 * Math.cos(i)},${i % 3 ? 'red' : 'blue'},${i > 19 ? 'yes' : 'no'}`)
writeFileSync(csv, `age,income,colour,answer\n${lines.join('\n')}\n`)
const table = () => loadTabularOrImages(csv, { target: 'answer' })

test('a saved classifier takes features as they are and gives the network’s logits', async () => {
  const own = await table()
  const { card, test: held } = ownExamples(own)
  const network = mlp({ sizes: [card.features.length, 8, 2] })
  const params = await evaluate(network.init(key(3)))
  await saveClassifier(join(folder, 'saved'), card, (x) => network.apply(params, x))
  const saved = await loadClassifier(join(folder, 'saved'))
  expect(saved.card).toEqual(card)
  expect(saved.operators.has('Relu')).toBe(true)

  const rows = own.y.shape[0]
  const raw = alignedInputs(saved.card!, own, csv)
  const logits = (await saved.apply(fromArray(raw)).array()) as number[][]
  const expected = (await network.apply(params, fromArray(held.x)).array()) as number[][]
  expect(logits).toHaveLength(rows)
  expected.forEach((row, k) => {
    row.forEach((value, j) => {
      expect(logits[5 * k][j]).toBeCloseTo(value, 4)
    })
  })

  // The chain rule: the gradient by features as they are is that by scaled ones over the deviation.
  const byRaw = await grad((x: Tensor) => sum(saved.apply(x)))(fromArray(raw)).data()
  const byScaled = await grad((x: Tensor) => sum(network.apply(params, x)))(scaledIn(fromArray(raw), card)).data()
  byRaw.forEach((value, i) => {
    expect(value).toBeCloseTo(byScaled[i] / card.deviation[i % card.deviation.length], 4)
  })
})

test('scales undo each other, for one number and for one a feature', async () => {
  const x = tensor([
    [1, 200, -3],
    [5, 100, 8],
  ])
  for (const scale of [featureScale(await x.ndarray()), { mean: [2], deviation: [7] }]) {
    const back = (await unscaledIn(scaledIn(x, scale), scale).data()) as Float32Array
    ;(await x.data()).forEach((value, i) => {
      expect(back[i]).toBeCloseTo(value, 3)
    })
  }
  const z = (await scaledIn(x, { mean: [1], deviation: [2] }).array()) as number[][]
  expect(z).toEqual([
    [0, 99.5, -2],
    [2, 49.5, 3.5],
  ])
})

test('rows are aligned by column name; unknown ones are refused by name', async () => {
  const { card } = ownExamples(await table())
  const other = join(folder, 'other.csv')
  writeFileSync(other, 'income,colour,age,answer\n7,red,30,yes\n8,red,31,no\n')
  const own = await loadTabularOrImages(other, { target: 'answer' })
  const { data, shape } = alignedInputs(card, own, other)
  expect(shape).toEqual([2, card.features.length])
  const column = (name: string) => data[card.features.findIndex((feature) => feature.startsWith(name))]
  expect([column('age'), column('income')]).toEqual([30, 7])
  writeFileSync(other, 'income,colour,height,answer\n7,red,30,yes\n8,red,31,no\n')
  const strange = await loadTabularOrImages(other, { target: 'answer' })
  expect(() => alignedInputs(card, strange, other)).toThrow(/not trained on "height"/)
})

test('images keep their shape; the file can be asked for smooth activations', async () => {
  const card = { classes: ['a', 'b', 'c'], features: [], image: [1, 16, 16] as [number, number, number], mean: [0.5], deviation: [0.25] }
  const network = convNet({ image: [1, 16, 16], classes: 3 })
  const params = await evaluate(network.init(key(0)))
  await saveClassifier(join(folder, 'images'), card, (x) => network.apply(params, x))
  const x = mul(add(zeros([2, 1, 16, 16]), 0.3), 1)
  const plain = (await (await loadClassifier(join(folder, 'images'))).apply(x).array()) as number[][]
  const expected = (await network.apply(params, scaledIn(x, card)).array()) as number[][]
  expect(plain[1][2]).toBeCloseTo(expected[1][2], 4)
  const smooth = await loadClassifier(join(folder, 'images'), { replace: { Relu: (y) => mul(y, sigmoid(mul(y, 50))) } })
  const near = (await smooth.apply(x).array()) as number[][]
  expect(near[1][2]).not.toBe(plain[1][2])
  expect(near[1][2]).toBeCloseTo(plain[1][2], 1)
})

test('a file from elsewhere needs no card; one logit becomes a column', async () => {
  const path = join(folder, 'elsewhere.onnx')
  writeFileSync(
    path,
    exportOnnx((x) => sum(relu(matmul(x, tensor([[1], [2]]))), { axes: 1 }), [zeros([3, 2])], { batch: ['input.0'] }),
  )
  const { card, exampleShape, apply } = await loadClassifier(path)
  expect(card).toBeUndefined()
  expect(exampleShape).toEqual([2])
  expect(await apply(tensor([[1, 1]])).array()).toEqual([[3]])
})

test.each([
  ['nothing there', 'absent', /there is no classifier/],
  ['a folder without one', '.', /there is no classifier/],
])('%s', async (_, path, message) => {
  await expect(loadClassifier(join(folder, path))).rejects.toThrow(message)
})

test('models that classify nothing are refused by what they take or give', async () => {
  const refused = async (bytes: Uint8Array, message: RegExp) => {
    writeFileSync(join(folder, 'bad.onnx'), bytes)
    await expect(loadClassifier(join(folder, 'bad.onnx'))).rejects.toThrow(message)
  }
  await refused(
    exportOnnx((a, b) => add(a, b), [zeros([1, 2]), zeros([1, 2])]),
    /takes 'input.0' float32/,
  )
  await refused(
    exportOnnx((x) => [x, mul(x, 2)], [zeros([1, 2])]),
    /gives/,
  )
  await refused(
    exportOnnx((x) => sum(x), [zeros([1, 2])]),
    /gives/,
  )
  await refused(
    exportOnnx((x) => x, [zeros([1, 2])], { metadata: { quire: '{"classes":["one"]}' } }),
    /no card/,
  )
})
