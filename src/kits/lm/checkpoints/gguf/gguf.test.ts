import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { InputError, key, type Tensor } from '../../../../engine/index.ts'
import { type DecoderConfig, llamaConfig } from '../../config.ts'
import { initDecoder } from '../../init.ts'
import { byteTokenizer } from '../../tokenizers/bytes.ts'
import { saveGguf } from './export.ts'
import { ggufHeader, readGguf } from './format.ts'

const scratch = mkdtempSync(join(tmpdir(), 'quire-gguf-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const llama = llamaConfig({ width: 16, layers: 2, heads: 4, kvHeads: 2, hidden: 20, vocabulary: 264 })
const modelOf = (config: DecoderConfig) => ({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer })

/** A file put together by hand from the published layout: one text, one tensor of two floats. */
function byHand(): Uint8Array {
  const text = new TextEncoder()
  const u32 = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)]
  const u64 = (value: number) => [...u32(value), ...u32(0)]
  const string = (value: string) => [...u64(value.length), ...text.encode(value)]
  const head = [
    ...text.encode('GGUF'),
    ...u32(3),
    ...u64(1),
    ...u64(1),
    ...string('general.architecture'),
    ...u32(8),
    ...string('llama'),
    ...string('x'),
    ...u32(2),
    ...u64(2), // the fastest axis first
    ...u64(1),
    ...u32(0),
    ...u64(0),
  ]
  const padded = [...head, ...new Array((32 - (head.length % 32)) % 32).fill(0)]
  return Uint8Array.from([...padded, ...new Uint8Array(Float32Array.of(1.5, -2).buffer)])
}

test('the published layout is read, and written', () => {
  const bytes = byHand()
  const { metadata, tensors } = readGguf(bytes)
  expect(metadata).toEqual({ 'general.architecture': { type: 'string', value: 'llama' } })
  expect(tensors.get('x')).toMatchObject({ shape: [1, 2], element: 'F32' })
  expect([...new Float32Array(Uint8Array.from(tensors.get('x')!.bytes).buffer)]).toEqual([1.5, -2])
  const header = ggufHeader(metadata, [{ name: 'x', shape: [1, 2], element: 'F32' }])
  expect(header).toEqual(bytes.subarray(0, header.length))
})

test('a model as llama.cpp reads it: names, sizes, tokens, and q and k with their pairs side by side', async () => {
  const model = modelOf(llama)
  const path = join(scratch, 'llama.gguf')
  expect(await saveGguf(path, model, { format: 'F16' })).toEqual([])
  const { metadata, tensors } = readGguf(readFileSync(path), path)
  expect(metadata['llama.attention.head_count_kv']).toEqual({ type: 'uint32', value: 2 })
  expect(metadata['general.name']).toEqual({ type: 'string', value: 'llama' })
  const tokens = metadata['tokenizer.ggml.tokens'].value as string[]
  expect([tokens[65], tokens[32], tokens[258], tokens[263]]).toEqual(['A', 'Ġ', '<|end|>', '[unused263]'])
  expect((metadata['tokenizer.ggml.token_type'].value as number[]).slice(255, 264)).toEqual([1, 3, 3, 3, 3, 5, 5, 5, 5])
  expect(metadata['tokenizer.ggml.add_bos_token'].value).toBe(true)
  expect(tensors.get('blk.0.attn_norm.weight')!.element).toBe('F32')
  expect(tensors.get('blk.1.attn_q.weight')).toMatchObject({ element: 'F16', shape: [16, 16] })
  expect(tensors.has('output.weight')).toBe(false)

  await saveGguf(path, model)
  const written = readGguf(readFileSync(path), path).tensors.get('blk.0.attn_k.weight')!
  const rows = new Float32Array(Uint8Array.from(written.bytes).buffer)
  const own = await (model.params.blocks[0].attention.key!.weight as Tensor).data()
  // Head 1, whose four outputs are 4 to 7: the pairs (4, 6) and (5, 7) come to stand side by side.
  for (const [row, output] of [4, 6, 5, 7].entries())
    for (let i = 0; i < 16; i++) expect(rows[(4 + row) * 16 + i]).toBe(own[i * 8 + output])
})

test('what llama.cpp computes otherwise is told of; what it cannot is refused, and nothing is written', async () => {
  const gpt2: DecoderConfig = {
    ...llama,
    dialect: 'gpt_bigcode',
    modelType: 'gpt_bigcode',
    kvHeads: 1,
    norm: 'layer',
    activation: 'gelu',
    positions: { kind: 'learned' },
    fusedQkv: true,
    biases: { qkv: true, output: true, network: true, head: false, norm: true },
  }
  expect(await saveGguf(join(scratch, 'starcoder.gguf'), modelOf(gpt2))).toEqual([expect.stringContaining('tanh form of GELU')])
  const refuse = (config: DecoderConfig, what: string) => expect(saveGguf(join(scratch, 'no.gguf'), modelOf(config))).rejects.toThrow(what)
  await refuse({ ...llama, modelType: 'mistral', window: 8 }, 'no sliding window')
  await refuse({ ...gpt2, scaleScores: false }, 'always divides scores')
  const rotary = { kind: 'rope', theta: 10_000, pairs: 'interleaved', width: 4 } as const
  await refuse(
    { ...gpt2, dialect: 'codegen', modelType: 'codegen', kvHeads: 4, parallel: true, positions: rotary },
    'no architecture for codegen',
  )
  await refuse({ ...llama, positions: { ...rotary, pairs: 'half', scaling: { kind: 'dynamic', factor: 2 } } }, 'no dynamic scaling')
  expect(readdirSync(scratch).filter((name) => name.includes('no.gguf'))).toEqual([])
})

test.each<[string, (bytes: Uint8Array) => void]>([
  ['does not begin with GGUF', (bytes) => bytes.set([0], 0)],
  ['version 9 is not read', (bytes) => bytes.set([9], 4)],
  ['entries do not fit the file', (bytes) => bytes.set([255, 255, 255, 255], 8)],
  ['is too large', (bytes) => bytes.fill(255, 16, 24)],
  ['more bytes are not there', (bytes) => bytes.set([255, 255], 24)],
  ['not UTF-8', (bytes) => bytes.set([255], 32)],
  ['values of type 12 are not read', (bytes) => bytes.set([12], 52)],
])('refused: %s', (message, damage) => {
  const bytes = byHand()
  damage(bytes)
  expect(() => readGguf(bytes, 'x.gguf')).toThrow(message)
  expect(() => readGguf(bytes, 'x.gguf')).toThrow(InputError)
})

test('a file that was cut is refused', () => {
  const bytes = byHand()
  for (let length = 0; length < bytes.length; length++) expect(() => readGguf(bytes.subarray(0, length))).toThrow(InputError)
})
