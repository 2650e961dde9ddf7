import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { generateDigits } from './digits.ts'
import { generateText } from './generated-text.ts'
import { parseIdx, writeIdx } from './idx.ts'
import { loadMnist, mnistSplit, normalize } from './mnist.ts'
import { loadOptdigits } from './optdigits.ts'
import { loadAdult, loadWdbc } from './tables.ts'
import { closed, inFolder } from './testing/helpers.ts'
import { charText, loadText, splitText, windows, windowsAt } from './text.ts'

const total = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0)

/** Real where it lies beside the checkout, generated elsewhere: what is tested must hold for both. */
test('MNIST or its stand-in: shapes, ranges, split, normalisation', async () => {
  const { images, labels, provenance } = await loadMnist({ offline: true })
  expect(images).toMatchObject({ shape: [10000, 28, 28], dtype: 'float32' })
  expect(images.data.every((pixel) => Number.isInteger(pixel) && pixel >= 0 && pixel <= 255)).toBe(true)
  const counts = new Array<number>(10).fill(0)
  for (const label of labels.data) counts[label]++
  if (provenance.real) expect(counts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
  expect(Math.min(...counts)).toBeGreaterThan(850)
  const { train, test } = mnistSplit({ images, labels })
  expect([train.x.shape[0], test.x.shape[0]]).toEqual([8000, 2000])
  expect([test.y.data[1], train.y.data[0]]).toEqual([labels.data[5], labels.data[1]])
  const inputs = normalize(test.x).data
  expect(Math.min(...inputs.subarray(0, 784))).toBeCloseTo(-0.4242, 4)
  const mean = total(inputs) / inputs.length
  expect(Math.abs(mean)).toBeLessThan(0.2)
})

test('without MNIST the digits are generated and say so; a pair of IDX files is taken as it is', async () => {
  const { images, labels } = generateDigits({ count: 3, seed: 1 })
  const idx = {
    'my-images-idx3-ubyte': writeIdx(images, { ubyte: true }),
    'my-labels-idx1-ubyte.gz': gzipSync(writeIdx(labels, { ubyte: true })),
  }
  await inFolder({ ...idx, 'work/x': '' }, async (folder) => {
    const lines: string[] = []
    const mnist = await loadMnist(closed(folder, { log: (line) => lines.push(line) }))
    expect(mnist.provenance).toMatchObject({ name: 'generated-digits', real: false })
    expect(mnist.images.shape).toEqual([10000, 28, 28])
    expect(lines.at(-1)).toContain('real: false')
    const own = await loadMnist({ data: `${folder}/my-images-idx3-ubyte` })
    expect(own).toMatchObject({ images, labels, provenance: { name: 'own data', real: true } })
    await expect(loadMnist({ data: `${folder}/my-labels-idx1-ubyte.gz` })).rejects.toThrow('no file of labels beside it')
  })
})

test('generated digits follow from seed and index, leave the border empty, and survive IDX', () => {
  const few = generateDigits({ count: 50, seed: 7 })
  const many = generateDigits({ count: 300, seed: 7 })
  expect(many.images.data.subarray(0, 50 * 784)).toEqual(few.images.data)
  expect(generateDigits({ count: 50, seed: 8 }).images.data).not.toEqual(few.images.data)
  expect(new Set(many.labels.data).size).toBe(10)
  expect(parseIdx(writeIdx(few.images, { ubyte: true }), { dtype: 'float32' })).toEqual(few.images)
  for (let i = 0; i < 300; i++) expect(many.images.data[i * 784]).toBe(0)
  expect(() => generateDigits({ count: 0, seed: 0 })).toThrow('0 digits cannot be drawn')
})

test('generated digits can be told apart, but not by their mean images alone', () => {
  const { images, labels } = generateDigits({ count: 3000, seed: 0 })
  const means = Array.from({ length: 10 }, () => new Float64Array(784))
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 2000; i++) {
    counts[labels.data[i]]++
    for (let p = 0; p < 784; p++) means[labels.data[i]][p] += images.data[i * 784 + p]
  }
  for (const [digit, mean] of means.entries()) for (let p = 0; p < 784; p++) mean[p] /= counts[digit]
  let right = 0
  for (let i = 2000; i < 3000; i++) {
    const distances = means.map((mean) => mean.reduce((sum, value, p) => sum + (images.data[i * 784 + p] - value) ** 2, 0))
    if (distances.indexOf(Math.min(...distances)) === labels.data[i]) right++
  }
  expect(right / 1000).toBeGreaterThan(0.5)
  expect(right / 1000).toBeLessThan(0.9)
})

