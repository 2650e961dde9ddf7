import { createBatcher, type MnistPart, type Optdigits } from '../../data/index.ts'
import { div, evaluate, fromArray, gather, grad, jit, leaves, mul, ndarray, sizeOf, sqrt, type Tensor } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import { predictionsOf } from '../../kits/metrics/index.ts'
import { accuracy, crossEntropy } from '../../nn/index.ts'
import { toArrays } from '../../train/index.ts'
import { type Digits, startOf, type Task, taskOf } from './classification.ts'
import type { Config } from './config.ts'
import { type Followed, follow, type Procedure } from './follow.ts'
import { innerProduct } from './forward-gradient.ts'
import { frankWolfeGap } from './gap.ts'
import { procedureOf } from './rules.ts'
import { nonzeroShare } from './sparsity.ts'

export interface Data {
  readonly optdigits: Pick<Optdigits, 'train' | 'test' | 'ids'>
  /** Only for the large network. */
  readonly mnist?: { readonly train: MnistPart; readonly test: MnistPart; readonly ids: { readonly test: readonly number[] } }
}

/** Steps between two looks at the whole data. */
const lookEvery = 500

/** Steps of one call of the runtime: all of them draw their directions together, which must not be more than some megabytes. */
function chunkOf(params: unknown, directions: number): number {
  const drawn = directions * (leaves(params) as Tensor[]).reduce((total, { shape }) => total + sizeOf(shape), 0)
  return [250, 125, 50, 25, 10, 5, 2].find((steps) => steps * drawn <= 1e6) ?? 1
}

type Shared = { readonly train: Digits; readonly test: Digits }

export async function classificationUnit({
  config,
  seed,
  data,
  checkpoint,
  log,
  progress,
  artifact,
}: UnitContext<Config, Data>): Promise<Findings> {
  const digits = config.task === 'mnist' ? data.mnist! : data.optdigits
  const task = await taskOf(config, seed, digits.train)
  const [train, test] = await Promise.all([task.digits(digits.train), task.digits(digits.test)])
  const procedure = procedureOf<unknown>(config, task.rule, batchLoss(task) as Procedure<unknown>['loss'])
  const batcher = createBatcher({ y: digits.train.y }, { size: task.batch, seed, last: 'wrap' })
  const start = await startOf(task, seed)
  const look = looking(task)
  const { params, optimizer } = await follow(procedure, {
    start,
    steps: task.steps,
    chunk: chunkOf(start, config.directions),
    shared: train,
    resume: await checkpoint.latest(),
    inputsAt: (first, length) => batchesFrom(batcher, first, length, task.batch),
    onChunk: async (done, _, state) => {
      if (done % lookEvery === 0 || done === task.steps) log(done, await look(state, { train, test }))
      if (checkpoint.due()) await checkpoint.save(done, await toArrays(state))
      await progress(done, task.steps)
    },
  })
  await artifact('weights.safetensors', writeSafetensors(await toArrays(params)))
  const found = await look({ params, optimizer }, { train, test })
  const logits = await (await evaluate(jit(task.model.apply)(params, test.x))).ndarray()
  return {
    measurements: { ...found, evaluations: task.steps * config.directions },
    items: { test: { ...predictionsOf(logits, digits.test.y.data), id: digits.ids.test } },
    details: await patternOf(config, params),
  }
}

/** The loss on a batch, given by the numbers of its examples. */
const batchLoss =
  ({ model }: Task) =>
  (params: unknown, { x, y }: Digits, batch: Tensor): Tensor =>
    crossEntropy(model.apply(params, gather(x, batch)), gather(y, batch))

/** int32 [steps, batch]: which examples each step sees. */
function batchesFrom({ indicesAt }: { indicesAt(step: number): Uint32Array }, first: number, length: number, batch: number): Tensor {
  const indices = new Int32Array(length * batch)
  for (let k = 0; k < length; k++) indices.set(indicesAt(first + k), k * batch)
  return fromArray(ndarray(indices, [length, batch], 'int32'))
}

/** What is worth knowing of a state: on all training examples the loss, its Frank-Wolfe gap and the angle between d and its gradient; and more. */
function looking({ model, rule }: Task) {
  const measured = jit((params: unknown, average: unknown, { train, test }: Shared) => {
    const loss = (p: unknown) => crossEntropy(model.apply(p, train.x), train.y)
    const logits = model.apply(params, test.x)
    const found = {
      loss: loss(params),
      accuracy: accuracy(logits, test.y),
      gap: frankWolfeGap(loss, params, rule.constraints),
      nonzero: nonzeroShare(params),
    }
    return average ? { ...found, cosine: cosine(average, grad(loss)(params)) } : found
  })
  return async ({ params, optimizer }: Followed<unknown>, shared: Shared): Promise<Record<string, number>> => {
    const values: Record<string, number> = {}
    for (const [name, x] of Object.entries(await evaluate(measured(params, averageIn(optimizer), shared))))
      values[name] = await (x as Tensor).item()
    return values
  }
}

/** d, where an optimizer keeps one. */
function averageIn(optimizer: unknown): unknown {
  const { inner = optimizer } = optimizer as { inner?: unknown }
  const { average } = inner as { average?: object }
  return average && leaves(average).length > 0 ? average : undefined
}

const cosine = (a: unknown, b: unknown): Tensor => div(innerProduct(a, b), sqrt(mul(innerProduct(a, a), innerProduct(b, b))))

/** Of softmax regression: the weights, for their picture. */
async function patternOf({ task }: Config, params: unknown): Promise<unknown> {
  if (task !== 'logistic') return undefined
  return { weight: [...(await (params as { weight: Tensor }).weight.data())] }
}
