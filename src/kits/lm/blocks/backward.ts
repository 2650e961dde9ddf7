import type { ArrayFunction, NDArray } from '../../../engine/index.ts'
import { ndarray } from '../../../engine/index.ts'
import type { Arena, Kind } from './arena.ts'
import { type Demand, demandsOf, isAsked } from './demand.ts'
import { type Part, tokensPath } from './parts.ts'
import type { Halves, Programs, TrainingBatch } from './programs.ts'

/** Gradients by the paths of their parameters in the model. */
export type Gradients = Map<string, NDArray>

/** A walk through the blocks and back. */
export interface Pass {
  readonly programs: Programs
  readonly arena: Arena
  /** From the input to the output. */
  readonly parts: readonly Part[]
  readonly weights: ReadonlyMap<string, NDArray>
  readonly batch: TrainingBatch
  readonly keep: Demand['keep']
  /** Of which parameters gradients are computed. */
  readonly wanted: (path: string) => boolean
  /** What the sum of the losses is multiplied with. */
  readonly scale: number
}

/** What a block's forward pass leaves for its backward pass. */
interface Kept {
  readonly part: Part
  readonly demand: Demand
  readonly input: NDArray
  readonly values: readonly NDArray[]
}

/** The loss and the wanted gradients. Nothing is kept, and nothing computed, for what lies below the lowest of them. */
export async function backward(pass: Pass): Promise<{ loss: number; gradients: Gradients }> {
  const [embedding, ...rest] = pass.parts
  const top = rest.pop()!
  const demands = demandsOf(pass.parts, pass.wanted, pass.keep)
  const [x, ...view] = await run(pass, pass.programs.embed(embedding), [...weightsOf(pass, embedding), ...tokensOf(pass.batch)])
  const { output, kept } = await forward(pass, rest, { x, view, demands })
  const gradients: Gradients = new Map()
  const { loss, cotangent } = await throughTop(pass, top, { output, demand: demands.at(-1)!, gradients })
  const arrived = await back(pass, kept, { view, cotangent, gradients })
  await intoEmbedding(pass, embedding, { demand: demands[0], cotangent: arrived, gradients })
  for (const array of view) pass.arena.give(array)
  return { loss, gradients }
}

interface Forward {
  readonly x: NDArray
  readonly view: readonly NDArray[]
  readonly demands: readonly Demand[]
}

/** Up through the blocks. An input is kept where the block's backward pass reads it. */
async function forward(pass: Pass, blocks: readonly Part[], { x, view, demands }: Forward): Promise<{ output: NDArray; kept: Kept[] }> {
  const kept: Kept[] = []
  let input = x
  for (const [i, part] of blocks.entries()) {
    const demand = demands[i + 1]
    const halves = pass.programs.block(part, demand)
    const results = await run(pass, halves.forward, [...weightsOf(pass, part), input, ...view])
    if (isAsked(demand)) kept.push({ part, demand, input, values: halves.kept.map((k) => results[k]) })
    if (kept.at(-1)?.input !== input || !readsInput(halves, part)) pass.arena.give(input)
    input = results[0]
  }
  return { output: input, kept }
}

const readsInput = ({ reads }: Halves, { paths }: Part): boolean => reads.includes(paths.length)

interface Top {
  readonly output: NDArray
  readonly demand: Demand
  readonly gradients: Gradients
}

/** The loss, the cotangent of the top of the stack, and the gradients of what is behind it; of a tied head that of the embedding. */
async function throughTop(pass: Pass, part: Part, { output, demand, gradients }: Top): Promise<{ loss: number; cotangent?: NDArray }> {
  const isTied = !part.paths.includes('head.weight')
  const paths = [...demand.gradients, ...(isTied && pass.wanted(tokensPath) ? [tokensPath] : [])]
  const program = pass.programs.top(part, { input: demand.input, gradients: paths })
  const tokens = pass.weights.get(tokensPath)!
  const scale = ndarray(Float32Array.of(pass.scale), [], 'float32')
  const kinds: Kind[] = ['activations', ...(demand.input ? (['activations'] as const) : []), ...paths.map(() => 'gradients' as const)]
  const results = await run(pass, program, [...weightsOf(pass, part), tokens, output, pass.batch.labels, scale], kinds)
  const loss = results[0].data[0]
  pass.arena.give(results[0])
  pass.arena.give(output)
  paths.forEach((path, i) => {
    gradients.set(path, results[i + (demand.input ? 2 : 1)])
  })
  return { loss, cotangent: demand.input ? results[1] : undefined }
}

