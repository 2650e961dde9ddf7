import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evaluate, InputError, key, type NDArray, ndarray, random, tensor } from '../../engine/index.ts'
import {
  divergence,
  isVaeFolder,
  loadVae,
  negativeElbo,
  reparameterized,
  sampleVae,
  saveVae,
  type VaeConfig,
  vaeNetwork,
  vaeTrainer,
} from './index.ts'

const mlp: VaeConfig = { kind: 'mlp', hidden: [16], latent: 2, shape: [16], range: [-1, 1] }
const conv: VaeConfig = { kind: 'conv', hidden: [4, 8], latent: 3, shape: [1, 8, 8], range: [0, 1] }

/** Two kinds of records, with a little noise. */
const x: NDArray = ndarray(
  Float32Array.from({ length: 64 * 16 }, (_, k) => (Math.floor(k / 16) % 2 === 0 ? 0.8 : -0.8) + 0.1 * Math.sin(k)),
  [64, 16],
  'float32',
)

test('the divergence is the closed form, and the mean over draws of ln q(z | x) − ln p(z)', async () => {
  const posterior = { mean: tensor([[0.5, -1]]), logVariance: tensor([[0.2, -0.4]]) }
  const [value] = await divergence(posterior).data()
  const expected = 0.5 * (0.25 + Math.exp(0.2) - 1 - 0.2) + 0.5 * (1 + Math.exp(-0.4) - 1 + 0.4)
  expect(value).toBeCloseTo(expected, 5)
  const eps = await random.normal(key(0), [20_000, 2]).data()
  const z = await reparameterized(
    { mean: tensor([[0.5, -1]]), logVariance: tensor([[0.2, -0.4]]) },
    random.normal(key(0), [20_000, 2]),
  ).data()
  let sum = 0
  for (let k = 0; k < z.length; k++) sum += -0.5 * eps[k] ** 2 - 0.5 * (k % 2 === 0 ? 0.2 : -0.4) + 0.5 * z[k] ** 2
  expect(sum / 20_000).toBeCloseTo(expected, 1)
})

test('training lowers the bound, and samples lie in the range', async () => {
  const trainer = vaeTrainer(mlp, { steps: 150, batch: 32, learningRate: 1e-2 }, x, 0)
  let state = trainer.start()
  const losses: number[] = []
  for (let k = 0; k < 150; k++) {
    const next = await trainer.step(state, k)
    state = next.state
    losses.push(next.loss)
  }
  expect(losses.at(-1)!).toBeLessThan(0.6 * losses[0])
  const { data, shape } = await sampleVae({ config: mlp, params: state.params }, 10, 1)
  expect(shape).toEqual([10, 16])
  for (const value of data) expect(Math.abs(value)).toBeLessThanOrEqual(1)
})

test('a convolutional one has the shapes of its data, and its bound is what its parts make', async () => {
  const network = vaeNetwork(conv)
  const params = await evaluate(network.init(key(0)))
  const images = random.uniform(key(1), [3, 1, 8, 8])
  const eps = random.normal(key(2), [3, 3])
  const posterior = network.encode(params, images)
  const again = await network.decode(params, reparameterized(posterior, eps)).data()
  const pixels = await images.data()
  const kl = await divergence(posterior).data()
  const bound = await negativeElbo({ config: conv, network }, params, images, eps).data()
  for (let n = 0; n < 3; n++) {
    let squares = 0
    for (let k = 0; k < 64; k++) squares += (pixels[n * 64 + k] - again[n * 64 + k]) ** 2
    expect(bound[n]).toBeCloseTo(squares + kl[n], 3)
  }
})

test('a file is the model again; what is none is refused in one line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vae-'))
  const model = { config: mlp, params: await evaluate(vaeNetwork(mlp).init(key(3))) }
  await saveVae(model, folder)
  expect(await isVaeFolder(folder)).toBe(true)
  const again = await loadVae(folder)
  expect(await (await sampleVae(again, 4, 0)).data).toEqual((await sampleVae(model, 4, 0)).data)
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model: 'vae', ...mlp, latent: 5 }))
  await expect(loadVae(folder)).rejects.toThrow(/tensor '.*' is float32/)
  writeFileSync(join(folder, 'config.json'), '{"model": "vae"}')
  await expect(loadVae(folder)).rejects.toThrow('is no config of a VAE')
  expect(await isVaeFolder(tmpdir())).toBe(false)
  expect(() => vaeNetwork({ ...conv, shape: [1, 9, 9] })).toThrow(InputError)
  expect(() =>
    vaeTrainer(mlp, { steps: 1, batch: 4, learningRate: 1 }, { ...x, data: Float32Array.from(x.data, (v) => 3 * v) }, 0),
  ).toThrow('beyond')
})
