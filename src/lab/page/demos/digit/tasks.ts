import { loadOnce } from '../load-once.ts'
import { fetchModel } from '../models.ts'
import { type Explained, explainer, type Perturbed, readClassifier } from './explain.ts'

/** What is asked of an image: which of ten digits, or whether it is odd, as in the experiment. */
export const questions = ['ten', 'parity'] as const
export type Question = (typeof questions)[number]

/** A network that was trained plainly, and one that was trained for stable explanations. */
export const kinds = ['fragile', 'robust'] as const
export type Kind = (typeof kinds)[number]
export type Both<T> = Readonly<Record<Kind, T>>

const pairOf = loadOnce(async (question: Question): Promise<Both<ReturnType<typeof explainer>>> => {
  const one = async (kind: Kind) => {
    const file = modelFile(question, kind)
    return explainer(readClassifier(await fetchModel(file), file))
  }
  return { fragile: await one('fragile'), robust: await one('robust') }
})

export const modelFile = (question: Question, kind: Kind): string => `digits-${question}-${kind}.safetensors`

export const digitTasks = {
  async explain({ question, pixels }: { question: Question; pixels: Float32Array }): Promise<Both<Explained>> {
    const { fragile, robust } = await pairOf(question)
    return { fragile: await fragile.explain(pixels), robust: await robust.explain(pixels) }
  },
  async perturb(
    { question, pixels, eps, steps }: { question: Question; pixels: Float32Array; eps: number; steps: number },
    tell: (share: number) => void,
    signal: AbortSignal,
  ): Promise<Both<Perturbed>> {
    const pair = await pairOf(question)
    const one = (kind: Kind, first: number) =>
      pair[kind].perturb(pixels, {
        eps,
        steps,
        async progress(done, total) {
          signal.throwIfAborted()
          tell(first + done / total / 2)
        },
      })
    return { fragile: await one('fragile', 0), robust: await one('robust', 0.5) }
  },
} as const
export type DigitTasks = typeof digitTasks
