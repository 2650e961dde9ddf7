import { add, matmul, mul, type NDArray, ndarray, type Tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import type { DecoderParams } from '../params.ts'
import { Cache, slotsFor } from './cache.ts'
import { Network, type Scores } from './network.ts'
import { ownMask, type Places, rotationOf, slotMask } from './places.ts'
import { inferenceParams } from './weights.ts'

/** Tokens of a prompt that are read at once: longer ones are read in pieces. */
const piece = 256

/** What is compiled of a model, and what the host reads of it. */
export interface Compiled {
  readonly config: DecoderConfig
  readonly network: Network
  /** [V, width] */
  readonly tokens: Float32Array
  /** Where positions are learned [context, width]. */
  readonly positions?: Float32Array
  /** Embeddings of virtual tokens before each text [·, width]. */
  readonly virtual: Float32Array
  /** Keys and values before each text, of each layer in turn [1, G, ·, headWidth]. */
  readonly prefix: readonly NDArray[]
}

const known = new WeakMap<DecoderParams, Promise<Compiled>>()

/** A model made ready to generate, once for each set of parameters; with memory of its own for each who asks, so that they may run side by side. */
export async function compiled({ config, params }: { readonly config: DecoderConfig; readonly params: DecoderParams }): Promise<Compiled> {
  let found = known.get(params)
  if (!found) {
    found = make(config, params)
    known.set(params, found)
  }
  const made = await found
  return { ...made, network: made.network.apart() }
}

async function make(config: DecoderConfig, params: DecoderParams): Promise<Compiled> {
  const { embedding, prompt, blocks } = params
  const prepared = await inferenceParams(params)
  const prefixes = blocks.flatMap(({ attention: { prefix } }) => (prefix ? [prefix.keys, prefix.values] : []))
  return {
    config,
    network: await Network.compile(config, prepared),
    tokens: (await embeddingOf(embedding).data()) as Float32Array,
    ...(embedding.positions && { positions: (await embedding.positions.data()) as Float32Array }),
    virtual: prompt ? ((await prompt.data()) as Float32Array) : new Float32Array(0),
    prefix: await Promise.all(prefixes.map(async (x) => headsFirst(await x.ndarray()))),
  }
}

/** Every token's embedding [V, width], with what an adapter adds. */
const embeddingOf = ({ tokens, lora }: DecoderParams['embedding']): Tensor =>
  lora ? add(tokens, mul(matmul(lora.a, lora.b), lora.scaling)) : tokens

/** [length, G, width] → [1, G, length, width] */
function headsFirst({ data, shape: [length, heads, width] }: NDArray): NDArray {
  const out = new Float32Array(data.length)
  for (let at = 0; at < length; at++)
    for (let head = 0; head < heads; head++)
      for (let k = 0; k < width; k++) out[(head * length + at) * width + k] = data[(at * heads + head) * width + k]
  return ndarray(out, [1, heads, length, width], 'float32')
}

/** Tokens that a model puts before each text: they take room in its context. */
export const tokensBefore = ({ prompt, blocks }: DecoderParams): number =>
  (prompt?.shape[0] ?? 0) + (blocks[0].attention.prefix?.keys.shape[0] ?? 0)

/** Prompts that have been read: their keys and values, and the top of the stack at each token [n, tokens, width], virtual ones left out. */
interface Read {
  readonly cache: Cache
  /** Slots that count, in each row. */
  readonly length: number
  readonly top: Float32Array
}

/** Reads prompts of equal length from their beginning. */
export async function read(model: Compiled, prompts: readonly (readonly number[])[]): Promise<Read> {
  const { prefix, virtual, config } = model
  const { width } = config
  const n = prompts.length
  const before = prefix[0]?.shape[2] ?? 0
  const inputs = prompts.map((prompt) => joined(virtual, embed(model, prompt)))
  const tokens = inputs[0].length / width
  const length = before + tokens
  // It grows with the pieces: slots that nothing stands in yet cost time too.
  const cache = new Cache(config, n, slotsFor(before))
  if (before > 0) for (let row = 0; row < n; row++) cache.write(row, 0, prefix, 0)
  const own = prompts[0].length
  const top = new Float32Array(n * own * width)
  for (let done = 0; done < tokens; done += piece) {
    const t = Math.min(piece, tokens - done)
    const rows = inputs.map((x) => x.subarray(done * width, (done + t) * width))
    const part = await run(model, cache, rows, { t, lengths: new Array(n).fill(before + done), whole: new Array(n).fill(length) })
    const skipped = Math.max(0, tokens - own - done)
    for (let row = 0; row < n; row++)
      top.set(
        part.subarray((row * t + Math.min(skipped, t)) * width, (row + 1) * t * width),
        (row * own + done + skipped - (tokens - own)) * width,
      )
  }
  return { cache, length, top }
}

/** Embeddings of tokens; a model with learned positions adds those where it is known where the tokens stand. */
function embed({ tokens, config: { width } }: Compiled, ids: readonly number[]): Float32Array {
  const out = new Float32Array(ids.length * width)
  ids.forEach((id, k) => {
    out.set(tokens.subarray(id * width, (id + 1) * width), k * width)
  })
  return out
}

/** New tokens of each row through the blocks; their keys and values go into the cache. The top of the stack [n, t, width]. */
async function run(
  { network, config, positions, prefix }: Compiled,
  cache: Cache,
  rows: readonly Float32Array[],
  { t, lengths, whole }: Omit<Places, 'always'>,
): Promise<Float32Array> {
  const n = rows.length
  const places = { t, lengths, whole, always: prefix[0]?.shape[2] ?? 0 }
  const size = t * config.width
  const x = new Float32Array(n * size)
  rows.forEach((row, i) => {
    x.set(row, i * size)
    if (positions) for (let k = 0; k < size; k++) x[i * size + k] += positions[lengths[i] * config.width + k]
  })
  const { top, layers } = await network.run({
    x: ndarray(x, [n, t, config.width], 'float32'),
    mask: ownMask(config, t),
    pastMask: slotMask(config, places, cache.slots),
    rotation: rotationOf(config, places),
    past: cache.first(n),
  })
  cache.reserve(Math.max(...lengths) + t)
  for (let row = 0; row < n; row++) cache.write(row, lengths[row], layers, row)
  return top.data as Float32Array
}

/** Texts in progress: row i is the i-th. Their keys and values are kept, so that a step reads one token of each. */
export class Rows {
  readonly #model: Compiled
  readonly #cache: Cache
  /** Slots that count, of each row. */
  readonly #lengths: number[] = []

  constructor(model: Compiled, most: number) {
    this.#model = model
    this.#cache = new Cache(model.config, most, slotsFor(0))
  }

  get count(): number {
    return this.#lengths.length
  }

  /** Begins texts with prompts of equal length, as the last rows; what comes next in each. */
  async add(prompts: readonly (readonly number[])[]): Promise<Scores> {
    const { cache, length, top } = await read(this.#model, prompts)
    this.#cache.reserve(length)
    prompts.forEach((_, row) => {
      this.#cache.copy(this.count, length, cache, row)
      this.#lengths.push(length)
    })
    return this.#model.network.score(lastOfEach(top, prompts.length, this.#model.config.width))
  }

  /** Adds one token to each row; what comes next in each. */
  async step(ids: readonly number[]): Promise<Scores> {
    const rows = ids.map((id) => embed(this.#model, [id]))
    const top = await run(this.#model, this.#cache, rows, { t: 1, lengths: this.#lengths })
    for (let row = 0; row < this.count; row++) this.#lengths[row]++
    return this.#model.network.score(top)
  }

  /** Ends a row; the last one takes its place. */
  remove(row: number): void {
    const last = this.count - 1
    if (row !== last) this.#cache.copy(row, this.#lengths[last], this.#cache, last)
    this.#lengths[row] = this.#lengths[last]
    this.#lengths.pop()
  }

  /** Makes row i what row `parents[i]` was. All rows must be of equal length. */
  reorder(parents: readonly number[]): void {
    const length = this.#lengths[0]
    const moved = parents.flatMap((parent, row) => (parent === row ? [] : [row]))
    // What is written over is read first.
    const before = new Cache(this.#model.config, moved.length, this.#cache.slots)
    moved.forEach((row, i) => {
      before.copy(i, length, this.#cache, parents[row])
    })
    moved.forEach((row, i) => {
      this.#cache.copy(row, length, before, i)
    })
    this.#lengths.splice(0, this.count, ...parents.map(() => length))
  }
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}

/** The last of the t lines of each of n rows. */
function lastOfEach(top: Float32Array, n: number, width: number): Float32Array {
  const t = top.length / n / width
  const out = new Float32Array(n * width)
  for (let row = 0; row < n; row++) out.set(top.subarray((row * t + t - 1) * width, (row + 1) * t * width), row * width)
  return out
}
