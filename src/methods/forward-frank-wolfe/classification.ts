import type { OptdigitsPart } from '../../data/index.ts'
import { concat, div, evaluate, fromArray, key, matmul, ones, type Tensor, tanh, zeros } from '../../engine/index.ts'
import { lecunNormal, type Model, mlp } from '../../nn/index.ts'
import type { Config } from './config.ts'
import type { ConstraintSet } from './lmo.ts'
import type { Rule } from './rules.ts'

/** Examples as a task's model takes them: x float32 [n, features], y int32 [n]. */
export interface Digits {
  readonly x: Tensor
  readonly y: Tensor
}

/** A model of digits of 8 × 8 pixels, with what it is trained under. */
export interface Task {
  readonly model: Model<unknown>
  readonly rule: Rule
  readonly steps: number
  readonly batch: number
  digits(part: OptdigitsPart): Promise<Digits>
}

/** Pixels from 0 to 1. */
const pixels = ({ x }: OptdigitsPart): Tensor => div(fromArray(x), 16)

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

export const taskOf = (config: Config, seed: number): Task => (config.task === 'mlp' ? network : logistic)(config, seed)

/** The parameters at the start: what the network's seed gives. */
export const startOf = ({ model }: Task, seed: number): Promise<unknown> => evaluate(model.init(key(seed)))
