import {
  cast,
  compileStep,
  fromArray,
  InputError,
  isBuffer,
  leaves,
  mapTree,
  type NDArray,
  ndarray,
  type StepResult,
  type Tensor,
  tensor,
  unflatten,
  withBuffers,
  withoutBuffers,
  zerosArray,
} from '../../engine/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { gradientAt, type StepLoss, type StepOutput, type TrainState, updated } from '../transition.ts'
import { agree, alone, type Communicator, type Floats } from './communicator.ts'
import { isFloat, Packing } from './packing.ts'
import { checkShards, rowsBefore, rowsOf, shardOf } from './shards.ts'
import { scratchFor, sumOfLeaves, sumOfRanks } from './tree-sum.ts'

/** How a training step is shared out. */
export interface DataParallel {
  /**
   * Logical shards of a batch, a power of two: the same number gives the same bits on any number of ranks that divides it. `'fast'`: a shard a rank and a
   * sum in whatever order the library likes, so that the bits depend on how many ranks there are.
   */
  readonly shards: number | 'fast'
  /** The ranks that share them; default this process alone. */
  readonly communicator?: Communicator
}

/** What a shard finds, weighted by its share of the rows: loss, gradient and floating-point buffers as vectors, other buffers as they are. */
interface Found {
  readonly vectors: Tensor[]
  readonly others: Tensor[]
}

/**
 * The training step of a loss that is a mean over the rows of its batch, computed shard by shard: the gradient of a batch is the mean of its shards'
 * gradients, weighted by their rows. A batch's keys (uint32 [2]) are folded with the shard's number. Running statistics become the mean of what the
 * shards make of them; buffers of whole numbers become what the first shard makes of them.
 */
export function shardedStep<P>(loss: StepLoss<P>, optimizer: Optimizer, { shards: wanted, communicator = alone }: DataParallel) {
  const { rank, size } = communicator
  const isFast = wanted === 'fast'
  const shards = isFast ? size : wanted
  if (!isFast) checkShards(shards, size)
  refuseCurved(optimizer)
  const own = shards / size

  const foundBy = compileStep((_: Tensor[], { params, optimizer: state }: TrainState<P>, batch: Record<string, Tensor>, weight: Tensor) => {
    const { value, gradient, aux } = gradientAt(loss, optimizer, { params, optimizer: state }, batch)
    const buffers = buffersOf(withBuffers(params, params, aux))
    const packed = [cast(value, lossType(params)), ...(leaves(gradient) as Tensor[]), ...buffers.filter(isFloat)]
    return { state: packingOf(params).pack(packed, weight), output: buffers.filter((x) => !isFloat(x)) }
  })

  const update = compileStep((state: TrainState<P>, { vectors, others }: Found) => {
    const { params } = state
    const [value, ...rest] = packingOf(params).unpack(vectors)
    const trained = withoutBuffers(params)
    const count = leaves(trained).length
    const buffers = [rest.slice(count), [...others]]
    const next = mapTree<P>(params, (leaf: Tensor) => (isBuffer(leaf) ? buffers[isFloat(leaf) ? 0 : 1].shift()!.as('buffer') : leaf))
    return updated(optimizer, state, { value, gradient: unflatten<P>(trained, rest.slice(0, count)), aux: next })
  })

  let memory: Memory | undefined
  return async (state: TrainState<P>, batch: Record<string, Tensor>): Promise<StepResult<TrainState<P>, StepOutput>> => {
    memory ??= await agreed(communicator, optimizer, packingOf(state.params), shards)
    const { levels, scratch } = memory
    const arrays = await arraysOf(batch)
    const rows = rowsOf(arrays)
    let others: Tensor[] = []
    const leaf = async (shard: number, into: readonly Floats[]) => {
      const count = rowsBefore(shard + 1, shards, rows) - rowsBefore(shard, shards, rows)
      if (count === 0) {
        for (const vector of into) vector.fill(0)
        return
      }
      const weight = tensor(Float64Array.of(count / rows), { shape: [] })
      const found = await foundBy(memory!.found, state, shardOf(arrays, shard, shards, rows), weight)
      memory!.found = found.state
      for (const [i, vector] of found.state.entries()) into[i].set((await vector.data()) as Floats)
      if (shard === 0) others = found.output
    }
    await sumOfLeaves(leaf, rank * own, own, levels)
    const vectors = levels[0]
    for (const [i, vector] of vectors.entries()) await (isFast ? communicator.sum(vector) : sumOfRanks(communicator, vector, scratch[i]))
    return update(state, { vectors: vectors.map(asTensor), others: await ofRankZero(communicator, state.params, others) })
  }
}

/** What a step keeps from call to call. */
interface Memory {
  /** Vectors for each level of the tree within a rank. */
  readonly levels: readonly (readonly Floats[])[]
  readonly scratch: readonly Floats[]
  /** What the last shard's vectors were in: their memory is written again two shards later, when they have been added up. */
  found: Tensor[]
}

async function agreed(communicator: Communicator, optimizer: Optimizer, packing: Packing, shards: number): Promise<Memory> {
  await agree(communicator, `${packing} with ${optimizer.name} in ${shards} shards`)
  const depth = Math.log2(shards / communicator.size) + 1
  const levels = Array.from({ length: depth }, () => packing.allocate())
  return { levels, scratch: levels[0].map(scratchFor), found: packing.allocate().map(asTensor) }
}

const asTensor = (data: Floats): Tensor => fromArray(ndarray(data, [data.length], data instanceof Float32Array ? 'float32' : 'float64'))

const buffersOf = (params: unknown): Tensor[] => leaves(params).filter(isBuffer)

const trainedOf = (params: unknown): Tensor[] => leaves(withoutBuffers(params)) as Tensor[]

const lossType = (params: unknown) => (trainedOf(params).some(({ dtype }) => dtype === 'float64') ? 'float64' : 'float32')

/** The loss, the gradient, and the floating-point buffers. */
const packingOf = (params: unknown): Packing =>
  new Packing([{ shape: [], dtype: lossType(params) }, ...trainedOf(params), ...buffersOf(params).filter(isFloat)])

async function arraysOf(batch: Record<string, Tensor>): Promise<Record<string, NDArray>> {
  return Object.fromEntries(await Promise.all(Object.entries(batch).map(async ([name, x]) => [name, await x.ndarray()] as const)))
}

/** Buffers of whole numbers, as the first shard, which is rank 0's, has made them. */
async function ofRankZero(communicator: Communicator, params: unknown, others: readonly Tensor[]): Promise<Tensor[]> {
  const shared: Tensor[] = []
  for (const [i, { shape, dtype }] of buffersOf(params)
    .filter((x) => !isFloat(x))
    .entries()) {
    const array = zerosArray(shape, dtype)
    if (communicator.rank === 0) array.data.set(await others[i].data())
    await communicator.broadcast(array.data)
    shared.push(fromArray(array))
  }
  return shared
}

/** An optimizer may take the gradient of a function of the loss. Only of a linear one is it the mean of what the shards find. */
function refuseCurved({ name, differentiate, averages }: Optimizer): void {
  if (differentiate && !averages)
    throw new InputError(`${name} differentiates in a way of its own that cannot be averaged over shards`, {
      where: 'shards',
      fix: 'leave the shards out, or hand it a loss that it need not change',
    })
}
