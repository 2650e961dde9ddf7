import { describe, expect, test } from 'vitest'
import {
  add,
  evaluate,
  fromArray,
  grad,
  jit,
  key,
  leavesWithPaths,
  mapTree,
  mul,
  type NDArray,
  ndarray,
  random,
  reference,
  stopGradient,
  sub,
  type Tensor,
  tensor,
  valueAndGrad,
} from '../../../engine/index.ts'
import { compileStatistics } from '../../../engine/inspect/index.ts'
import { adafactor, adam, clipByGlobalNorm, matricesDecay, type Optimizer, sgd } from '../../../optim/index.ts'
import { trainTransition } from '../../../train/index.ts'
import { type DecoderConfig, llamaConfig } from '../config.ts'
import { applyBlock, forward, logitsOf, start } from '../decoder.ts'
import { ignored, languageLoss } from '../loss.ts'
import type { DecoderParams } from '../params.ts'
import { familiesOf, stirred } from '../testing/families.ts'
import { BlockTrainer, type TrainingBatch } from './index.ts'

const llama = llamaConfig({ width: 16, layers: 4, heads: 4, kvHeads: 2, hidden: 24, vocabulary: 30, context: 32 })
const families: Record<string, DecoderConfig> = { ...familiesOf(llama), 'llama with a head of its own': { ...llama, tied: false } }

/** Values, not graphs: the trainer keeps its own. */
const valued = (config: DecoderConfig): Promise<DecoderParams> => evaluate(stirred(config))

/** Ids of a fixed stream; every fifth label is not scored. */
function batchOf(seed: number, [n, t]: [number, number] = [3, 8]): TrainingBatch {
  const id = (i: number) => (i * 7 + seed * 11 + Math.floor(i / 3)) % 30
  const ids = Int32Array.from({ length: n * t }, (_, i) => id(i))
  const labels = Int32Array.from(ids, (_, i) => (i % 5 === seed % 5 ? ignored : id(i + 1)))
  return { ids: ndarray(ids, [n, t], 'int32'), labels: ndarray(labels, [n, t], 'int32') }
}

/** The oracle: loss and gradients by one graph of the whole model. */
async function whole(config: DecoderConfig, params: DecoderParams, { ids, labels }: TrainingBatch) {
  const loss = (p: DecoderParams) => languageLoss(forward(config, p, { ids: fromArray(ids) }), fromArray(labels))
  const { value, gradient } = await evaluate(jit(valueAndGrad(loss))(params))
  const entries = leavesWithPaths(gradient) as [string, Tensor][]
  return {
    loss: await value.item(),
    gradients: new Map(await Promise.all(entries.map(async ([path, x]) => [path, await x.ndarray()] as const))),
  }
}

function expectEqual(actual: ReadonlyMap<string, NDArray>, expected: ReadonlyMap<string, NDArray>, tolerance = 2e-6): void {
  for (const [path, { data }] of actual) {
    const wanted = expected.get(path)!.data
    const size = Math.max(...Array.from(wanted, Math.abs))
    const error = Math.max(...Array.from(data, (x, i) => Math.abs(x - wanted[i])))
    expect(error / size, path).toBeLessThan(tolerance)
  }
}

const anyOptimizer = sgd({ learningRate: 0.1 })
const trainerOf = (config: DecoderConfig, params: DecoderParams, more: Partial<ConstructorParameters<typeof BlockTrainer>[0]> = {}) =>
  new BlockTrainer({ config, params, optimizer: anyOptimizer, ...more })

describe.each(Object.entries(families))('%s', (_, config) => {
  test.each([false, true])('gradients are those of one graph of the whole model; recomputed: %s', async (recompute) => {
    const params = await valued(config)
    const trainer = trainerOf(config, params, { recompute })
    const { loss, gradients } = await trainer.gradients(batchOf(1))
    const expected = await whole(config, params, batchOf(1))
    expect(loss).toBeCloseTo(expected.loss, 5)
    expect([...gradients.keys()].sort()).toEqual([...expected.gradients.keys()].sort())
    expectEqual(gradients, expected.gradients)
    expect(trainer.bytes).toMatchObject({ gradients: 0, activations: 0 })
  })
})

