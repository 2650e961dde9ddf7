/**
 * The one description of what is measured. Every peer reads these sizes (as JSON), and the same weights and batches (as safetensors),
 * from the files that prepare.mjs writes. Linear weights are stored [in, out]: y = x @ weight + bias.
 */
export const workloads = {
  /** 3,323,648 parameters, 2,048 tokens a step. */
  gpt: { kind: 'gpt', layers: 4, width: 256, heads: 8, vocab: 256, context: 128, batch: 16 },
  'gpt-small': { kind: 'gpt', layers: 2, width: 128, heads: 4, vocab: 256, context: 64, batch: 8 },
  mlp: { kind: 'mlp', sizes: [784, 256, 10], batch: 128 },
}

export const optimizer = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** Distinct batches, used in turn; the losses of the first 20 steps are compared. */
export const BATCHES = 20

/** Largest difference from the reference peer's loss at any of the compared steps (losses start near ln 256 = 5.5 and ln 10 = 2.3). */
export const LOSS_TOLERANCE = 1e-3

/** Timed steps start again from the first weights after so many, so that no peer times a network that has long learnt its batches by heart. */
export const RESET_EVERY = 200

/** [name, shape, initial value] of every parameter: a standard deviation (normal), or 'zeros' or 'ones'. */
export function parameters(workload) {
  if (workload.kind === 'mlp') {
    return workload.sizes.slice(1).flatMap((out, i) => {
      const input = workload.sizes[i]
      return [
        [`layers.${i}.weight`, [input, out], Math.sqrt(2 / input)],
        [`layers.${i}.bias`, [out], 'zeros'],
      ]
    })
  }
  const { layers, width, vocab, context } = workload
  const std = 0.02
  const residual = std / Math.sqrt(2 * layers)
  const norm = (name) => [
    [`${name}.weight`, [width], 'ones'],
    [`${name}.bias`, [width], 'zeros'],
  ]
  const linear = (name, input, out, scale) => [
    [`${name}.weight`, [input, out], scale],
    [`${name}.bias`, [out], 'zeros'],
  ]
  return [
    ['tokens', [vocab, width], std],
    ['positions', [context, width], std],
    ...Array.from({ length: layers }, (_, i) => [
      ...norm(`blocks.${i}.norm1`),
      ...linear(`blocks.${i}.qkv`, width, 3 * width, std),
      ...linear(`blocks.${i}.proj`, width, width, residual),
      ...norm(`blocks.${i}.norm2`),
      ...linear(`blocks.${i}.up`, width, 4 * width, std),
      ...linear(`blocks.${i}.down`, 4 * width, width, residual),
    ]).flat(),
    ...norm('norm'),
    ...linear('head', width, vocab, std),
  ]
}

export const size = (shape) => shape.reduce((a, b) => a * b, 1)
export const parameterCount = (workload) => parameters(workload).reduce((sum, [, shape]) => sum + size(shape), 0)

/** One line for the table's heading. */
export function describe(workload) {
  const count = parameterCount(workload).toLocaleString('en')
  if (workload.kind === 'mlp') return `${workload.sizes.join('-')} relu, batch ${workload.batch}, cross-entropy, Adam; ${count} parameters`
  const { layers, width, heads, vocab, context, batch } = workload
  return (
    `GPT, ${layers} layers, width ${width}, ${heads} heads, MLP ${4 * width}, vocabulary ${vocab}, ${batch}×${context} tokens, ` +
    `pre-LN, learned positions, exact (erf) GELU, untied head, biases everywhere, no dropout, cross-entropy, Adam; ${count} parameters`
  )
}
