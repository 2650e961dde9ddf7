import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { tensor, zeros } from '../../../engine/index.ts'
import { forward } from '../decoder.ts'
import { saveDecoderOnnx } from './export-onnx.ts'
import { loadDecoder } from './read.ts'

const fixtures = join(import.meta.dirname, 'testing', 'transformers')
const scratch = mkdtempSync(join(tmpdir(), 'quire-onnx-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const ort = await import('onnxruntime-node')
type Feeds = Record<string, import('onnxruntime-node').Tensor>

/** Two texts of unlike length, with the logits that the whole of each gives. */
const texts = [
  [5, 9, 30, 7, 7, 31, 40, 2, 11, 8],
  [4, 3, 2, 44, 1, 6, 9],
]

describe.each(readdirSync(fixtures))('%s', (name) => {
  test('ONNX Runtime reads texts of unlike length, and goes on with them, with our logits', async () => {
    const { config, params } = await loadDecoder(join(fixtures, name))
    const path = join(scratch, `${name}.onnx`)
    await saveDecoderOnnx(path, config, params)
    const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 })
    const expected = await Promise.all(texts.map(async (ids) => forward(config, params, { ids: tensor([ids], { dtype: 'int32' }) }).data()))

    // Positions of the first four tokens; the second text lacks its last, which stands to the left of it as a place without a token.
    const steps = [
      [
        [0, 1, 2, 3],
        [-1, 0, 1, 2],
      ],
      [[4], [3]],
      [
        [5, 6],
        [4, 5],
      ],
      [[7], [-1]],
      [[8], [6]],
    ]
    const { kvHeads, headWidth, vocabulary } = config
    let past: Feeds = { past_position_ids: new ort.Tensor('int32', new Int32Array(0), [2, 0]) }
    for (const input of session.inputNames.filter((one) => one.startsWith('past_key_values')))
      past[input] = new ort.Tensor('float32', new Float32Array(0), [2, kvHeads, 0, headWidth])
    let compared = 0
    for (const positions of steps) {
      const shape = [2, positions[0].length]
      const ids = positions.flatMap((row, i) => row.map((at) => (at < 0 ? 0 : texts[i][at])))
      const results = await session.run({
        ...past,
        input_ids: new ort.Tensor('int32', Int32Array.from(ids), shape),
        position_ids: new ort.Tensor('int32', Int32Array.from(positions.flat()), shape),
      })
      const logits = results.logits.data as Float32Array
      positions.flat().forEach((at, slot) => {
        if (at < 0) return
        const row = Math.floor(slot / shape[1])
        for (let v = 0; v < vocabulary; v++)
          expect(Math.abs(logits[slot * vocabulary + v] - expected[row][at * vocabulary + v])).toBeLessThan(1e-4)
        compared++
      })
      past = Object.fromEntries(
        session.inputNames
          .filter((one) => one.startsWith('past'))
          .map((one) => [one, results[one === 'past_position_ids' ? 'present_position_ids' : one.replace('past_key_values', 'present')]]),
      )
    }
    expect(compared).toBe(16)
    expect(past.past_position_ids.dims).toEqual([2, 9])
  })
})

test('a prompt is no part of a text, and is refused', async () => {
  const { config, params } = await loadDecoder(join(fixtures, 'llama'))
  await expect(saveDecoderOnnx(join(scratch, 'no.onnx'), config, { ...params, prompt: zeros([1, 32]) })).rejects.toThrow(
    'cannot be exported',
  )
})
