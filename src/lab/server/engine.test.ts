import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { add, key, matmul, random, relu, type Tensor, tensor, zeros } from '../../engine/index.ts'
import { exportOnnx } from '../../engine/onnx/index.ts'
import type { EngineStep, EngineSubjects } from '../api-engine.ts'
import { analyse, mostNodes } from './engine/analyse.ts'
import { partOfPath } from './engine/parts.ts'
import { exampleSubject, onnxSubject } from './engine/subject.ts'
import { engineRoutes, type StartThread } from './engine.ts'

/** The thread from TypeScript, by vite. */
const start: StartThread = (workerData) => {
  const file = JSON.stringify(join(import.meta.dirname, 'engine', 'thread.ts'))
  return new Worker(`import('vite').then((vite) => vite.runnerImport(${file}))`, { eval: true, workerData })
}

const weight = tensor(new Float32Array(6).fill(0.5), { shape: [3, 2] })
const model = (x: Tensor) => relu(matmul(x, weight))

let root: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'quire-test-'))
  const artifacts = join(root, 'ramda', '20260101-000000-abcdef', 'artifacts')
  mkdirSync(join(artifacts, 'arm--seed-0'), { recursive: true })
  writeFileSync(join(artifacts, 'arm--seed-0', 'model.onnx'), await exportOnnx(model, [zeros([4, 3])]))
  writeFileSync(join(artifacts, 'damaged.onnx'), 'no model')
  writeFileSync(join(root, 'secret.onnx'), 'secret')
  symlinkSync(join(root, 'secret.onnx'), join(artifacts, 'link.onnx'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const run = 'ramda/20260101-000000-abcdef'
const posted = (body: unknown, options: { start?: StartThread } = {}) =>
  engineRoutes({ root, start, ...options }).request('/', { method: 'POST', body: JSON.stringify(body) })

describe('a perceptron’s step', () => {
  let step: EngineStep
  beforeAll(async () => {
    step = await analyse(await exampleSubject('mlp'), { time: true })
  })

  test('has the products that the layers have, forward and backward', () => {
    const forward = 2 * 128 * (784 * 256 + 256 * 256 + 256 * 10)
    // Every layer's weights have a gradient, and every layer's input but the first's.
    const backward = forward + 2 * 128 * (256 * 256 + 256 * 10)
    const products = step.nodes.filter(({ operation }) => operation === 'matmul')
    const sum = (phase: string) => products.reduce((sum, node) => sum + (node.phase === phase ? node.flops : 0), 0)
    expect(sum('forward')).toBe(forward)
    expect(sum('backward')).toBe(backward)
    expect(sum('update')).toBe(0)
  })

  test('reads only what has run, and holds at its worst what is told as its peak', () => {
    for (const [i, { inputs }] of step.nodes.entries()) for (const input of inputs) expect(input).toBeLessThan(i)
    expect(Math.max(...step.memory)).toBe(step.peakBytes)
  })

  test('is timed node by node, and says why it was compiled again', () => {
    const timed = step.nodes.reduce((sum, { milliseconds = 0 }) => sum + milliseconds, 0)
    expect(timed).toBeGreaterThan(0)
    expect(timed).toBeLessThanOrEqual(step.milliseconds! * 1.0001)
    expect(step.sessions.map(({ why }) => why)).toContain('1.x=float32[128,784] became 1.x=float32[96,784]')
  })

  test('belongs to the layers whose parameters it reads', () => {
    const parts = new Set(step.nodes.map(({ phase, part }) => `${phase} ${part}`))
    for (const phase of ['forward', 'backward', 'update'])
      for (const layer of [0, 1, 2]) expect(parts).toContain(`${phase} layers.${layer}`)
  })
})

test.each([
  ['0.params.blocks.3.norm1.weight', 'blocks.3'],
  ['0.params.embedding.tokens', 'embedding'],
  ['0.optimizer.m.blocks.3.norm1.weight', 'blocks.3'],
  ['1.x', undefined],
])('%s', (path, part) => {
  expect(partOfPath(path)).toBe(part)
})

test('a model in a file is looked into at the sizes that it says', async () => {
  const step = await analyse(onnxSubject(await exportOnnx(model, [random.normal(key(0), [4, 3])])))
  expect(step.nodes.map(({ operation }) => operation)).toEqual(['matmul', 'relu'])
  expect(step.nodes[0]).toMatchObject({ shape: [4, 2], flops: 2 * 4 * 3 * 2, phase: 'forward' })
  expect(step.milliseconds).toBeUndefined()
})

test('a graph with more nodes than anybody looks at is refused before it is compiled', async () => {
  const fn = (x: Tensor) => Array.from({ length: mostNodes }).reduce<Tensor>((sum) => add(sum, x), x)
  await expect(analyse({ fn: fn as never, args: [zeros([1])] })).rejects.toThrow(`more than ${mostNodes} are not drawn`)
})

describe('/api/engine', () => {
  test('lists examples and the files of runs, and no links', async () => {
    const { examples, files } = (await (await engineRoutes({ root }).request('/')).json()) as EngineSubjects
    expect(examples.map(({ name }) => name)).toEqual(['mlp', 'gpt', 'unet'])
    expect(files.map(({ file }) => file).sort()).toEqual(['artifacts/arm--seed-0/model.onnx', 'artifacts/damaged.onnx'])
    expect(files.every((one) => one.run === run)).toBe(true)
  })

  test('looks into a file in a thread of its own', async () => {
    const answer = await posted({ run, file: 'artifacts/arm--seed-0/model.onnx' })
    expect(((await answer.json()) as EngineStep).nodes).toHaveLength(2)
  })

  test('a damaged file is refused', async () => {
    const app = engineRoutes({ root, start })
    app.onError((error, context) => context.text(error.message, 400))
    const answer = await app.request('/', { method: 'POST', body: JSON.stringify({ run, file: 'artifacts/damaged.onnx' }) })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toMatch(/onnx/i)
  })

  test.each([
    ['no JSON', undefined],
    ['another example', { example: '__proto__' }],
    ['a path that leads out', { run, file: '../../../secret.onnx' }],
    ['a run that leads out', { run: '..', file: 'secret.onnx' }],
    ['a link', { run, file: 'artifacts/link.onnx' }],
    ['an unknown key', { example: 'mlp', threads: 64 }],
  ])('%s is refused, and no thread is started', async (_, body) => {
    const app = engineRoutes({
      root,
      start: () => {
        throw new Error('a thread was started')
      },
    })
    app.onError((error, context) => context.text(error.message, 400))
    const answer = await app.request('/', { method: 'POST', body: body === undefined ? '{' : JSON.stringify(body) })
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toMatch(/thread was started/)
  })
})
