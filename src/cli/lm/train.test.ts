import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { scratch } from '../../experiment/testing/comparable.ts'
import { shell } from '../testing/shell.ts'

const folder = scratch()
const story = join(folder, 'story.jsonl')
const model = join(folder, 'model')
const small = ['--steps', '3', '--batch', '2', '--context', '32']

beforeAll(async () => {
  writeFileSync(story, `${JSON.stringify({ text: 'It rained all day, and nobody went out. '.repeat(4) })}\n`.repeat(8))
  expect((await shell(['lm', 'train', story, '--size', 'tiny', ...small, '--out', model])).status).toBe(0)
})

describe('quire lm train', () => {
  test('documents stand between the tokens that begin and end a text', async () => {
    const { err } = await shell(['lm', 'train', story, '--size', 'tiny', ...small, '--out', join(folder, 'again')])
    expect(err).toContain(`8 documents, ${8 * (160 + 2)} tokens`)
  })

  test.each([
    [['--size', 'micro'], /a checkpoint has its own size; leave --model or --size out/],
    [['--batch', '1000000000'], /batch/],
  ])('%j is refused where it would not count', async (words, message) => {
    const { status, err } = await shell(['lm', 'train', story, '--model', model, '--steps', '1', ...words, '--out', join(folder, 'not')])
    expect(status).toBe(2)
    expect(err).toMatch(message)
    expect(existsSync(join(folder, 'not'))).toBe(false)
  })
})

test('quire lm eval measures in the windows that were asked for, and says where the model was made for less', async () => {
  const tokens = async (context: number) => {
    const { out, err } = await shell(['lm', 'eval', story, '--model', model, '--context', String(context), '--json'])
    return { tokens: JSON.parse(out).texts[0].tokens as number, isWarned: /longer than the 1024 that the model was made for/.test(err) }
  }
  expect(await tokens(100)).toEqual({ tokens: 1200, isWarned: false })
  expect(await tokens(1100)).toEqual({ tokens: 1100, isWarned: true })
})

test.each(['onnx', 'gguf', 'huggingface'])('quire lm convert makes the folder of a model in %s', async (to) => {
  const out = join(folder, 'converted', to)
  const { status, err } = await shell(['lm', 'convert', model, '--to', to, '--out', out])
  expect(err).not.toContain('quire:')
  expect(status).toBe(0)
  expect(existsSync(join(out, to === 'huggingface' ? 'model.safetensors' : `model.${to}`))).toBe(true)
})
