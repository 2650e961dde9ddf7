import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type { NDArray, Tensor } from '../engine/index.ts'
import type { Experiment } from '../experiment/index.ts'
import { loadClassifier, type SavedClassifier, saveClassifier, scaledIn } from '../kits/classifier/index.ts'
import type { Optimizer } from '../optim/index.ts'
import { forwardFrankWolfe, forwardGradient, keyedDirections, onMatrices } from './forward-frank-wolfe/index.ts'
import { methods, type Verb, verb } from './index.ts'
import { type Chosen, optimizerNamed } from './optimizers.ts'
import { type MarginResult, maxMargin } from './prgd/index.ts'
import { r2etObjective, saliency, smoothNetwork } from './r2et/index.ts'
import { compact, groupLasso, type Regularizer, ramda } from './ramda/index.ts'

/* Types are checked by `npm run check`; nothing here runs. */

declare const x: Tensor
declare const array: NDArray
declare const params: { readonly weight: Tensor; readonly bias: Tensor }

expectTypeOf(methods[0].experiment()).resolves.toEqualTypeOf<Experiment>()
expectTypeOf(methods[0].verbs()).resolves.toEqualTypeOf<readonly Verb[]>()

// A verb's options are those of its schema.
verb({
  name: 'count',
  summary: { en: 'Counts', zh: '数' },
  example: 'quire words count notes.txt',
  options: z.object({ file: z.string(), least: z.number().default(1) }),
  run: async ({ options }) => {
    expectTypeOf(options).toEqualTypeOf<{ file: string; least: number }>()
    // @ts-expect-error no such option
    options.most
    return { json: {} }
  },
})

expectTypeOf(optimizerNamed('adam', { params, steps: 10, learningRate: 0.1 })).resolves.toEqualTypeOf<Chosen<typeof params>>()
// @ts-expect-error a plan has steps
optimizerNamed('adam', { params, learningRate: 0.1 })

expectTypeOf(groupLasso(1e-3)).toEqualTypeOf<Regularizer>()
expectTypeOf(ramda({ learningRate: 0.1, regularizer: groupLasso(1e-3) })).toExtend<Optimizer>()
expectTypeOf(compact([{ weight: array, bias: array }]).keptInputs).toEqualTypeOf<readonly number[]>()
// @ts-expect-error groups are by input or output
groupLasso(1e-3, { by: 'row' })
// @ts-expect-error a learning rate is needed
ramda({ regularizer: groupLasso(1e-3) })

expectTypeOf(forwardFrankWolfe({ constraints: onMatrices({ kind: 'l1', radius: 5 }) })).toExtend<Optimizer>()
expectTypeOf(forwardGradient((p: typeof params) => p.weight, params, { directions: keyedDirections(x, params) }).gradient).toEqualTypeOf<
  typeof params
>()
// @ts-expect-error no such set
onMatrices({ kind: 'l7' })

expectTypeOf(maxMargin(array)).resolves.toEqualTypeOf<MarginResult>()
// @ts-expect-error no such method
maxMargin(array, { method: 'lasso' })

const network = smoothNetwork({ features: 4, classes: 2 })
expectTypeOf(saliency((x) => network.apply(network.init(x), x), x)).toEqualTypeOf<Tensor>()
expectTypeOf(r2etObjective(network, { k: 2 })).returns.toEqualTypeOf<Tensor>()
// @ts-expect-error no such saliency
saliency((x) => x, x, { method: 'guess' })

expectTypeOf(loadClassifier('digits')).resolves.toEqualTypeOf<SavedClassifier>()
expectTypeOf(scaledIn(x, { mean: [0], deviation: [1] })).toEqualTypeOf<Tensor>()
// @ts-expect-error a card is needed
saveClassifier('digits', (x: Tensor) => x)
