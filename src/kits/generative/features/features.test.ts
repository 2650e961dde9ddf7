import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { permutation } from '../../../data/draws.ts'
import { digitImages, generateDigits } from '../../../data/index.ts'
import { mean, type NDArray, ndarray, type Tensor, zeros } from '../../../engine/index.ts'
import { readOnnx, saveOnnx } from '../../../engine/onnx/index.ts'
import { shareEqual } from '../../metrics/index.ts'
import { fid } from '../fid.ts'
import { fidFloor } from '../fid-bias.ts'
import { kid } from '../kid.ts'
import { precisionRecall } from '../precision-recall.ts'
import { drawKey, drawsOf, someFeatures } from '../subsets.ts'
import type { TrainedFeatureNetwork } from './card.ts'
import { loadFeatureNetwork, saveFeatureNetwork } from './files.ts'
import { predictedClasses } from './network.ts'
import { featureModel, featureRecipe, randomFeatureRecipe } from './recipe.ts'
import { featureNetwork } from './trained.ts'
import { onnxFeatures } from './user-onnx.ts'

const cache = mkdtempSync(join(tmpdir(), 'features-'))
const { train, heldOut } = digitImages(generateDigits({ count: 3000, seed: 0 }), { side: 14 })
const data = { images: train.x, labels: train.labels.data }
const recipe = featureRecipe([1, 14, 14], { steps: 300 })
let network: TrainedFeatureNetwork
beforeAll(async () => {
  network = await featureNetwork(recipe, data, { cache })
})

/** The images with their pixels in another order, the same for all. */
function shuffledPixels({ shape, data }: NDArray): NDArray {
  const order = permutation(drawKey(1), shape[2] * shape[3])
  return ndarray(
    Float32Array.from(data, (_, i) => data[i - (i % order.length) + order[i % order.length]]),
    shape,
    'float32',
  )
}

/** With normal noise added to each pixel. */
function noisy({ shape, data }: NDArray, deviation: number): NDArray {
  const random = drawsOf(2)
  return ndarray(
    Float32Array.from(data, (value) => value + deviation * random.normal()),
    shape,
    'float32',
  )
}

test('the widths that are asked for', () => {
  expect(featureRecipe([1, 7, 7]).layers).toEqual({ kind: 'mlp', hidden: [128, 32] })
  expect(recipe.layers).toEqual({ kind: 'mlp', hidden: [256, 64] })
  expect(recipe.inputNoise).toBe(0.05)
  expect(featureRecipe([3, 32, 32]).layers).toEqual({ kind: 'conv', channels: [16, 32, 64], width: 64 })
  expect(featureModel(featureRecipe([1, 28, 28]), 10).width).toBe(64)
  expect(() => featureRecipe([28, 28])).toThrow('instead of [channels, height, width]')
})

test('it tells classes apart that it has not seen, and its features have deviation 1', async () => {
  expect(shareEqual(await predictedClasses(network, heldOut.x), heldOut.labels.data)).toBeGreaterThan(0.8)
  const { rows } = await network.features(train.x)
  expect(rows.shape).toEqual([2100, 64])
  for (const unit of [0, 31, 63]) {
    const values = Array.from({ length: 2100 }, (_, i) => rows.data[64 * i + unit])
    const average = values.reduce((sum, value) => sum + value, 0) / 2100
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / 2099
    expect(variance === 0 || Math.abs(variance - 1) < 1e-3).toBe(true)
  }
})

test('FID of the real images with their pixels permuted is far above the noise floor; so are KID and precision', async () => {
  const [real, other] = [await network.features(train.x), await network.features(heldOut.x)]
  const n = 450
  const [fewReal, fewOther] = [someFeatures(real, n, 1), someFeatures(other, n, 2)]
  const floor = await fidFloor(real, other, { n })
  const permuted = someFeatures(await network.features(shuffledPixels(train.x)), n, 1)
  expect((await fid(permuted, fewOther)).value).toBeGreaterThan(5 * floor.mean)
  expect((await kid(permuted, fewOther)).value).toBeGreaterThan(5 * Math.abs((await kid(fewReal, fewOther)).value))
  const [same, shuffled] = [await precisionRecall(fewReal, fewOther), await precisionRecall(permuted, fewOther)]
  expect(same.precision).toBeGreaterThan(shuffled.precision + 0.3)
})

test('more noise, more distance; one class alone is far, though each of its images is perfect', async () => {
  const real = await network.features(heldOut.x)
  const at = async (images: NDArray) => (await fid(await network.features(images), real)).value
  const levels = await Promise.all([0, 0.2, 0.5, 1].map((deviation) => at(noisy(train.x, deviation))))
  for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeGreaterThan(levels[i - 1])
  const places = [...train.labels.data.keys()].filter((i) => train.labels.data[i] === 3)
  const area = 196
  const threes = ndarray(
    Float32Array.from(places.flatMap((i) => [...train.x.data.subarray(i * area, (i + 1) * area)])),
    [places.length, 1, 14, 14],
    'float32',
  )
  const features = await network.features(threes)
  expect((await fid(features, real)).value).toBeGreaterThan(5 * levels[0])
  const { precision, recall } = await precisionRecall(features, real)
  expect(precision).toBeGreaterThan(recall + 0.3)
})

