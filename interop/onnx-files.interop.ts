import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { trace } from '../src/engine/graph/trace.ts'
import {
  compileStep,
  evaluate,
  fromArray,
  grad,
  key,
  leavesWithPaths,
  type NDArray,
  named,
  random,
  square,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from '../src/engine/index.ts'
import { exportOnnx, importOnnx, saveOnnx } from '../src/engine/onnx/index.ts'
import { callsHost } from '../src/engine/primitives/host.ts'
import { primitiveTable } from '../src/engine/primitives/table.ts'
import { readSafetensors, writeSafetensors } from '../src/engine/safetensors.ts'
import { functionOf, inputsOf } from '../src/engine/testing/checks.ts'
import { samples } from '../src/engine/testing/samples.ts'
import { crossEntropy, mlp } from '../src/nn/index.ts'
import { adam } from '../src/optim/index.ts'
import { keep, python, workFolder } from './python.ts'

interface Verdict {
  readonly checked: number
  readonly run: number
  readonly rejected: readonly [string, string][]
  readonly worst: number
  readonly losses: Record<string, number[]>
  readonly versions: Record<string, string>
}

const arrays = async (prefix: string, tree: unknown): Promise<Record<string, NDArray>> =>
  Object.fromEntries(await Promise.all(leavesWithPaths(tree).map(async ([path, x]) => [prefix + path, await (x as Tensor).ndarray()])))

test('the standard’s checker accepts every exported file, and ONNX Runtime for Python computes the same', async () => {
  const work = workFolder('exported')
  for (const file of readdirSync(work)) rmSync(join(work, file))
  for (const primitive of primitiveTable.filter(({ kind }) => kind !== 'structural')) {
    for (const [k, sample] of (samples[primitive.name] ?? []).entries()) {
      const inputs = inputsOf(sample, 'float32')
      const fn = functionOf(primitive, sample)
      if (callsHost(trace(fn as never, inputs))) continue
      const outputs = await evaluate(fn(...inputs))
      const names = outputs.map((_, i) => `y${i}`)
      const model = exportOnnx(fn as never, inputs as never, { inputs: inputs.map((_, i) => `x${i}`), outputs: names })
      writeFileSync(join(work, `${primitive.name}-${k}.onnx`), model)
      const given = await arrays('in.x', inputs)
      writeFileSync(join(work, `${primitive.name}-${k}.safetensors`), writeSafetensors({ ...given, ...(await arrays('out.y', outputs)) }))
    }
  }

  const network = mlp({ sizes: [12, 16, 4] })
  const params = await evaluate(network.init(key(0)))
  const apply = named('network', network.apply)
  const x = await evaluate(random.normal(key(1), [8, 12]))
  const logits = await evaluate(network.apply(params, x))
  await saveOnnx(join(work, 'network.onnx'), (x) => apply(params, x), [x], { arguments: ['x'], outputs: ['y'], batch: ['x'] })
  const tensors = { 'in.x': await x.ndarray(), 'out.y': await logits.ndarray() }
  writeFileSync(join(work, 'network.safetensors'), writeSafetensors(tensors))
  await saveOnnx(join(work, 'external.onnx'), (x) => network.apply(params, x), [x], { arguments: ['x'], outputs: ['y'], external: true })
  writeFileSync(join(work, 'external.safetensors'), writeSafetensors(tensors))

  const optimizer = adam({ learningRate: 0.01 })
  const y = tensor([0, 1, 2, 3, 0, 1, 2, 3], { dtype: 'int32' })
  const first = { params, optimizer: optimizer.init(params) }
  const step = (state: typeof first, x: Tensor, y: Tensor) => {
    const { value, gradient } = valueAndGrad((p: typeof params) => crossEntropy(apply(p, x), y))(state.params)
    const next = optimizer.update({ gradients: gradient, state: state.optimizer, params: state.params })
    return { state: { params: next.params, optimizer: next.state }, output: { loss: value } }
  }
  await saveOnnx(join(work, 'step.onnx'), step, [first, x, y], { arguments: ['state', 'x', 'y'] })
  const start = { ...(await arrays('state.', first)), x: await x.ndarray(), y: await y.ndarray() }
  writeFileSync(join(work, 'step.safetensors'), writeSafetensors(start))
  const own: number[] = []
  const train = compileStep(step)
  let state = first
  for (let i = 0; i < 20; i++) {
    const result = await train(state, x, y)
    state = result.state as typeof first
    own.push(await result.output.loss.item())
  }

  const verdict = python('onnx_files.py', work) as Verdict
  const lossDistance = Math.max(...own.map((loss, i) => Math.abs(loss - verdict.losses.step[i])))
  keep('onnx-files', { ...verdict, losses: { steps: own.length, first: own[0], last: own.at(-1), distance: lossDistance } })
  expect(verdict.rejected).toEqual([])
  expect(verdict.losses.step).toHaveLength(own.length)
  expect(own.at(-1)).toBeLessThan(own[0])
  expect(lossDistance).toBeLessThan(1e-5)
})

test('networks that PyTorch exports compute the same, with the same gradients', async () => {
  const work = workFolder('torch-models')
  for (const file of readdirSync(work)) rmSync(join(work, file))
  const { torch } = python('torch_models.py', work) as { torch: string }
  const rows: { name: string; value: number; gradient: number | null }[] = []
  for (const file of readdirSync(work).filter((name) => name.endsWith('.onnx'))) {
    const model = importOnnx(readFileSync(join(work, file)), { where: file })
    const { tensors } = readSafetensors(readFileSync(join(work, file.replace('.onnx', '.safetensors'))))
    const x = fromArray(tensors.x)
    const run = (x: Tensor) => Object.values(model.apply(model.parameters, { [model.inputs[0].name]: x }))[0]
    const away = async (actual: Tensor, expected: NDArray) => {
      const data = await actual.data()
      return Math.max(...Array.from(expected.data, (value, i) => Math.abs(value - data[i])))
    }
    const value = await away(run(x), tensors.y)
    const gradient = tensors.gradient ? await away(grad((x: Tensor) => sum(square(run(x))))(x), tensors.gradient) : null
    rows.push({ name: file.replace('.onnx', ''), value, gradient })
  }
  keep('torch-models', { torch, rows })
  for (const { name, value, gradient } of rows) {
    expect(value, name).toBeLessThan(1e-4)
    expect(gradient ?? 0, name).toBeLessThan(1e-3)
  }
  expect(rows.length).toBe(8)
})
