import { expect, test } from 'vitest'
import { cast, evaluate, isTensor, key, mapTree, ndarray, norm, random, type Tensor } from '../engine/index.ts'
import { crossEntropy, mlp } from '../nn/index.ts'
import { trainStep } from '../train/index.ts'
import { optimizerNamed, optimizerNames } from './optimizers.ts'

const model = mlp({ sizes: [6, 8, 3] })

/** Three clouds of points, one a class. */
async function clouds() {
  const y = Int32Array.from({ length: 48 }, (_, i) => i % 3)
  const noise = await random.normal(key(1), [48, 6]).data()
  const x = Float32Array.from(noise, (value, i) => 0.3 * value + (Math.floor(i / 6) % 3 === i % 3 ? 1.5 : 0))
  return { x: ndarray(x, [48, 6], 'float32'), y: ndarray(y, [48], 'int32') }
}

const start = () => evaluate(model.init(key(0)))

/** Normalized steps of the others' size would separate these points so far that the loss vanishes, and stop there. */
const textOf = (name: string): string => (name === 'prgd' ? 'prgd:learningRate=0.01' : name)

test.each(optimizerNames)('%s lowers a loss in the one training step', async (name) => {
  const batch = await clouds()
  // Dual averaging and proximal steps shrink weights as well; this is about the loss.
  const { optimizer, params } = await optimizerNamed(textOf(name), {
    params: await start(),
    steps: 120,
    learningRate: 0.05,
    defaults: { lambda: 1e-4, momentum: 0.5 },
  })
  const train = trainStep((p: typeof params, { x, y }) => crossEntropy(model.apply(p, x), y), optimizer)
  let state = await evaluate(train.init(params))
  const losses: number[] = []
  for (let k = 0; k < 120; k++) {
    const next = await train(state, batch)
    losses.push(next.loss)
    state = next
  }
  const last = losses.slice(-10).reduce((sum, loss) => sum + loss / 10, 0)
  expect(last).toBeLessThan(0.9 * losses[0])
})

const tensorsOf = (tree: unknown): Tensor[] => {
  const found: Tensor[] = []
  mapTree(tree, (leaf) => {
    if (isTensor(leaf)) found.push(leaf)
    return leaf
  })
  return found
}

const dtypesOf = (tree: unknown): string[] => tensorsOf(tree).map(({ dtype }) => dtype)

test.each(optimizerNames.flatMap((name) => (['float32', 'float64'] as const).map((dtype) => [name, dtype] as const)))(
  '%s keeps parameters of %s, and its state has one type from step to step',
  async (name, dtype) => {
    const params = mapTree(await start(), (leaf) => (isTensor(leaf) ? cast(leaf, dtype) : leaf))
    const chosen = await optimizerNamed(textOf(name), { params, steps: 2, learningRate: 0.01 })
    const state = chosen.optimizer.init(chosen.params)
    const next = await evaluate(chosen.optimizer.update({ gradients: chosen.params, state, params: chosen.params }))
    expect(new Set(dtypesOf(next.params))).toEqual(new Set([dtype]))
    expect(dtypesOf(next.state)).toEqual(dtypesOf(state))
    // Counts and sums of a few numbers may have a type of their own; what is as large as the parameters may not.
    const large = tensorsOf(next.state).filter((x) => x.shape.length > 0 && x.dtype.startsWith('float'))
    expect(large.filter((x) => x.dtype !== dtype)).toEqual([])
  },
)

test('settings of the text go before those of the run, and those before the defaults', async () => {
  const steps = async (text: string, defaults = {}) => {
    const { optimizer, params } = await optimizerNamed(text, { params: await start(), steps: 1, learningRate: 0.25, defaults })
    const gradients = params
    const next = optimizer.update({ gradients, state: optimizer.init(params), params })
    const [before, after] = [params, await evaluate(next.params)].map((p) => p.layers[0].weight)
    return 1 - (await norm(after).item()) / (await norm(before).item())
  }
  expect(await steps('sgd')).toBeCloseTo(0.25, 5)
  expect(await steps('sgd', { learningRate: 0.5 })).toBeCloseTo(0.5, 5)
  expect(await steps('sgd:learningRate=0.125,momentum=0', { learningRate: 0.5, lambda: 7 })).toBeCloseTo(0.125, 5)
})

test('Frank-Wolfe starts inside its set, and says when it had to move', async () => {
  const lines: string[] = []
  const given = await start()
  const { params } = await optimizerNamed('frankWolfe:set=l2,r=0.5', {
    params: given,
    steps: 1,
    learningRate: 1,
    warn: (line) => lines.push(line),
  })
  expect(await norm(params.layers[0].weight).item()).toBeCloseTo(0.5, 5)
  expect(lines).toHaveLength(2)
  expect(await params.layers[0].bias.array()).toEqual(await given.layers[0].bias.array())
})

test.each([
  ['adm', "unknown optimizer 'adm'; did you mean 'adam'?"],
  ['adam:rate=1', "unknown setting 'rate'"],
  ['adam:learningRate', 'learningRate has no value'],
  ['adam:learningRate=fast', "learningRate is 'fast'"],
  ['frankWolfe:set=cube', "there is no set 'cube'"],
  ['frankWolfe:averaging=sometimes', "averaging is 'sometimes'"],
])('%s is refused in one line', async (text, message) => {
  await expect(optimizerNamed(text, { params: await start(), steps: 1, learningRate: 1 })).rejects.toThrow(message)
})
