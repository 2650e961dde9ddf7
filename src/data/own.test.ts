import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { type NDArray, ndarray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { writeSafetensors } from '../engine/safetensors.ts'
import { writeIdx } from './idx.ts'
import { writeNpy } from './npy.ts'
import { loadTabularOrImages } from './own.ts'
import { inFolder, zip } from './testing/helpers.ts'

const ints = (shape: number[], values: number[]): NDArray => ndarray(Int32Array.from(values), shape, 'int32')
const floats = (shape: number[], values: number[]): NDArray => ndarray(Float32Array.from(values), shape, 'float32')

const images = ints([2, 1, 2], [0, 255, 51, 0])
const labels = ints([2], [7, 3])
const idx = { images: writeIdx(images, { ubyte: true }), labels: writeIdx(labels, { ubyte: true }) }
const table = { x: floats([3, 2], [1, 2, 3, 4, 5, 6]), y: ints([3], [0, 1, 0]) }
const npz = (arrays: Record<string, NDArray>) =>
  zip(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)])))

test('IDX: a file, its folder, and MNIST with two pairs', async () => {
  const files = {
    'a/t-images-idx3-ubyte.gz': gzipSync(idx.images),
    'a/t-labels-idx1-ubyte': idx.labels,
    'b/train-images.idx3-ubyte': idx.images,
    'b/train-labels.idx1-ubyte': idx.labels,
    'b/t10k-images.idx3-ubyte': idx.images,
    'b/t10k-labels.idx1-ubyte': writeIdx(ints([2], [3, 3]), { ubyte: true }),
  }
  await inFolder(files, async (folder) => {
    for (const path of ['a', 'a/t-images-idx3-ubyte.gz', 'b']) {
      const { x, y, classes, imageShape, test, provenance } = await loadTabularOrImages(`${folder}/${path}`)
      expect(x).toEqual(floats([2, 1, 1, 2], [0, 1, 0.2, 0]))
      expect([...y.data]).toEqual([1, 0])
      expect(classes).toEqual(['3', '7'])
      expect(imageShape).toEqual({ channels: 1, height: 1, width: 2 })
      expect(provenance).toMatchObject({ real: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
      expect(test && [...test.y.data]).toEqual(path === 'b' ? [0, 0] : undefined)
    }
  })
})

test('tables: CSV, npz, safetensors, npy pair, and a folder with one of them', async () => {
  const csv = 'a,b,kind\n1,2,p\n3,4,q\n5,6,p\n'
  const files = {
    'd/t.csv.gz': gzipSync(csv),
    't.tsv': csv.replaceAll(',', '\t'),
    'a.npz': npz(table),
    's.safetensors': writeSafetensors(table),
    'n/x.npy': writeNpy(table.x),
    'n/y.npy': writeNpy(table.y),
    'split.npz': npz({ x_train: table.x, y_train: table.y, x_test: floats([1, 2], [9, 9]), y_test: ints([1], [1]) }),
  }
  await inFolder(files, async (folder) => {
    for (const path of ['d', 'd/t.csv.gz', 't.tsv', 'a.npz', 's.safetensors', 'n', 'n/x.npy', 'split.npz']) {
      const { x, y, classes, imageShape } = await loadTabularOrImages(`${folder}/${path}`)
      expect(x).toEqual(table.x)
      expect(y).toEqual(table.y)
      expect(classes.length).toBe(2)
      expect(imageShape).toBeUndefined()
    }
    expect((await loadTabularOrImages(`${folder}/d`)).featureNames).toEqual(['a', 'b'])
    expect((await loadTabularOrImages(`${folder}/t.tsv`, { target: 'a', drop: ['kind'] })).classes).toEqual(['1', '3', '5'])
    expect((await loadTabularOrImages(`${folder}/split.npz`)).test).toEqual({ x: floats([1, 2], [9, 9]), y: ints([1], [1]) })
  })
})

test('images in arrays: channels first or last, bytes or floats', async () => {
  const last = ints([2, 2, 1, 3], [0, 51, 102, 153, 204, 255, 0, 0, 0, 0, 0, 0])
  const files = {
    'last.npz': npz({ images: last, labels }),
    'first.npz': npz({ x: floats([2, 3, 1, 2], Array(12).fill(0.5)), y: ints([2, 1], [0, 1]) }),
  }
  await inFolder(files, async (folder) => {
    const { x, imageShape } = await loadTabularOrImages(`${folder}/last.npz`)
    expect(imageShape).toEqual({ channels: 3, height: 2, width: 1 })
    expect([...x.data.subarray(0, 6)].map((value) => Math.round(value * 255))).toEqual([0, 153, 51, 204, 102, 255])
    expect((await loadTabularOrImages(`${folder}/first.npz`)).x.shape).toEqual([2, 3, 1, 2])
  })
})

test('a folder of images', async () => {
  const png = await sharp({ create: { width: 3, height: 2, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  await inFolder({ 'all/cat/1.png': png, 'all/dog/1.png': png, 'one/cat/1.png': png }, async (folder) => {
    const first = await loadTabularOrImages(`${folder}/all`, { size: 4, channels: 3 })
    expect(first).toMatchObject({ classes: ['cat', 'dog'], imageShape: { channels: 3, height: 4, width: 4 } })
    expect((await loadTabularOrImages(`${folder}/all`)).provenance).toEqual(first.provenance)
    await expect(loadTabularOrImages(`${folder}/one`)).rejects.toThrow('one class only, cat')
  })
})

test.each<[string, Record<string, Uint8Array | string>, string]>([
  ['there is no such file or folder', {}, 'none'],
  ['is not a kind of data that is understood', { 'a.bin': 'hello' }, 'a.bin'],
  ['holds no data that is understood', { 'd/readme.md': '' }, 'd'],
  ['holds several data files: a.csv, b.csv', { 'd/a.csv': '', 'd/b.csv': '' }, 'd'],
  ['no file of labels beside it (looked for a-labels-idx1)', { 'a-images-idx3.gz': gzipSync(idx.images) }, 'a-images-idx3.gz'],
  [
    '2 images do not go with labels of shape [3]',
    { 'images.idx': idx.images, 'labels.idx': writeIdx(table.y, { ubyte: true }) },
    'images.idx',
  ],
  ['name the two files x.npy and y.npy', { 'features.npy': writeNpy(table.x) }, 'features.npy'],
  ['holds z, not x and y', { 'a.npz': npz({ z: table.x }) }, 'a.npz'],
  ['example 1, value 0 is NaN', { 'a.npz': npz({ ...table, x: floats([3, 2], [1, 2, Number.NaN, 4, 5, 6]) }) }, 'a.npz'],
  ['is Infinity', { 'a.npz': npz({ ...table, x: floats([3, 2], [1, 2, 3, 4, 5, Number.POSITIVE_INFINITY]) }) }, 'a.npz'],
  ['3 examples do not go with 2 labels', { 'a.npz': npz({ ...table, y: labels }) }, 'a.npz'],
  ['label 1 is 0.5', { 'a.npz': npz({ ...table, y: floats([3], [0, 0.5, 1]) }) }, 'a.npz'],
  ['labels have shape [3, 2]', { 'a.npz': npz({ ...table, y: ints([3, 2], [0, 1, 0, 1, 0, 1]) }) }, 'a.npz'],
  ['one class only', { 'a.npz': npz({ ...table, y: ints([3], [1, 1, 1]) }) }, 'a.npz'],
  ['neither a table nor images', { 'a.npz': npz({ x: floats([3], [1, 2, 3]), y: table.y }) }, 'a.npz'],
  ['the examples are empty', { 'a.npz': npz({ x: floats([0, 2], []), y: ints([0], []) }) }, 'a.npz'],
  ['pixel 0 is 256', { 'a.npz': npz({ x: ints([2, 1, 2], [256, 0, 0, 0]), y: labels }) }, 'a.npz'],
  ['a class that the other part does not have', { 'a.npz': npz({ ...table, x_test: table.x, y_test: ints([3], [0, 1, 2]) }) }, 'a.npz'],
  ['test examples have shape [1]', { 'a.npz': npz({ ...table, x_test: floats([3, 1], [1, 2, 3]), y_test: table.y }) }, 'a.npz'],
])('refused: %s', async (message, files, path) => {
  await inFolder(files, async (folder) => {
    const failure = await loadTabularOrImages(`${folder}/${path}`).catch((error) => error)
    expect(failure).toBeInstanceOf(InputError)
    expect(failure.message).toContain(message)
    expect(failure.message).toContain(folder)
    expect(failure.message).not.toContain('\n')
  })
})

test.each([
  ['target', { target: 'kind' }],
  ['group', { group: 'patient' }],
  ['drop', { drop: ['id'] }],
  ['categorical', { categorical: ['job'] }],
])('a column named by %s is refused where there are no columns', async (option, options) => {
  const [x, y] = [writeNpy(ndarray(Float32Array.of(1, 2, 3, 4), [2, 2], 'float32')), writeNpy(ndarray(Int32Array.of(0, 1), [2], 'int32'))]
  await inFolder({ 'x.npy': x, 'y.npy': y }, async (folder) => {
    await expect(loadTabularOrImages(`${folder}/x.npy`, options)).rejects.toThrow(`only a CSV file has columns; leave --${option} out`)
  })
})