test('one recipe and one set of images give one network, from the cache the second time; others have other hashes', async () => {
  const lines: string[] = []
  const options = { cache, log: (line: string) => lines.push(line) }
  const again = await featureNetwork(recipe, data, options)
  expect(lines).toEqual([])
  expect(again.hash).toBe(network.hash)
  const quick = featureRecipe([1, 14, 14], { steps: 3 })
  const fresh = await featureNetwork(quick, data, options)
  expect(lines).toHaveLength(1)
  const elsewhere = await featureNetwork(quick, data, { cache: mkdtempSync(join(tmpdir(), 'features-')) })
  expect(elsewhere.hash).toBe(fresh.hash)
  const hashes = [
    fresh,
    await featureNetwork({ ...quick, seed: 1 }, data, options),
    await featureNetwork(quick, { images: heldOut.x, labels: heldOut.labels.data }, options),
  ]
  expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(3)
  expect(readdirSync(cache).length).toBe(4)
  await expect(async () => fid(await fresh.features(heldOut.x), await network.features(heldOut.x))).rejects.toThrow('cannot be compared')
})

test('a saved network is the same network, in safetensors and in ONNX', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'features-'))
  await saveFeatureNetwork(folder, network)
  const loaded = await loadFeatureNetwork(folder)
  expect(loaded.hash).toBe(network.hash)
  const expected = (await network.features(heldOut.x)).rows
  expect((await loaded.features(heldOut.x)).rows).toEqual(expected)
  expect((await readOnnx(join(folder, 'features.onnx'))).outputs.map(({ name }) => name)).toEqual(['features', 'logits'])
  const foreign = await onnxFeatures(join(folder, 'features.onnx'), { shape: [1, 14, 14] })
  expect(foreign.hash).not.toBe(network.hash)
  const { rows } = await foreign.features(heldOut.x)
  for (let i = 0; i < 640; i++) expect(rows.data[i]).toBeCloseTo(expected.data[i], 4)
  writeFileSync(join(folder, 'other.safetensors'), '')
  await expect(loadFeatureNetwork(join(folder, 'none'))).rejects.toThrow('there is no feature network')
  await expect(loadFeatureNetwork(join(folder, 'other.safetensors'))).rejects.toThrow('other.safetensors')
})

test('a network of a user: grey images become what it takes, resized and scaled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'features-'))
  const file = join(folder, 'means.onnx')
  await saveOnnx(file, (x: Tensor) => mean(x, { axes: [2, 3] }), [zeros([1, 3, 20, 20])], { arguments: ['x'], batch: ['x'] })
  const images = ndarray(
    Float32Array.from({ length: 2 * 196 }, (_, i) => (i < 196 ? -1 : 0.5)),
    [2, 1, 14, 14],
    'float32',
  )
  const { rows } = await (await onnxFeatures(file, { shape: [1, 14, 14], takes: [0, 255] })).features(images)
  expect(rows.shape).toEqual([2, 3])
  for (const [i, expected] of [0, 0, 0, 191.25, 191.25, 191.25].entries()) expect(rows.data[i]).toBeCloseTo(expected, 3)
  const plain = await onnxFeatures(file, { shape: [1, 14, 14] })
  expect(plain.hash).not.toBe((await onnxFeatures(file, { shape: [1, 14, 14], takes: [0, 255] })).hash)
  await expect(onnxFeatures(file, { shape: [1, 14, 14], output: 'pool3' })).rejects.toThrow("has no output 'pool3'")
})

test('random features for images without labels also tell permuted pixels; a trained network needs labels', async () => {
  const random = await featureNetwork(randomFeatureRecipe([1, 14, 14]), { images: train.x }, { cache })
  expect(random.logits).toBeUndefined()
  const [real, other] = [await random.features(train.x), await random.features(heldOut.x)]
  const floor = await fidFloor(real, other, { n: 900 })
  const permuted = await random.features(shuffledPixels(train.x))
  expect((await fid(someFeatures(permuted, 900, 1), someFeatures(other, 900, 2))).value).toBeGreaterThan(5 * floor.mean)
  await expect(featureNetwork(recipe, { images: train.x }, { cache })).rejects.toThrow('trained on labels, and there are none')
  await expect(network.features(ndarray(new Float32Array(98), [2, 1, 7, 7], 'float32'))).rejects.toThrow('an image is [1,7,7]')
  await expect(predictedClasses(random, heldOut.x)).rejects.toThrow('was not trained on classes')
})
