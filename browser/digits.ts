import { batches } from '../src/data/batches.ts'
import { generateDigits } from '../src/data/digits.ts'
import { normalize } from '../src/data/mnist.ts'
import { getRuntime, key } from '../src/engine/index.ts'
import { crossEntropy, mlp } from '../src/nn/index.ts'
import { adam } from '../src/optim/index.ts'
import { trainStep } from '../src/train/index.ts'

export interface Losses {
  readonly runtime: string
  readonly threads: number
  readonly losses: readonly number[]
  readonly millisecondsPerStep: number
}

/** A small net on generated digits: the same numbers wherever it runs, but for the rounding of the runtime's sums. */
export async function trainDigits(steps: number): Promise<Losses> {
  const { images, labels } = generateDigits({ count: 2048, seed: 0 })
  const model = mlp({ sizes: [784, 128, 64, 10] })
  const train = trainStep(
    (params: ReturnType<typeof model.init>, { x, y }) => crossEntropy(model.apply(params, x), y),
    adam({ learningRate: 1e-3 }),
  )
  let state = train.init(model.init(key(0)))
  const losses: number[] = []
  let start = 0
  for (const batch of batches({ x: normalize(images), y: labels }, { size: 128, seed: 0, steps })) {
    const next = await train(state, { x: { ...batch.x, shape: [128, 784] }, y: batch.y })
    losses.push(next.loss)
    state = next
    if (losses.length === 1) start = performance.now()
  }
  const millisecondsPerStep = (performance.now() - start) / (steps - 1)
  const { name, threads } = await getRuntime()
  return { runtime: name, threads, losses, millisecondsPerStep }
}
