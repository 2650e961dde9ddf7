/**
 * The one description of what is measured. Every peer reads these sizes (as JSON), and the same weights and batches (as safetensors),
 * from the files that prepare.mjs writes. Linear weights are stored [in, out] (y = x @ weight + bias), convolutions' [out, in, height, width].
 * `peers` names who is measured, where not all are.
 */
const denoiser = { kind: 'unet', channels: 32, multiples: [1, 2, 2], blocks: 1, attention: [7], groups: 8 }

export const workloads = {
  /** 3,323,648 parameters, 2,048 tokens a step. */
  gpt: { kind: 'gpt', layers: 4, width: 256, heads: 8, vocab: 256, context: 128, batch: 16 },
  'gpt-small': { kind: 'gpt', layers: 2, width: 128, heads: 4, vocab: 256, context: 64, batch: 8 },
  mlp: { kind: 'mlp', sizes: [784, 256, 256, 10], batch: 128 },
  resnet: { kind: 'resnet', size: 28, channels: 64, blocks: 3, classes: 10, batch: 32 },
  unet: { kind: 'unet', size: 28, channels: [64, 128, 128], groups: 8, batch: 32 },
  /** The diffusion kit's U-Net of size `small`: a training step. */
  'unet-diffusion': { kind: 'denoiser', network: denoiser, size: 28, batch: 32, peers: ['quire', 'torch', 'torch-compile'] },
  /** Of size `tiny`, no training: 64 images by 50 steps of DDIM. */
  ddim: {
    kind: 'denoiser',
    network: { ...denoiser, channels: 16 },
    size: 28,
    batch: 64,
    sampling: { steps: 50, chain: 1000, betas: [1e-4, 0.02] },
    peers: ['quire', 'torch'],
  },
  ramda: {
    kind: 'mlp',
    sizes: [784, 128, 64, 10],
    batch: 128,
    ramda: { learningRate: 0.01, momentum: 0.1, epsilon: 1e-6, lambda: 1e-3, maxIterations: 100, minIterations: 2, rtol: 1e-8 },
    peers: ['quire', 'torch'],
  },
}

/** Adam's settings, of every workload that does not bring an optimizer of its own. */
export const optimizer = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** Distinct batches, used in turn; the losses of the first 20 steps are compared. */
export const BATCHES = 20

/** Largest difference from the reference peer's loss at any of the compared steps (losses start near ln 256 = 5.5, ln 10 = 2.3, or 1). */
export const LOSS_TOLERANCE = 1e-3

/** Timed steps start again from the first weights after so many, so that no peer times a network that has long learnt its batches by heart. */
export const RESET_EVERY = 200

const norm = (name, width) => [
  [`${name}.weight`, [width], 'ones'],
  [`${name}.bias`, [width], 'zeros'],
]
const linear = (name, input, output, deviation) => [
  [`${name}.weight`, [input, output], deviation],
  [`${name}.bias`, [output], 'zeros'],
]
const heScale = (inputs) => Math.sqrt(2 / inputs)
const conv3 = (name, input, output, deviation = heScale(9 * input)) => [
  [`${name}.weight`, [output, input, 3, 3], deviation],
  [`${name}.bias`, [output], 'zeros'],
]

const range = (count) => Array.from({ length: count }, (_, i) => i)

const parametersOf = {
  mlp: ({ sizes }) => sizes.slice(1).flatMap((output, i) => linear(`layers.${i}`, sizes[i], output, heScale(sizes[i]))),

  gpt({ layers, width, vocab, context }) {
    const std = 0.02
    const residual = std / Math.sqrt(2 * layers)
    return [
      ['tokens', [vocab, width], std],
      ['positions', [context, width], std],
      ...range(layers).flatMap((i) => [
        ...norm(`blocks.${i}.norm1`, width),
        ...linear(`blocks.${i}.qkv`, width, 3 * width, std),
        ...linear(`blocks.${i}.proj`, width, width, residual),
        ...norm(`blocks.${i}.norm2`, width),
        ...linear(`blocks.${i}.up`, width, 4 * width, std),
        ...linear(`blocks.${i}.down`, 4 * width, width, residual),
      ]),
      ...norm('norm', width),
      ...linear('head', width, vocab, std),
    ]
  },

  resnet: ({ channels, blocks, classes }) => [
    ...conv3('stem', 1, channels),
    ...range(blocks).flatMap((i) => [
      ...conv3(`blocks.${i}.conv1`, channels, channels),
      ...conv3(`blocks.${i}.conv2`, channels, channels, heScale(9 * channels) / blocks),
    ]),
    ...linear('head', channels, classes, heScale(channels)),
  ],

  unet({ channels: [top, middle, bottom] }) {
    const stage = (name, input, output) => [...conv3(`${name}.conv`, input, output), ...norm(`${name}.norm`, output)]
    return [
      ...stage('in', 1, top),
      ...stage('enc', top, top),
      ...stage('down1', top, middle),
      ...stage('mid1', middle, middle),
      ...stage('down2', middle, bottom),
      ...stage('mid2', bottom, bottom),
      ...stage('up1', bottom + middle, middle),
      ...stage('up0', middle + top, top),
      ...conv3('out', top, 1, heScale(9 * top) / 10),
    ]
  },
}