interface Back {
  readonly view: readonly NDArray[]
  readonly cotangent?: NDArray
  readonly gradients: Gradients
}

/** Down through the blocks as far as anything is wanted: the cotangent of the lowest one's input, where that is. */
async function back(pass: Pass, kept: readonly Kept[], { view, cotangent, gradients }: Back): Promise<NDArray | undefined> {
  let arriving = cotangent
  for (const { part, demand, input, values } of kept.toReversed()) {
    const halves = pass.programs.block(part, demand)
    const all = [...weightsOf(pass, part), input, ...view]
    const args = [...halves.reads.map((place) => all[place]), ...values, arriving!]
    const kinds: Kind[] = [...(demand.input ? (['activations'] as const) : []), ...demand.gradients.map(() => 'gradients' as const)]
    const results = await run(pass, halves.backward, args, kinds)
    for (const array of [...values, arriving!, ...(readsInput(halves, part) ? [input] : [])]) pass.arena.give(array)
    arriving = demand.input ? results.shift() : undefined
    demand.gradients.forEach((path, i) => {
      gradients.set(part.prefix + path, results[i])
    })
  }
  return arriving
}

interface Bottom {
  readonly demand: Demand
  readonly cotangent?: NDArray
  readonly gradients: Gradients
}

/** The embedding's gradients: of rows of tokens added to what a tied head has left there, of positions and virtual tokens by a program. */
async function intoEmbedding(pass: Pass, part: Part, { demand, cotangent, gradients }: Bottom): Promise<void> {
  if (demand.gradients.length === 0) return
  if (demand.gradients.includes(tokensPath)) {
    const rows = gradients.get(tokensPath) ?? zeroed(pass.arena.take(pass.weights.get(tokensPath)!, 'gradients'))
    gradients.set(tokensPath, rows)
    scatterAdd(rows, pass.batch.ids, cotangent!)
  }
  const others = demand.gradients.filter((path) => path !== tokensPath)
  if (others.length > 0) {
    const { backward, reads } = pass.programs.embedBackward(part, others)
    const all = [...weightsOf(pass, part), ...tokensOf(pass.batch)]
    const kinds = others.map(() => 'gradients' as const)
    const results = await run(pass, backward, [...reads.map((place) => all[place]), cotangent!], kinds)
    for (const [i, path] of others.entries()) gradients.set(path, results[i])
  }
  pass.arena.give(cotangent!)
}

function zeroed(array: NDArray): NDArray {
  array.data.fill(0)
  return array
}

/** Adds each token's cotangent to its row, in place: a matrix of the vocabulary's size beside the first would be the largest of all gradients. */
function scatterAdd({ data: total }: NDArray, ids: NDArray, { data, shape: [, all, width] }: NDArray): void {
  const [n, t] = ids.shape
  for (let row = 0; row < n; row++)
    for (let k = 0; k < t; k++) {
      const to = ids.data[row * t + k] * width
      // Virtual tokens come first.
      const from = (row * all + all - t + k) * width
      for (let j = 0; j < width; j++) total[to + j] += data[from + j]
    }
}

const weightsOf = ({ weights }: Pass, { prefix, paths }: Part): NDArray[] => paths.map((path) => weights.get(prefix + path)!)

/** In the order of a batch's tensors. */
const tokensOf = ({ ids, segments, positions }: TrainingBatch): NDArray[] =>
  [ids, segments, positions].filter((array) => array !== undefined)

/** Runs a program into arrays of the arena. */
async function run({ arena }: Pass, program: ArrayFunction, args: readonly NDArray[], kinds: readonly Kind[] = []): Promise<NDArray[]> {
  const into = program.results.map((aval, i) => arena.take(aval, kinds[i] ?? 'activations'))
  return program.run(args, into)
}

/** Gives gradients back. */
export function release(arena: Arena, gradients: Gradients): void {
  for (const array of gradients.values()) arena.give(array)
  gradients.clear()
}
