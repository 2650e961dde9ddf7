import {
  add,
  cast,
  concat,
  expandDims,
  flip,
  gather,
  InputError,
  matmul,
  mul,
  random,
  relu,
  reshape,
  scan,
  sigmoid,
  split,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from '../../../engine/index.ts'
import type { AdapterBase } from './adapter.ts'
import { instructionText, type PromptConfig, type PTuningConfig } from './config.ts'

/** A map with a bias: x [n, in] → [n, out]. */
export interface Affine {
  /** [in, out] */
  readonly weight: Tensor
  readonly bias: Tensor
}

/** One direction of one layer: weights of the input and of the state before, [in, 4 h] and [h, 4 h], gates in the order i, f, g, o of PyTorch. */
interface LstmCell {
  readonly input: Tensor
  readonly state: Tensor
  readonly bias: Tensor
}

/** Embeddings of virtual tokens [n, width], and the network that they pass through while they are trained. */
export interface PromptParams {
  readonly embeddings: Tensor
  /** Layers, each forwards and backwards. */
  readonly lstm?: readonly (readonly [LstmCell, LstmCell])[]
  /** With ReLU between them. */
  readonly mlp?: readonly Affine[]
}

/** The prompt [n, width] that stands before the text. */
export function promptOf({ embeddings, lstm = [], mlp = [] }: PromptParams): Tensor {
  const states = lstm.reduce(bidirectional, embeddings)
  return mlp.reduce((x, layer, i) => affine(layer, i === 0 ? x : relu(x)), states)
}

export const affine = ({ weight, bias }: Affine, x: Tensor): Tensor => add(matmul(x, weight), bias)

/** Weights and biases from U(−1/√in, 1/√in), as PyTorch's `Linear` begins. */
export function initAffine(key: Tensor, inputs: number, outputs: number): Affine {
  const [forWeight, forBias] = random.split(key)
  const range = { low: -1 / Math.sqrt(inputs), high: 1 / Math.sqrt(inputs) }
  return { weight: random.uniform(forWeight, [inputs, outputs], range), bias: random.uniform(forBias, [outputs], range) }
}

export function initPrompt(
  { tokens = 20, init = 'text', text = instructionText }: PromptConfig,
  base: AdapterBase,
  key: Tensor,
): PromptParams {
  const { config, params } = base
  if (init === 'random') return { embeddings: random.normal(key, [tokens, config.width]) }
  const ids = init === 'text' ? tensor(idsOf(text, tokens, base)) : cast(mul(random.uniform(key, [tokens]), config.vocabulary), 'int32')
  return { embeddings: gather(params.embedding.tokens, ids) }
}

/** A text's ids, repeated or cut to so many. */
function idsOf(text: string, count: number, { tokenizer }: AdapterBase): Int32Array {
  if (!tokenizer)
    throw new InputError('a prompt that starts from a text needs the tokenizer of its model', { fix: "give it, or take init 'random'" })
  const ids = tokenizer.encode(text)
  if (ids.length === 0) throw new InputError('the text that a prompt starts from is empty')
  return Int32Array.from({ length: count }, (_, i) => ids[i % ids.length])
}

/** Liu et al. 2021, as Hugging Face's encoder has it: N(0, 1) through two layers of a network, or through a bidirectional LSTM and one layer. */
export function initPTuning(
  { tokens = 20, encoder = 'mlp', hidden = 128 }: PTuningConfig,
  { config: { width } }: AdapterBase,
  key: Tensor,
): PromptParams {
  const [own, ...keys] = random.split(key, 8)
  const embeddings = random.normal(own, [tokens, width])
  if (encoder === 'mlp')
    return {
      embeddings,
      mlp: [initAffine(keys[0], width, hidden), initAffine(keys[1], hidden, hidden), initAffine(keys[2], hidden, width)],
    }
  const layer = (forwards: Tensor, backwards: Tensor, inputs: number) =>
    [initCell(forwards, inputs, hidden), initCell(backwards, inputs, hidden)] as const
  return {
    embeddings,
    lstm: [layer(keys[0], keys[1], width), layer(keys[2], keys[3], 2 * hidden)],
    mlp: [initAffine(keys[4], 2 * hidden, 2 * hidden), initAffine(keys[5], 2 * hidden, width)],
  }
}

function initCell(key: Tensor, inputs: number, hidden: number): LstmCell {
  const [forInput, forState, forBias] = random.split(key, 3)
  const range = { low: -1 / Math.sqrt(hidden), high: 1 / Math.sqrt(hidden) }
  return {
    input: random.uniform(forInput, [inputs, 4 * hidden], range),
    state: random.uniform(forState, [hidden, 4 * hidden], range),
    bias: random.uniform(forBias, [4 * hidden], range),
  }
}

/** x [n, in] → [n, 2 h]: states of both directions side by side. */
function bidirectional(x: Tensor, [forwards, backwards]: readonly [LstmCell, LstmCell]): Tensor {
  const back = flip(runCell(backwards, flip(x, { axes: [0] })), { axes: [0] })
  return concat([runCell(forwards, x), back], { axis: 1 })
}

/** The states of an LSTM (Hochreiter and Schmidhuber 1997) over x [n, in] → [n, h]. */
function runCell({ input, state, bias }: LstmCell, x: Tensor): Tensor {
  const hidden = state.shape[0]
  const step = ({ h, c }: { h: Tensor; c: Tensor }, own: Tensor) => {
    const [i, f, g, o] = split(add(own, matmul(h, state)), 4)
    const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
    const next = mul(sigmoid(o), tanh(cell))
    return { carry: { h: next, c: cell }, output: next }
  }
  const start = { h: zeros([1, hidden]), c: zeros([1, hidden]) }
  const { outputs } = scan(step, start, expandDims(add(matmul(x, input), bias), 1))
  return reshape(outputs, [x.shape[0], hidden])
}
