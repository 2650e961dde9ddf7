import { describe, expect, test } from 'vitest'
import { key, mapTree, type Tensor, tensor, zerosLike } from '../../engine/index.ts'
import { type DecoderConfig, llamaConfig } from './config.ts'
import { bitsPerByte, streamScorer } from './evaluate.ts'
import { initDecoder } from './init.ts'
import type { DecoderParams } from './params.ts'
import { byteTokenizer } from './tokenizers/bytes.ts'

const small = llamaConfig({ width: 16, layers: 1, heads: 2, hidden: 24 })
const config: DecoderConfig = { ...small, biases: { ...small.biases, head: true } }

/** A model that says the same of every place: its logits are these. */
function constant(logits: readonly number[]): DecoderParams {
  const nothing = mapTree<DecoderParams>(initDecoder(config, key(0)), (x: Tensor) => zerosLike(x))
  return { ...nothing, head: { bias: tensor([...logits]) } }
}

const text = 'नमस्ते, wörld! '.repeat(40)
const bytes = new TextEncoder().encode(text)
const model = (params: DecoderParams) => ({ config, params, tokenizer: byteTokenizer })

describe('bits per byte', () => {
  test('are log₂ 260 where nothing is known', async () => {
    const { bitsPerByte: bits } = await bitsPerByte(model(constant(new Array(260).fill(0))), 'hello '.repeat(50), { context: 32 })
    expect(bits).toBeCloseTo(Math.log2(260), 5)
  })

  test('of a model of single bytes are its cross entropy, over all but the first byte up to the last whole window', async () => {
    const weights = Array.from({ length: 260 }, (_, id) => 1 + bytes.filter((byte) => byte === id).length)
    const sum = weights.reduce((a, b) => a + b)
    const scored = bytes.slice(1, 1 + 32 * Math.floor((bytes.length - 1) / 32))
    const expected = scored.reduce((total, byte) => total - Math.log2(weights[byte] / sum), 0)
    const found = await bitsPerByte(model(constant(weights.map(Math.log))), text, { context: 32, batch: 4 })
    expect(found.bits / expected).toBeCloseTo(1, 5)
    expect(found.tokens).toBe(scored.length)
    // Windows end within characters.
    expect(Math.abs(found.bytes - scored.length)).toBeLessThanOrEqual(3)
  })

  test('do not depend on how many windows are scored at a time', async () => {
    const params = initDecoder(config, key(1))
    const [one, many] = [
      await streamScorer(config, { context: 16, batch: 1 })(params, bytes),
      await streamScorer(config, { context: 16, batch: 7 })(params, bytes),
    ]
    expect(one.bits / many.bits).toBeCloseTo(1, 6)
    expect(one.tokens).toBe(many.tokens)
  })

  test('are refused of a text shorter than a window', async () => {
    await expect(bitsPerByte(model(initDecoder(config, key(0))), 'short', { context: 128 })).rejects.toThrow(
      /5 tokens has no window of 128/,
    )
  })
})
