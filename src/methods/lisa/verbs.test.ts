import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { InputError, key } from '../../engine/index.ts'
import { byteTokenizer, type DecoderConfig, initDecoder, llamaConfig, readConfig, saveModel } from '../../kits/lm/index.ts'
import { commonOptions, readText } from './own-model.ts'
import { compareVerb } from './verb-compare.ts'
import { trainVerb } from './verb-train.ts'

const rotary = llamaConfig({ width: 16, layers: 2, heads: 2, hidden: 24, context: 32 })
const shape = { vocab_size: 260, n_positions: 16, n_embd: 16, n_layer: 2, n_head: 2, n_inner: 24, bos_token_id: 257, eos_token_id: 258 }
const learned = readConfig(JSON.stringify({ model_type: 'gpt2', ...shape })).config

let folder = ''
const at = (name: string) => join(folder, name)
const saved = (config: DecoderConfig, name: string, seed = 1) =>
  saveModel({ config, params: initDecoder(config, key(seed)), tokenizer: byteTokenizer }, at(name))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quire-lisa-verbs-'))
  await saved(rotary, 'rotary')
  await saved(learned, 'learned')
  writeFileSync(at('rain.txt'), 'It rained, and then it rained again. '.repeat(20))
  writeFileSync(at('snow.txt'), 'It snowed.')
  writeFileSync(at('schedule.csv'), 'step,active_layers\n0,1\n2,0\n')
  writeFileSync(at('stranger.csv'), 'step,active_layers\n0,1\n2,7\n')
  writeFileSync(at('plan.yaml'), '- method: lisa\n- { method: lisa, name: keeping, statePolicy: keep }\n- method: ends\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const few = { activeLayers: 1, interval: 2, steps: 4, batch: 2, context: 16, validation: 0.2 }

/** Runs a verb on the rain, and counts its steps; after so many it is killed. */
async function run(verb: typeof trainVerb, options: Record<string, unknown>, dies = Number.POSITIVE_INFINITY) {
  const said: string[] = []
  let steps = 0
  const result = await verb.run({
    options: verb.options.parse({ data: [at('rain.txt')], base: at('rotary'), ...few, out: at('out'), ...options }) as Record<
      string,
      unknown
    >,
    signal: new AbortController().signal,
    log: (line) => said.push(line),
    out: () => {},
    async progress() {
      if (++steps >= dies) throw new Error('killed')
    },
  })
  return { said, steps, json: result.json as { results: Record<string, unknown>[] } }
}

test.each([
  ['train', trainVerb],
  ['compare', compareVerb],
])('%s: windows beyond learned positions are refused, beyond rotary ones said', async (name, verb) => {
  const plan = name === 'compare' ? { plan: at('plan.yaml') } : {}
  await expect(run(verb, { ...plan, base: at('learned'), context: 17, out: at('refused') })).rejects.toThrow(
    new InputError('windows of 17 tokens, and the model has learned positions for 16', {
      where: '--context 17',
      fix: 'give 16 or less',
    }).message,
  )
  await run(verb, { ...plan, base: at('learned'), out: at(`${name}-learned`) })
  const beyond = await run(verb, { ...plan, context: 40, out: at(`${name}-beyond`) })
  expect(beyond.said[0]).toBe('warning: windows of 40 tokens are longer than the 32 that the model was made for')
  const within = await run(verb, { ...plan, context: 32, out: at(`${name}-within`) })
  expect(within.said.filter((line) => line.startsWith('warning'))).toEqual([])
})

test('each text begins as a prompt does, and ends with the end of texts', async () => {
  const options = z.object(commonOptions).parse({ context: 16, validation: 0 })
  const model = { config: rotary, tokenizer: byteTokenizer }
  const text = await readText([at('snow.txt'), at('rain.txt')], options, model, () => {})
  expect([...text.train.subarray(0, 14)]).toEqual([257, ...new TextEncoder().encode('It snowed.'), 258, 257, 'I'.charCodeAt(0)])
  expect(text.train.at(-1)).toBe(258)
})

test('a comparison that was killed goes on with the method that it was at, and with what the others reached', async () => {
  const plan = { plan: at('plan.yaml') }
  const whole = await run(compareVerb, { ...plan, out: at('whole') })
  expect(whole.steps).toBe(3 * few.steps)
  await expect(run(compareVerb, { ...plan, out: at('broken') }, 2 * few.steps + 1)).rejects.toThrow('killed')
  const resumed = await run(compareVerb, { ...plan, out: at('broken') })
  expect(resumed.steps).toBeLessThanOrEqual(few.steps)
  const timeless = ({ json }: typeof whole) => json.results.map((row) => ({ ...row, secondsPerStep: undefined, peakBytes: undefined }))
  expect(timeless(resumed)).toEqual(timeless(whole))
  // What another recipe, or another model of the same name, reached does not count.
  expect((await run(compareVerb, { ...plan, seed: 1, out: at('broken') })).steps).toBe(3 * few.steps)
  await saved(rotary, 'rotary', 2)
  expect((await run(compareVerb, { ...plan, seed: 1, out: at('broken') })).steps).toBe(3 * few.steps)
  await saved(rotary, 'rotary')
})

test('a schedule says which blocks train', async () => {
  await run(trainVerb, { activeLayers: undefined, schedule: at('schedule.csv'), out: at('by-schedule') })
  expect(readFileSync(at('by-schedule/schedule.csv'), 'utf8')).toBe(readFileSync(at('schedule.csv'), 'utf8'))
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['ends before the training', { schedule: 'schedule.csv', activeLayers: undefined, steps: 6 }, /the schedule has 2 intervals/],
  ['names blocks that are not there', { schedule: 'stranger.csv', activeLayers: undefined }, /names block 7 of a model of 2/],
  ['contradicts another option', { schedule: 'schedule.csv' }, /--active-layers: a schedule says itself how many blocks train/],
  ['is of no use to the method', { schedule: 'schedule.csv', activeLayers: undefined, method: 'full' }, /only LISA trains by a schedule/],
  ['is not there', { schedule: 'none.csv', activeLayers: undefined }, /none\.csv/],
])('a schedule that %s is refused before the first step', async (_, options, message) => {
  // A step would be killed.
  await expect(run(trainVerb, { ...options, schedule: at(options.schedule as string), out: at('refused') }, 1)).rejects.toThrow(message)
})