const topBlocks = (path: string) => /^blocks\.[13]\./.test(path)
const pick = (gradients: ReadonlyMap<string, NDArray>, match: (path: string) => boolean) =>
  new Map([...gradients].filter(([path]) => match(path)))

/** Patterns of what trains, and the lowest block that the backward pass must reach. */
const patterns: [string, (path: string) => boolean][] = [
  ['two blocks', topBlocks],
  ['embedding and one block', (path) => path.startsWith('embedding') || path.startsWith('blocks.2.')],
  ['embedding alone', (path) => path.startsWith('embedding')],
  ['what is behind the blocks', (path) => path.startsWith('norm') || path.startsWith('head')],
  ['single matrices and biases', (path) => /^blocks\.[02]\..*(output\.weight|gain)$/.test(path)],
]

describe('frozen parameters', () => {
  test.each(Object.keys(families))('the others have the gradients of the full backward pass: %s', async (name) => {
    const config = families[name]
    const params = await valued(config)
    const trainer = trainerOf(config, params)
    const { gradients: all } = await trainer.gradients(batchOf(2))
    for (const [, pattern] of patterns) {
      trainer.setTrainable(pattern)
      const { gradients } = await trainer.gradients(batchOf(2))
      expect([...gradients.keys()].sort()).toEqual([...pick(all, pattern).keys()].sort())
      expectEqual(gradients, all)
    }
  })

  test('a cotangent that does not pass a frozen block is found out', async () => {
    // The fault: block 2 hands on the cotangent of its output as it is, as if what it adds did not depend on its input.
    const params = await valued(llama)
    const { gradients } = await trainerOf(llama, params).gradients(batchOf(2))
    const { ids, labels } = batchOf(2)
    const faulty = (p: DecoderParams) => {
      const { x, view } = start(llama, p, { ids: fromArray(ids) })
      const top = p.blocks.reduce((y, block, i) => {
        const next = applyBlock(llama, block, y, view).x
        return i === 2 ? add(y, stopGradient(sub(next, y))) : next
      }, x)
      return languageLoss(logitsOf(llama, p, top), fromArray(labels))
    }
    const wrong = leavesWithPaths(await evaluate(jit(grad(faulty))(params))) as [string, Tensor][]
    const arrays = new Map(await Promise.all(wrong.map(async ([path, x]) => [path, await x.ndarray()] as const)))
    const below = (path: string) => /^(embedding|blocks\.[01]\.)/.test(path)
    expectEqual(
      pick(gradients, (path) => path.startsWith('blocks.3.')),
      arrays,
    )
    expect(() => expectEqual(pick(gradients, below), arrays, 1e-2)).toThrow()
  })

  test('another pattern compiles nothing', async () => {
    const trainer = trainerOf(llama, await valued(llama))
    const some = (chosen: number[]) => (path: string) =>
      path.startsWith('embedding') || path.startsWith('norm') || chosen.some((i) => path.startsWith(`blocks.${i}.`))
    await train(trainer, 1, (step) => [batchOf(step)])
    trainer.setTrainable(some([0, 3]))
    await trainer.step([batchOf(0)])
    const before = compileStatistics.compiled
    for (const chosen of [[1, 2], [3], [], [0], [0, 1, 2, 3], [2, 3]]) {
      trainer.setTrainable(some(chosen))
      await trainer.step([batchOf(1)])
    }
    expect(compileStatistics.compiled).toBe(before)
    // The count can rise: a pattern within blocks is a program of its own.
    trainer.setTrainable((path) => path.endsWith('up.weight'))
    await trainer.step([batchOf(1)])
    expect(compileStatistics.compiled).toBeGreaterThan(before)
  })

  test('stay as they are, bit by bit, and have neither gradients nor states', async () => {
    const trainer = trainerOf(llama, await valued(llama), { optimizer: adam({ learningRate: 0.01, weightDecay: 0.5, counters: 'each' }) })
    const before = await valuesOf(trainer)
    trainer.setTrainable(topBlocks)
    await train(trainer, 3, (step) => [batchOf(step)])
    const after = await valuesOf(trainer)
    for (const [path, values] of before)
      expect(
        after.get(path)!.some((x, i) => x !== values[i]),
        path,
      ).toBe(topBlocks(path))
    expect(trainer.states.paths.every(topBlocks)).toBe(true)
    const count = [...before].filter(([path]) => topBlocks(path)).reduce((sum, [, { length }]) => sum + length, 0)
    const counters = trainer.states.paths.length
    expect(trainer.arena.peak.gradients).toBe(4 * count)
    expect(trainer.bytes.optimizer).toBe(8 * count + 4 * counters)
    trainer.states.drop((path) => path.startsWith('blocks.1.'))
    expect(trainer.bytes.optimizer).toBe(4 * count + 2 * counters)
  })
})

