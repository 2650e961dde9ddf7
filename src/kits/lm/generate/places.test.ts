import { describe, expect, test } from 'vitest'
import { ndarray, type Tensor, tensor } from '../../../engine/index.ts'
import { forward } from '../decoder.ts'
import { families, stirred } from '../testing/families.ts'
import { Cache } from './cache.ts'
import { ownMask, rotationOf, slotMask } from './places.ts'
import { compiled } from './rows.ts'

const texts = [
  [3, 1, 4, 1, 5, 9, 2, 6],
  [2, 7, 1],
]
const ids = (values: readonly number[]): Tensor => tensor(Int32Array.from(values), { shape: [1, values.length], dtype: 'int32' })

/** By how many slots something is wrong on purpose. */
interface Faults {
  readonly turned?: number
  readonly seen?: number
  readonly written?: number
}

/**
 * The last token of texts of unlike length after the others, which were read one text at a time: the largest error of its logits. The shorter text's row is
 * filled up with slots that hold something, as those of an earlier text do.
 */
async function error(family: keyof typeof families, { turned = 0, seen = 0, written = 0 }: Faults): Promise<number> {
  const config = families[family]
  const params = stirred(config)
  const { network, tokens, positions } = await compiled({ config, params })
  const embed = (text: readonly number[], at: number) =>
    text.flatMap((id, k) => {
      const learned = positions?.subarray((at + k) * config.width, (at + k + 1) * config.width)
      return Array.from(tokens.subarray(id * config.width, (id + 1) * config.width), (x, i) => x + (learned?.[i] ?? 0))
    })
  const cache = new Cache(config, texts.length, 16)
  for (const { data } of cache.first(texts.length)) data.fill(0.5)
  for (const [row, text] of texts.entries()) {
    const before = text.slice(0, -1)
    const places = { t: before.length, lengths: [0], always: 0 }
    const { layers } = await network.run({
      x: ndarray(Float32Array.from(embed(before, 0)), [1, before.length, config.width], 'float32'),
      mask: ownMask(config, before.length),
      pastMask: slotMask(config, places, 16),
      rotation: rotationOf(config, places),
      past: cache.first(1),
    })
    cache.write(row, written, layers, 0)
  }
  const lengths = texts.map((text) => text.length - 1)
  const at = (shift: number) => ({ t: 1, lengths: lengths.map((length) => length + shift), always: 0 })
  const last = texts.flatMap((text, row) => embed(text.slice(-1), lengths[row] + turned))
  const { top } = await network.run({
    x: ndarray(Float32Array.from(last), [texts.length, 1, config.width], 'float32'),
    mask: ownMask(config, 1),
    pastMask: slotMask(config, at(seen), 16),
    rotation: rotationOf(config, at(turned)),
    past: cache.first(texts.length),
  })
  const { logits } = await network.score(top.data as Float32Array)
  let worst = 0
  for (const [row, text] of texts.entries()) {
    const whole = (await forward(config, params, { ids: ids(text) }).data()).slice(-40)
    for (let v = 0; v < 40; v++) worst = Math.max(worst, Math.abs(logits[row * 40 + v] - whole[v]))
  }
  return worst
}

describe.each(['llama', 'gpt2', 'codegen'] as const)('rows of unlike length, %s', (family) => {
  test('give the logits of whole texts', async () => expect(await error(family, {})).toBeLessThan(1e-4))

  // Negative controls: each is one slot off, and must not pass.
  test.each([
    ['the position of the new token', { turned: 1 }],
    ['the slots that count, one too many', { seen: 1 }],
    ['the slots that count, one too few', { seen: -1 }],
    ['where keys and values are written', { written: 1 }],
  ])('are wrong with %s off by one', async (_, faults) => expect(await error(family, faults)).toBeGreaterThan(1e-3))
})
