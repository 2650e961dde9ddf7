import { describe, expect, test } from 'vitest'
import { evaluate, key, ndarray } from '../../../engine/index.ts'
import { adam } from '../../../optim/index.ts'
import { type DecoderConfig, llamaConfig, parameterCount } from '../config.ts'
import { initDecoder } from '../init.ts'
import { BlockTrainer, type MemoryMethod, memoryPlan, type Trainable } from './index.ts'

const llama2 = llamaConfig({ width: 4096, layers: 32, heads: 32, hidden: 11008, vocabulary: 32000, context: 4096, tied: false })
const llama3 = llamaConfig({
  width: 4096,
  layers: 32,
  heads: 32,
  kvHeads: 8,
  hidden: 14336,
  vocabulary: 128256,
  context: 8192,
  tied: false,
})
const one = { batch: 1, length: 1024 }

describe('published counts', () => {
  test('Llama-2-7B, two layers: the sizes that the paper’s plan is made of', () => {
    const { parameters, bytes } = memoryPlan(llama2, { kind: 'lisa', activeLayers: 2 }, { ...one, dtype: 'bfloat16' })
    expect(parameters.total).toBe(6_738_415_616)
    expect(parameters.trainable).toBe(2 * 32000 * 4096 + 4096 + 2 * 202_383_360)
    expect(bytes.weights).toBe(2 * 6_738_415_616)
    expect(bytes.copies).toBe(4 * parameters.trainable)
    expect((bytes.gradients + bytes.optimizer) / 1e9).toBeCloseTo(8.0, 1)
  })

  test('Llama-3.1-8B: what is always on is most of what trains', () => {
    const trained = (activeLayers: number) => memoryPlan(llama3, { kind: 'lisa', activeLayers }, one).parameters.trainable
    expect(trained(2)).toBe(1_486_901_248)
    expect(trained(0)).toBe(1_050_677_248)
  })

  test('full tuning takes 16 bytes a parameter, LoRA few more than the weights', () => {
    const full = memoryPlan(llama2, { kind: 'full' }, one)
    const { weights, gradients, optimizer } = full.bytes
    expect((weights + gradients + optimizer) / (16 * 6_738_415_616)).toBeCloseTo(1, 6)
    const { parameters } = memoryPlan(llama2, { kind: 'lora', rank: 128 }, one)
    // r (in + out) for seven maps a block.
    expect(parameters.trainable).toBe(32 * 128 * (4 * 2 * 4096 + 3 * (4096 + 11008)))
  })
})

const small = llamaConfig({ width: 32, layers: 4, heads: 4, hidden: 48, vocabulary: 50, context: 32 })
const ids = ndarray(
  Int32Array.from({ length: 24 }, (_, i) => i),
  [3, 8],
  'int32',
)

const cases: [string, DecoderConfig, MemoryMethod, Trainable, boolean][] = [
  ['full', small, { kind: 'full' }, () => true, false],
  ['full with checkpointing', small, { kind: 'full' }, () => true, true],
  ['LISA', small, { kind: 'lisa', activeLayers: 2 }, (path) => !path.startsWith('blocks.') || /^blocks\.[13]/.test(path), false],
  ['LISA, ends frozen', small, { kind: 'lisa', activeLayers: 1, trainEmbeddings: false }, (path) => path.startsWith('blocks.0.'), false],
  ['ends alone', { ...small, tied: false }, { kind: 'lisa', activeLayers: 0 }, (path) => !path.startsWith('blocks.'), false],
]

test.each(cases)('what is planned is what a step holds, to the byte: %s', async (_, config, method, trainable, checkpointing) => {
  const params = await evaluate(initDecoder(config, key(1)))
  const optimizer = adam({ learningRate: 1e-3, counters: 'each' })
  const trainer = new BlockTrainer({ config, params, trainable, optimizer, recompute: checkpointing })
  await trainer.step([{ ids, labels: ids }])
  const { bytes, parameters } = memoryPlan(config, method, { batch: 3, length: 8, checkpointing })
  expect(parameters.total).toBe(parameterCount(config))
  const { peak, live } = trainer.arena
  expect({ weights: live.weights, gradients: peak.gradients, optimizer: live.optimizer, activations: peak.activations }).toEqual({
    weights: bytes.weights,
    gradients: bytes.gradients,
    optimizer: bytes.optimizer,
    activations: bytes.activations,
  })
})

test.each([
  [{ kind: 'lisa', activeLayers: 5 } as const, {}, '5 active layers of a model of 4'],
  [{ kind: 'lora', rank: 0 } as const, {}, 'rank is 0'],
  [{ kind: 'full' } as const, { batch: 0 }, 'batch is 0'],
])('refused: %o', (method, options, message) => {
  expect(() => memoryPlan(small, method, { batch: 1, length: 8, ...options })).toThrow(message)
})