/** Parameters of the diffusion kit's U-Net, by the names in its files; biases start at zero. */
parametersOf.denoiser = ({ network: { channels: base, multiples, blocks, attention }, size: height }) => {
  const conv1 = (name, input, output) => linear(name, input, output, heScale(input))
  const bottom = multiples.length - 1
  const kept = [base]
  let current = base
  const block = (name, input, output, attends) => {
    current = output
    return [
      ...norm(`${name}.norm1`, input),
      ...conv3(`${name}.conv1`, input, output),
      ...linear(`${name}.condition`, base, output, heScale(base)),
      ...norm(`${name}.norm2`, output),
      ...conv3(`${name}.conv2`, output, output, heScale(9 * output) / 10),
      ...(input === output
        ? []
        : [
            [`${name}.shortcut.weight`, [output, input, 1, 1], heScale(input)],
            [`${name}.shortcut.bias`, [output], 'zeros'],
          ]),
      ...(attends
        ? [
            ...norm(`${name}.attention.norm`, output),
            conv1(`${name}.attention.qkv`, output, 3 * output)[0],
            ...conv1(`${name}.attention.projection`, output, output),
          ]
        : []),
    ]
  }
  const attends = (level) => attention.includes(height / 2 ** level)
  const down = range(multiples.length).flatMap((level) => {
    const own = range(blocks).flatMap((i) => {
      const parts = block(`down.${level}.blocks.${i}`, current, base * multiples[level], attends(level))
      kept.push(current)
      return parts
    })
    if (level === bottom) return own
    kept.push(current)
    return [...own, ...conv3(`down.${level}.resample`, current, current)]
  })
  const middle = [true, false].flatMap((attending, i) => block(`middle.${i}`, current, current, attending))
  const up = range(multiples.length).flatMap((step) => {
    const level = bottom - step
    const own = range(blocks + 1).flatMap((i) =>
      block(`up.${step}.blocks.${i}`, current + kept.pop(), base * multiples[level], attends(level)),
    )
    return level === 0 ? own : [...own, ...conv3(`up.${step}.resample`, current, current)]
  })
  return [
    ...linear('embedding.layers.0', base, 4 * base, heScale(base)),
    ...linear('embedding.layers.1', 4 * base, base, heScale(4 * base)),
    ...conv3('input', 1, base),
    ...down,
    ...middle,
    ...up,
    ...norm('norm', current),
    ...conv3('output', current, 1, heScale(9 * current) / 10),
  ]
}

/** [name, shape, initial value] of every parameter: a standard deviation (normal), or 'zeros' or 'ones'. */
export const parameters = (workload) => parametersOf[workload.kind](workload)

export const size = (shape) => shape.reduce((a, b) => a * b, 1)
export const parameterCount = (workload) => parameters(workload).reduce((sum, [, shape]) => sum + size(shape), 0)

const architecture = {
  mlp: ({ sizes, batch }) => `${sizes.join('-')}, ReLU, batch ${batch}, cross-entropy`,
  gpt: ({ layers, width, heads, vocab, context, batch }) =>
    `GPT, ${layers} layers, width ${width}, ${heads} heads, MLP ${4 * width}, vocabulary ${vocab}, ${batch}×${context} tokens, ` +
    'pre-LN, learned positions, exact (erf) GELU, untied head, biases everywhere, no dropout, cross-entropy',
  resnet: ({ size, channels, blocks, batch }) =>
    `residual network on ${batch}×1×${size}×${size}: 3×3 convolution to ${channels} channels, ReLU, ${blocks} blocks ` +
    `relu(x + conv(relu(conv(x)))) of 3×3 convolutions with bias and no normalisation, mean over all positions, linear head, cross-entropy`,
  unet: ({ size, channels: [a, b, c], groups, batch }) =>
    `U-Net on ${batch}×1×${size}×${size} that predicts the noise in an image: stages of 3×3 convolution, group norm (${groups} groups) and SiLU: ` +
    `${a}, ${a} | stride 2 to ${b}, ${b} | stride 2 to ${c}, ${c} | doubled (nearest) and joined with the first ${b}, to ${b} | doubled and joined ` +
    `with the first ${a}, to ${a} | 3×3 convolution to 1; mean squared error`,
  denoiser: ({ size, network: { channels, multiples, blocks, groups }, batch, sampling }) =>
    `the diffusion kit's U-Net (SR3's form) on ${batch}×1×${size}×${size}: ${channels} channels times ${multiples.join(', ')}, ${blocks} residual block a level and one more on ` +
    `the way up, group norm (${groups} groups), attention on the lowest level and in the middle, noise level embedded; ` +
    (sampling ? `no training: a step is ${sampling.steps} steps of DDIM` : 'mean squared error'),
}

/** One line for the table's heading. */
export function describe(workload) {
  const { ramda, sampling } = workload
  const method = sampling
    ? 'estimates clipped to [−1, 1]'
    : ramda
      ? `RAMDA, group lasso λ ${ramda.lambda} over input columns, solved by proximal gradient to ${ramda.rtol}`
      : 'Adam'
  return `${architecture[workload.kind](workload)}, ${method}; ${parameterCount(workload).toLocaleString('en')} parameters`
}
