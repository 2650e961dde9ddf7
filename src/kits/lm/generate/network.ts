import {
  argmax,
  cast,
  compileOpen,
  logSumExp,
  type NDArray,
  ndarray,
  type OpenAval,
  type OpenProgram,
  type Tensor,
} from '../../../engine/index.ts'
import type { KeysValues, View } from '../attention.ts'
import type { DecoderConfig } from '../config.ts'
import { applyBlock, logitsOf } from '../decoder.ts'
import type { InferenceParams } from './weights.ts'

/** What the blocks read: new tokens of n rows, and where they stand. */
export interface BlockInputs {
  /** Embeddings [n, t, width]. */
  readonly x: NDArray
  /** Among the new tokens [1, 1, t, t], added to scores: 0 is seen, −∞ is not. */
  readonly mask: NDArray
  /** Of the S slots before them [n, 1, 1 or t, S]; the middle axis is t where attention has a window. */
  readonly pastMask: NDArray
  /** Cosines and sines [n, t, turning / 2], where positions are rotary. */
  readonly rotation?: readonly [NDArray, NDArray]
  /** Keys and values of each layer in turn [n, G, S, headWidth]. */
  readonly past: readonly NDArray[]
}

/** The top of the stack [n, t, width], and the new keys and values of each layer in turn [n, G, t, headWidth]. The memory is used again by the next call. */
export interface BlockOutputs {
  readonly top: NDArray
  readonly layers: readonly NDArray[]
}

/** What the model says of the next token of r rows. The memory is used again by the next call. */
export interface Scores {
  /** [r, V] */
  readonly logits: Float32Array
  /** The most probable token [r]. */
  readonly best: Int32Array
  /** log Σ exp(logits) [r]: a logit minus this is a log-probability. */
  readonly normalizers: Float32Array
}

/** A decoder compiled for any number of rows, tokens and slots. Its blocks and its head are one session each. */
export class Network {
  readonly config: DecoderConfig
  readonly #blocks: OpenProgram
  readonly #head: OpenProgram
  readonly #memory = new Map<string, NDArray[]>()

  private constructor(config: DecoderConfig, blocks: OpenProgram, head: OpenProgram) {
    this.config = config
    this.#blocks = blocks
    this.#head = head
  }

  static async compile(config: DecoderConfig, params: InferenceParams): Promise<Network> {
    const head = await compileOpen((x) => headOutputs(config, params, x), [{ dtype: 'float32', shape: ['r', config.width] }])
    return new Network(config, await compileBlocks(config, params), head)
  }

  /** The same sessions with memory of its own: results of the one are not written over by calls of the other. */
  apart(): Network {
    return new Network(this.config, this.#blocks, this.#head)
  }

  async run({ x, mask, pastMask, rotation = [] as never, past }: BlockInputs): Promise<BlockOutputs> {
    const key = `${x.shape}`
    const [top, ...layers] = await this.#blocks.run([x, mask, pastMask, ...rotation, ...past], this.#memory.get(key))
    this.#remember(key, [top, ...layers])
    return { top, layers }
  }

  /** rows: tops of the stack [r, width]. */
  async score(rows: Float32Array): Promise<Scores> {
    const { width } = this.config
    const count = rows.length / width
    const key = `head ${count}`
    const results = await this.#head.run([ndarray(rows, [count, width], 'float32')], this.#memory.get(key))
    this.#remember(key, results)
    const [logits, best, normalizers] = results.map(({ data }) => data)
    return { logits: logits as Float32Array, best: best as Int32Array, normalizers: normalizers as Float32Array }
  }

  /** Keeps the results' memory for the next call of these sizes; of prefills, whose sizes rarely come again, only a few. */
  #remember(key: string, results: NDArray[]): void {
    this.#memory.delete(key)
    this.#memory.set(key, results)
    if (this.#memory.size > 8) this.#memory.delete(this.#memory.keys().next().value!)
  }
}

function headOutputs(config: DecoderConfig, params: InferenceParams, x: Tensor): Tensor[] {
  const logits = logitsOf(config, params, x)
  return [logits, cast(argmax(logits), 'int32'), logSumExp(logits, { axes: [-1] })]
}

function compileBlocks(config: DecoderConfig, { blocks }: InferenceParams): Promise<OpenProgram> {
  const { width, kvHeads, headWidth, positions, window } = config
  const float = (...shape: (number | string)[]): OpenAval => ({ dtype: 'float32', shape })
  const turning = positions.kind === 'rope' ? [float('n', 't', positions.width / 2), float('n', 't', positions.width / 2)] : []
  const pastMask = float('n', 1, window === undefined ? 1 : 't', 's')
  const kept = blocks.flatMap(() => [float('n', kvHeads, 's', headWidth), float('n', kvHeads, 's', headWidth)])
  const run = (x: Tensor, mask: Tensor, pastMask: Tensor, ...rest: Tensor[]): Tensor[] => {
    const view: View = { mask, pastMask, ...(turning.length > 0 && { rotation: { cos: rest[0], sin: rest[1] } }) }
    const past = rest.slice(turning.length)
    const layers: KeysValues[] = []
    const top = blocks.reduce((y, block, i) => {
      const { x: next, keys, values } = applyBlock(config, block, y, view, { keys: past[2 * i], values: past[2 * i + 1] })
      layers.push({ keys, values })
      return next
    }, x)
    return [top, ...layers.flatMap(({ keys, values }) => [keys, values])]
  }
  return compileOpen(run as never, [float('n', 't', width), float(1, 1, 't', 't'), pastMask, ...turning, ...kept])
}