const valuesOf = async (trainer: BlockTrainer) =>
  new Map(
    await Promise.all(
      (leavesWithPaths(await trainer.params()) as [string, Tensor][]).map(async ([path, x]) => [path, Array.from(await x.data())] as const),
    ),
  )

async function train(trainer: BlockTrainer, steps: number, batches: (step: number) => TrainingBatch[]): Promise<number[]> {
  const losses: number[] = []
  for (let step = 0; step < steps; step++) losses.push((await trainer.step(batches(step))).loss)
  return losses
}

test('gradients are the slopes of the loss, in float64', async () => {
  const params = await valued(llama)
  const batch = batchOf(4)
  const { gradients } = await trainerOf(llama, params).gradients(batch)
  const arrays = new Map(
    await Promise.all((leavesWithPaths(params) as [string, Tensor][]).map(async ([path, x]) => [path, await x.ndarray()] as const)),
  )
  const direction = (path: string, i: number) => Math.sin(path.length * 3.1 + i * 1.3)
  const lossAt = (t: number) => {
    const moved = mapTree<DecoderParams>(params, (_, path) => {
      const { data, shape } = arrays.get(path)!
      // Two float32 numbers: what is moved by, and what is moved, meet in the float64 of the reference.
      const step = ndarray(
        Float32Array.from(data, (_, i) => direction(path, i)),
        shape,
        'float32',
      )
      return add(fromArray(arrays.get(path)!), mul(fromArray(step), t))
    })
    return reference(languageLoss(forward(llama, moved, { ids: fromArray(batch.ids) }), fromArray(batch.labels)))[0].data[0]
  }
  const h = 2 ** -16
  const slope = (lossAt(h) - lossAt(-h)) / (2 * h)
  const expected = [...gradients].reduce(
    (total, [path, { data }]) => total + Array.from(data).reduce((sum, g, i) => sum + g * Math.fround(direction(path, i)), 0),
    0,
  )
  expect(Math.abs(slope / expected - 1)).toBeLessThan(1e-5)
})

const optimizers: [string, () => Optimizer][] = [
  ['AdamW', () => adam({ learningRate: 0.01, beta2: 0.95, weightDecay: 0.1, decays: matricesDecay, counters: 'each' })],
  ['Adafactor', () => adafactor({ learningRate: 0.01 })],
  ['SGD', () => sgd({ learningRate: 0.1, momentum: 0.9 })],
]

test.each(optimizers)('training is that of one graph of the whole model, with clipping: %s', async (_, make) => {
  const params = await valued(llama)
  const trainer = trainerOf(llama, params, { optimizer: make(), clip: 0.5 })
  const transition = jit(
    trainTransition<DecoderParams, { ids: NDArray; labels: NDArray }>(
      (p, { ids, labels }) => languageLoss(forward(llama, p, { ids }), labels),
      clipByGlobalNorm(make(), 0.5),
    ),
  )
  let state = { params, optimizer: clipByGlobalNorm(make(), 0.5).init(params) }
  for (let step = 0; step < 4; step++) {
    const { ids, labels } = batchOf(step)
    const next = await evaluate(transition(state, { ids: fromArray(ids), labels: fromArray(labels) }))
    const { loss, gradientNorm } = await trainer.step([batchOf(step)])
    expect(loss).toBeCloseTo(await next.output.loss.item(), 4)
    expect(gradientNorm).toBeCloseTo(await next.output.report.gradientNorm.item(), 3)
    state = next.state as typeof state
  }
})

