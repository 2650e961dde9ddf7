import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  add,
  div,
  evaluate,
  fromArray,
  InputError,
  key,
  mapTree,
  mul,
  type NDArray,
  ndarray,
  random,
  reshape,
  type Tensor,
  zeros,
} from '../../../engine/index.ts'
import { exportOnnx } from '../../../engine/onnx/index.ts'
import { getRuntime } from '../../../engine/runtime/runtime.ts'
import { readSafetensors, writeSafetensors } from '../../../engine/safetensors.ts'
import type { Denoiser, DiffusionConfig, DiffusionModel } from '../denoiser.ts'
import { denoiserOf, initModel } from '../estimate.ts'
import type { ProcessConfig } from '../process.ts'
import { bundleDenoiser, groupOf, loadBundle, saveBundle } from './bundle.ts'
import { loadDenoiser } from './load.ts'
import { decodeModel, encodeModel, saveDiffusionModel } from './model-file.ts'
import { exportDenoiser } from './onnx.ts'

const folderOf = () => mkdtempSync(join(tmpdir(), 'diffusion-'))
const configOf = (own: Partial<DiffusionConfig> = {}): DiffusionConfig => ({
  network: { kind: 'mlp', width: 8, hidden: [8], embedding: 8 },
  process: { kind: 'discrete', steps: 20, schedule: 'cosine' },
  predict: 'eps',
  shape: [1, 2, 2],
  range: [-1, 1],
  ...own,
})
/** The last layer of a fresh network is zero: one with noise in all of them. */
async function modelOf(config = configOf(), seed = 0): Promise<DiffusionModel> {
  const { params } = initModel(config, key(seed))
  let n = 0
  const noisy = mapTree(params, (w: Tensor) => add(w, mul(random.normal(key(100 + seed + n++), w.shape), 0.3)))
  return { config, params: await evaluate(noisy), centre: ndarray(Float32Array.of(0.1, 0.2, 0.3, 0.4), [1, 2, 2], 'float32') }
}
const noisy = random.normal(key(9), [3, 1, 2, 2])

/** x̂₀ for three rows at one time. */
async function estimateAt(denoiser: Denoiser, time: number, x = noisy): Promise<number[]> {
  const { signal, noise, condition } = denoiser.process.at(time)
  const row = (value: number) => fromArray(ndarray(new Float32Array(3).fill(value), [3], 'float32'))
  const { params, estimate } = denoiser.at(time)
  const { x0 } = estimate(params, x, { signal: row(signal), noise: row(noise), condition: row(condition) })
  return Array.from(await x0.data())
}
const expectClose = (actual: readonly number[], expected: readonly number[], tolerance = 1e-5) => {
  expect(actual).toHaveLength(expected.length)
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)))
}

