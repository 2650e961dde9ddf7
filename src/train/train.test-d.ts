import { expectTypeOf } from 'vitest'
import { batches, type Dataset, parseCsv, type Table, take } from '../data/index.ts'
import { matmul, type NDArray, sum, type Tensor } from '../engine/index.ts'
import { crossEntropy, linear, type Model, mlp } from '../nn/index.ts'
import { adam, type Optimizer, sgd, stepDecay } from '../optim/index.ts'
import { fromArrays, type TrainState, toArrays, trainStep } from './index.ts'

/* Types are checked by `npm run check`; nothing here runs. */

declare const x: Tensor
declare const batch: { readonly x: NDArray; readonly y: NDArray }

// A model's parameters are a type of their own, which init gives and apply takes.
const model = mlp({ sizes: [4, 8, 3] })
type Params = ReturnType<typeof model.init>
expectTypeOf(model).toExtend<Model<Params>>()
expectTypeOf(linear(4, 3).init(x)).toEqualTypeOf<{ weight: Tensor; bias: Tensor }>()
expectTypeOf(crossEntropy(model.apply(model.init(x), x), x)).toEqualTypeOf<Tensor>()
// @ts-expect-error the parameters of another model
model.apply(linear(4, 3).init(x), x)
// @ts-expect-error sizes are numbers
mlp({ sizes: ['4', '3'] })

// The state of a step holds the parameters; the loss is a number.
const train = trainStep((params: Params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 1e-3 }))
const state = train.init(model.init(x))
expectTypeOf(state).toEqualTypeOf<TrainState<Params>>()
expectTypeOf(train(state, batch)).resolves.toHaveProperty('params').toEqualTypeOf<Params>()
expectTypeOf(train(state, batch)).resolves.toHaveProperty('loss').toEqualTypeOf<number>()
// @ts-expect-error a batch has y
train(state, { x: batch.x })
// @ts-expect-error a loss is a tensor
trainStep((params: Params) => params, adam({ learningRate: 1e-3 }))

// Batches of other columns, whose names the loss sees.
const other = trainStep<Tensor, { users: NDArray; ratings: NDArray }>(
  (w, { users, ratings }) => sum(matmul(users, matmul(w, ratings))),
  sgd({ learningRate: 0.1 }),
)
// @ts-expect-error no such column
other(other.init(x), batch)

// Optimizers know their own state; options are checked.
const optimizer = adam({ learningRate: stepDecay(0.1, { milestones: [100] }) })
expectTypeOf(optimizer).toExtend<Optimizer>()
expectTypeOf(optimizer.init(model.init(x))).not.toBeUnknown()
expectTypeOf(
  optimizer.update({ gradients: model.init(x), state: optimizer.init(model.init(x)), params: model.init(x) }).params,
).toEqualTypeOf<Params>()
// @ts-expect-error a learning rate is needed
adam({})
// @ts-expect-error no such option
sgd({ learningRate: 0.1, momentun: 0.9 })
// @ts-expect-error the gradients are like the parameters
optimizer.update<Params>({ gradients: x, state: optimizer.init(model.init(x)), params: model.init(x) })

// States as arrays, and back into the type that they had.
expectTypeOf(toArrays(state)).resolves.toEqualTypeOf<Record<string, NDArray>>()
expectTypeOf(fromArrays({}, state)).toEqualTypeOf<TrainState<Params>>()

// Readers, and batches with the columns that they are made of.
expectTypeOf(parseCsv('a,b')).resolves.toEqualTypeOf<Table>()
for (const part of batches({ images: batch.x, labels: batch.y }, { size: 2, seed: 0 }))
  expectTypeOf(part).toEqualTypeOf<{ images: NDArray; labels: NDArray }>()
expectTypeOf(take(batch, 3)).toEqualTypeOf<{ readonly x: NDArray; readonly y: NDArray }>()
expectTypeOf(batch).toExtend<Dataset>()
// @ts-expect-error a seed is needed
batches(batch, { size: 2 })
// @ts-expect-error columns are arrays
take({ x: [1, 2, 3] }, 3)