test('gradients of several batches are those of one', async () => {
  const [a, b] = [batchOf(1, [2, 8]), batchOf(3, [2, 8])]
  const both = (name: 'ids' | 'labels') => ndarray(Int32Array.from([...a[name].data, ...b[name].data]), [4, 8], 'int32')
  const params = await valued(llama)
  const [parts, one] = [trainerOf(llama, params), trainerOf(llama, params)]
  const reports = [await parts.step([a, b]), await one.step([{ ids: both('ids'), labels: both('labels') }])]
  expect(reports[0].loss).toBeCloseTo(reports[1].loss, 5)
  const [first, second] = [await valuesOf(parts), await valuesOf(one)]
  for (const [path, values] of first) for (const [i, x] of values.entries()) expect(Math.abs(x - second.get(path)![i])).toBeLessThan(1e-5)
})

test('a run that is cut and goes on has the same bits', async () => {
  const make = () => adam({ learningRate: 0.01, counters: 'each' })
  const params = await valued(llama)
  const batches = (step: number) => [batchOf(step)]
  const straight = trainerOf(llama, params, { optimizer: make(), trainable: topBlocks })
  await train(straight, 5, batches)
  const first = trainerOf(llama, params, { optimizer: make(), trainable: topBlocks })
  await train(first, 2, batches)
  const saved = mapArrays(await first.toArrays())
  await train(first, 1, batches)
  const second = trainerOf(llama, await valued(llama), { optimizer: make(), trainable: topBlocks })
  await second.fromArrays(saved)
  expect(second.steps).toBe(2)
  await train(second, 3, (step) => batches(step + 2))
  expect(await second.toArrays()).toEqual(await straight.toArrays())
})

const mapArrays = (arrays: Record<string, NDArray>) =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, { ...array, data: array.data.slice() }]))

test('memory stays flat, and checkpointing keeps less of it', async () => {
  const peaks: number[] = []
  for (const recompute of [false, true]) {
    const trainer = trainerOf(llama, await valued(llama), { recompute, optimizer: adam({ learningRate: 0.01, counters: 'each' }) })
    await train(trainer, 2, (step) => [batchOf(step)])
    const { peak, idle } = trainer.arena
    await train(trainer, 4, (step) => [batchOf(step)])
    expect([trainer.arena.peak, trainer.arena.idle]).toEqual([peak, idle])
    peaks.push(peak.activations)
  }
  expect(peaks[1]).toBeLessThan(peaks[0] / 2)
})

test('a loss that is not finite changes nothing', async () => {
  const params = mapTree<DecoderParams>(await valued(llama), (x: Tensor, path) => (path === 'norm.gain' ? mul(x, Number.NaN) : x))
  const trainer = trainerOf(llama, params)
  await expect(trainer.step([batchOf(0)])).rejects.toThrow(/^training stopped at step 0: the loss is NaN/)
  expect(trainer.bytes).toMatchObject({ gradients: 0, activations: 0 })
  await expect(trainer.step([{ ...batchOf(0), labels: ndarray(new Int32Array(24).fill(ignored), [3, 8], 'int32') }])).rejects.toThrow(
    'no token of the batch is scored',
  )
})

test('adapters beside frozen weights train alone', async () => {
  const params = await valued(llama)
  const adapted = {
    ...params,
    blocks: params.blocks.map((block, i) => ({
      ...block,
      attention: {
        ...block.attention,
        query: {
          ...block.attention.query!,
          lora: { a: random.normal(key(50 + i), [16, 2]), b: random.normal(key(70 + i), [2, 16]), scaling: tensor(0.5) },
        },
      },
    })),
  }
  await evaluate(adapted)
  const isAdapter = (path: string) => /lora\.[ab]$/.test(path)
  const trainer = trainerOf(llama, adapted, { trainable: isAdapter })
  const { gradients } = await trainer.gradients(batchOf(1))
  expect([...gradients.keys()].every(isAdapter)).toBe(true)
  expectEqual(gradients, (await whole(llama, adapted, batchOf(1))).gradients)
})