test('characters, windows and splits', () => {
  const { vocabulary, tokens, encode, decode } = charText('héllo héllo')
  expect(vocabulary).toEqual([' ', 'h', 'l', 'o', 'é'])
  expect(decode(tokens.data)).toBe('héllo héllo')
  expect(() => encode('x')).toThrow('"x" is not in the vocabulary of 5')
  const { x, y } = windows(tokens, { context: 4 })
  expect([x.shape, decode(x.data), decode(y.data)]).toEqual([[2, 4], 'héllo hé', 'éllo hél'])
  expect(windows(tokens, { context: 4, stride: 1 }).x.shape).toEqual([7, 4])
  const random = windowsAt(tokens, { context: 3, size: 5, seed: 1 }, 7)
  expect(windowsAt(tokens, { context: 3, size: 5, seed: 1 }, 7)).toEqual(random)
  expect(windowsAt(tokens, { context: 3, size: 5, seed: 1 }, 8)).not.toEqual(random)
  const { train, test } = splitText(tokens, 0.9)
  expect([train.shape, test.shape]).toEqual([[9], [2]])
  expect(() => windows(test, { context: 2 })).toThrow('shorter than a window')
  expect(() => splitText(tokens, 1)).toThrow('between 0 and 1')
  expect(() => charText('')).toThrow('empty')
})

test('Shakespeare or its stand-in, and own texts', async () => {
  const { vocabulary, tokens, decode, provenance } = await loadText({ offline: true })
  if (provenance.real) expect([vocabulary.length, tokens.data.length]).toEqual([65, 1_115_394])
  expect(decode(tokens.data.subarray(0, 14))).toMatch(/^[A-Z][A-Za-z ]+:?/)
  await inFolder({ 'own.txt': 'abcabc', 'empty.txt': '', 'binary.txt': Uint8Array.of(255, 254) }, async (folder) => {
    expect(await loadText({ data: `${folder}/own.txt` })).toMatchObject({
      vocabulary: ['a', 'b', 'c'],
      provenance: { name: 'own text', real: true },
    })
    await expect(loadText({ data: `${folder}/empty.txt` })).rejects.toThrow('the file is empty')
    await expect(loadText({ data: `${folder}/binary.txt` })).rejects.toThrow('not UTF-8')
    const generated = await loadText(closed(folder))
    expect(generated.provenance.real).toBe(false)
    expect(generated.tokens.data.length).toBe(200_000)
  })
  expect(generateText({ length: 100, seed: 3 })).toBe(generateText({ length: 200, seed: 3 }).slice(0, 100))
})

test('the tables or their stand-ins have the same columns', async () => {
  await inFolder({}, async (folder) => {
    for (const table of [await loadWdbc({ offline: true }), await loadWdbc(closed(folder))]) {
      expect(table.x.shape).toEqual([569, 30])
      expect(table.classes).toEqual(['B', 'M'])
      expect(table.featureNames[0]).toBe('radius_mean')
      const malignant = total(table.y.data)
      if (table.provenance.real) expect(malignant).toBe(212)
      expect(Math.abs(malignant - 212)).toBeLessThan(40)
    }
    for (const table of [await loadAdult({ offline: true }), await loadAdult(closed(folder))]) {
      expect(table.classes).toEqual(['<=50K', '>50K'])
      expect(table.levels.workclass).toContain('?')
      expect(table.featureNames).toContain('sex=Female')
      const rich = total(table.y.data)
      if (table.provenance.real) expect(rich).toBe(7841)
      expect(rich / table.y.data.length).toBeGreaterThan(0.1)
      expect(rich / table.y.data.length).toBeLessThan(0.5)
    }
  })
})

test('optdigits or its stand-in: pixels count dark dots in 4 by 4, and both parts have all digits', async () => {
  const { train, test, provenance } = await loadOptdigits({ offline: true })
  for (const [{ x, y }, count] of [
    [train, 3823],
    [test, 1797],
  ] as const) {
    expect([x.shape, y.shape]).toEqual([[count, 64], [count]])
    expect(x.data.every((value) => Number.isInteger(value) && value >= 0 && value <= 16)).toBe(true)
    expect(new Set(y.data).size).toBe(10)
  }
  // The counts that the set's documentation gives for 0 and 9.
  if (provenance.real) expect([0, 9].map((digit) => [...train.y.data].filter((label) => label === digit).length)).toEqual([376, 382])
})

test('without optdigits, generated ones say so', async () => {
  await inFolder({ 'work/x': '' }, async (folder) => {
    const { train, provenance } = await loadOptdigits(closed(folder))
    expect(provenance).toMatchObject({ name: 'generated-uci-optdigits', real: false })
    expect(train.x.shape).toEqual([3823, 64])
    expect(train.x.data.some((value) => value > 8)).toBe(true)
  })
})