describe('model files', () => {
  test('are the model again: by file, by folder, by the run that made it', async () => {
    const model = await modelOf()
    const run = folderOf()
    const folder = join(run, 'artifacts', 'seed-0')
    await saveDiffusionModel(folder, model)
    const expected = await estimateAt(denoiserOf(model), 7)
    for (const path of [join(folder, 'model.safetensors'), folder, run]) {
      const denoiser = await loadDenoiser(path)
      expect(await estimateAt(denoiser, 7)).toEqual(expected)
      expect(denoiser.centre).toEqual(model.centre)
    }
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toEqual(model.config)
    await saveDiffusionModel(join(run, 'artifacts', 'seed-1'), model)
    await expect(loadDenoiser(run)).rejects.toThrow('holds 2 diffusion models')
  })

  test('what is no such file is refused in one line that says what', async () => {
    const bytes = await encodeModel(await modelOf())
    const { tensors, metadata } = readSafetensors(bytes)
    const config = JSON.parse(metadata['quire.diffusion'])
    const rewritten = (own: object, arrays: Record<string, NDArray> = tensors) =>
      writeSafetensors(arrays, { 'quire.diffusion': JSON.stringify({ ...config, ...own }) })
    const cases: [Uint8Array, RegExp][] = [
      [writeSafetensors(tensors), /model: is no diffusion model of Quire: it holds \d+ tensors of another architecture, 'centre' first/],
      [
        rewritten({ network: { kind: 'mlp', width: 9, hidden: [8], embedding: 8 } }),
        /tensor '.*' is float32 \[.*\], the model needs float32 \[.*\]/,
      ],
      [rewritten({ network: { kind: 'mlp', width: 8, hidden: [8, 8], embedding: 8 } }), /there is no tensor 'blocks\.1/],
      [rewritten({}, { ...tensors, 'params.more': tensors.centre }), /holds a tensor 'more' that its config does not know/],
      [
        rewritten({}, { ...tensors, centre: ndarray(new Float32Array(3), [3], 'float32') }),
        /tensor 'centre' is float32 \[3\], an example \[1, 2, 2\]/,
      ],
      [rewritten({ network: { kind: 'rnn' } }), /its config is none of a diffusion model \('network\.kind/],
      [rewritten({ process: { kind: 'discrete', steps: 1e12, schedule: 'cosine' } }), /process\.steps/],
      [rewritten({ predict: 'edm' }), /its metadata 'quire.diffusion' make no model \(predict 'edm': sigmaData is undefined/],
      [writeSafetensors(tensors, { 'quire.diffusion': '{' }), /its metadata 'quire.diffusion' are no JSON/],
      [bytes.subarray(0, bytes.length - 5), /model: /],
    ]
    for (const [file, message] of cases) {
      expect(() => decodeModel(file, 'model')).toThrow(InputError)
      expect(() => decodeModel(file, 'model')).toThrow(message)
    }
    await expect(loadDenoiser('nowhere')).rejects.toThrow('nowhere: there is no such file or folder')
    await expect(loadDenoiser(folderOf())).rejects.toThrow('holds no diffusion model')
  })
})

describe('bundles', () => {
  test('route each time to its model, whichever way they come', async () => {
    const models = [await modelOf(), await modelOf(configOf({ network: { kind: 'mlp', width: 6, hidden: [4], embedding: 8 } }), 5)]
    const bundle = { models, boundaries: [0, 8, 20], macs: [200, 100] }
    const folder = folderOf()
    await saveBundle(folder, bundle)
    for (const denoiser of [bundleDenoiser(bundle), await loadDenoiser(folder), await loadDenoiser(join(folder, 'routing.json'))]) {
      for (const [time, group] of [
        [1, 0],
        [8, 0],
        [9, 1],
        [20, 1],
      ] as const)
        expect(await estimateAt(denoiser, time)).toEqual(await estimateAt(denoiserOf(models[group]), time))
      expect(denoiser.at(9)).toBe(denoiser.at(20))
    }
    expect(groupOf([0, 8, 20], 0)).toBe(0)
  })

  test('what does not belong together is refused', async () => {
    const folder = folderOf()
    await saveBundle(folder, { models: [await modelOf(), await modelOf(configOf({ range: [0, 1] }))], boundaries: [0, 8, 20] })
    await expect(loadBundle(folder)).rejects.toThrow('is for another process or other data than group-0.safetensors')
    const routing = JSON.parse(readFileSync(join(folder, 'routing.json'), 'utf8'))
    const refused = async (own: object, message: string) => {
      writeFileSync(join(folder, 'routing.json'), JSON.stringify({ ...routing, ...own }))
      await expect(loadBundle(folder)).rejects.toThrow(message)
    }
    await refused({ boundaries: [0, 20] }, "has 2 'boundaries' for 2 'files'")
    await refused({ boundaries: [0, 20, 8] }, "'boundaries' do not rise: 8 follows 20")
    await refused({ files: ['../x', 'y'] }, "names a file '../x' outside of its folder")
    await refused({ hashes: ['0', '1'] }, 'group-0.safetensors: is not the file that routing.json names')
    await refused({ files: 3 }, "routes no models ('files")
  })
})

describe('ONNX', () => {
  const processes: readonly ProcessConfig[] = [
    { kind: 'discrete', steps: 20, schedule: 'cosine' },
    { kind: 'vp', betas: [0.1, 20] },
    { kind: 'subVp', betas: [0.1, 20] },
    { kind: 've', sigmas: [0.01, 50] },
    { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] },
  ]

  test.each(processes)('an exported step runs by itself, and is the denoiser again when it is read ($kind)', async (process) => {
    const model = await modelOf(configOf({ process, predict: 'v' }))
    const path = join(folderOf(), 'step.onnx')
    const denoiser = denoiserOf(model)
    await exportDenoiser(path, denoiser)
    const read = await loadDenoiser(path)
    expect(read.process.config).toEqual(process)
    // The model's own x is centred, and so is its x₀; those of the file are in the data's coordinates.
    const centre = fromArray(model.centre!)
    const inData = (time: number) => add(noisy, mul(centre, denoiser.process.at(time).signal))
    const ownAt = async (time: number) => (await estimateAt(denoiser, time)).map((value, i) => value + model.centre!.data[i % 4])
    for (const share of [0.3, 0.7]) {
      const time = denoiser.process.atShare(share)
      expectClose(await estimateAt(read, time, inData(time)), await ownAt(time), 2e-4)
    }
    // By the bare runtime, on the bytes alone.
    const values = { shape: [3, 1, 2, 2], dtype: 'float32' } as const
    const signature = { inputs: ['x', 't'], outputs: ['x0', 'eps'], results: [values, values] }
    const session = await (await getRuntime()).createSession(readFileSync(path), signature)
    const time = denoiser.process.atShare(0.6)
    const feeds = [await inData(time).ndarray(), ndarray(new Float32Array(3).fill(time), [3], 'float32')]
    const [x0] = await session.run(feeds)
    expectClose(Array.from(x0.data), await ownAt(time), 2e-4)
  })

  test("a user's file, by what its inputs are said to mean", async () => {
    const folder = folderOf()
    // D(x; σ) = x / (1 + σ²), the best one for standard normal data.
    const d = (x: Tensor, sigma: Tensor) => div(x, add(1, mul(reshape(sigma, [-1, 1]), reshape(sigma, [-1, 1]))))
    const path = join(folder, 'd.onnx')
    writeFileSync(
      path,
      exportOnnx(d, [zeros([1, 2]), zeros([1])], { inputs: ['x', 'sigma'], outputs: ['denoised'], batch: ['x', 'sigma'] }),
    )
    await expect(loadDenoiser(path)).rejects.toThrow('does not say what its inputs and output mean; say its process and what it predicts')
    const process = { kind: 'edm', sigmas: [0.01, 10], train: [-1.2, 1.2] } as const
    const denoiser = await loadDenoiser(path, { onnx: { process, predict: 'x0' } })
    expect(denoiser.shape).toEqual([2])
    const row = fromArray(ndarray(Float32Array.of(3), [1], 'float32'))
    const at = { signal: fromArray(ndarray(Float32Array.of(1), [1], 'float32')), noise: row, condition: row }
    const { params, estimate } = denoiser.at(3)
    const { x0, score } = estimate(params, fromArray(ndarray(Float32Array.of(10, -5), [1, 2], 'float32')), at)
    expectClose(Array.from(await x0.data()), [1, -0.5])
    expectClose(Array.from(await score.data()), [-1, 0.5])
    const one = join(folder, 'one.onnx')
    writeFileSync(
      one,
      exportOnnx((x: Tensor) => mul(x, 2), [zeros([1, 2])], { inputs: ['x'] }),
    )
    await expect(loadDenoiser(one, { onnx: { process, predict: 'x0' } })).rejects.toThrow(
      "takes 'x' float32 [1, 2]; none of them is a noise level",
    )
  })
})
