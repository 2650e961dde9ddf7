import { type MnistPart, type OptdigitsPart, stepsPerEpoch } from '../../data/index.ts'
import { concat, div, evaluate, fromArray, key, matmul, ones, sizeOf, type Tensor, tanh, zeros } from '../../engine/index.ts'
import { lecunNormal, type Model, mlp } from '../../nn/index.ts'
import type { Config } from './config.ts'
import { absoluteRadii, type Constraints, movedInside } from './constraints.ts'
import type { ConstraintSet } from './lmo.ts'
import type { Rule } from './rules.ts'

/** Examples as a task's model takes them: x float32 [n, features], y int32 [n]. */
export interface Digits {
  readonly x: Tensor
  readonly y: Tensor
}

/** Digits as they are read: counts of 8 × 8, or 28 × 28 normalized pixels. */
export type LabelledDigits = OptdigitsPart | MnistPart

/** A model of digits, with what it is trained under. */
export interface Task {
  readonly model: Model<unknown>
  readonly rule: Rule
  readonly steps: number
  readonly batch: number
  digits(part: LabelledDigits): Promise<Digits>
}

/** Pixels from 0 to 1. */
const pixels = ({ x }: LabelledDigits): Tensor => div(fromArray(x), 16)

/** Softmax regression with its bias as a last row: one tensor [65, 10] under one constraint, from zero. */
function logistic({ set, logistic: { steps, batch, sets, rates } }: Config, seed: number): Task {
  const constraints: ConstraintSet = {
    l2: { kind: 'l2', radius: sets.l2 } as const,
    l1: { kind: 'l1', radius: sets.l1 } as const,
    ksparse: { kind: 'ksparse', k: sets.k, radius: sets.ksparse } as const,
  }[set]
  return {
    model: { init: () => ({ weight: zeros([65, 10]) }), apply: (params, x) => matmul(x, (params as { weight: Tensor }).weight) },
    rule: { constraints, rates, seed },
    steps,
    batch,
    digits: (part) => evaluate({ x: concat([pixels(part), ones([part.y.shape[0], 1])], { axis: 1 }), y: fromArray(part.y) }),
  }
}

/** A network 64-32-10 with tanh, an ℓ2 ball for each tensor. */
function network(
  { directions, equalEvaluations, mlp: { steps, batch, weightRadius, biasRadius, warmStart, rates } }: Config,
  seed: number,
): Task {
  const layers = mlp({ sizes: [64, 32, 10], activation: tanh, weight: lecunNormal })
  return {
    model: layers as Model<unknown>,
    rule: {
      constraints: (path) => ({ kind: 'l2', radius: path.endsWith('bias') ? biasRadius : weightRadius }),
      stepSize: { warmStart },
      rates,
      seed,
    },
    steps: equalEvaluations ? Math.ceil(steps / directions) : steps,
    batch,
    digits: (part) => evaluate({ x: pixels(part), y: fromArray(part.y) }),
  }
}

/** A network of more than a million parameters on MNIST; biases are free. */
async function large({ set, mnist }: Config, seed: number, { y: labels }: LabelledDigits): Promise<Task> {
  const { epochs, batch, hidden, initMultiple, share, warmStart, rates } = mnist
  const layers = mlp({ sizes: [784, ...hidden, 10], activation: tanh, weight: lecunNormal })
  const ofWeight = (shape: readonly number[]): ConstraintSet =>
    set === 'ksparse' ? { kind: set, k: Math.ceil(share * sizeOf(shape)), initMultiple } : { kind: set, initMultiple }
  const wanted: Constraints = (_, shape) => (shape.length > 1 ? ofWeight(shape) : { kind: 'none' })
  return {
    model: layers as Model<unknown>,
    rule: { constraints: await absoluteRadii(await evaluate(layers.init(key(seed))), wanted), stepSize: { warmStart }, rates, seed },
    steps: epochs * stepsPerEpoch(labels.shape[0], { size: batch }),
    batch,
    digits: (part) => evaluate({ x: fromArray(part.x), y: fromArray(part.y) }),
  }
}

/** The task of an arm, on the examples that it is trained on. */
export const taskOf = async (config: Config, seed: number, train: LabelledDigits): Promise<Task> => {
  if (config.task === 'mnist') return large(config, seed, train)
  return (config.task === 'mlp' ? network : logistic)(config, seed)
}

/** The parameters at the start: what the seed gives, or the nearest point of the sets. */
export const startOf = async ({ model, rule }: Task, seed: number): Promise<unknown> =>
  movedInside(await evaluate(model.init(key(seed))), rule.constraints)
