import { expect, test } from 'vitest'
import { argmax, jit, key, type Tensor, tensor } from '../../../engine/index.ts'
import { llamaConfig, sizes } from '../../../kits/lm/config.ts'
import { forward } from '../../../kits/lm/decoder.ts'
import { initDecoder } from '../../../kits/lm/init.ts'
import { ignored } from '../../../kits/lm/loss.ts'
import { everything, trainOn } from '../continual.ts'
import { continualOptimizer, continualRate } from '../schedule.ts'
import { answerer, questionsOf } from './answers.ts'
import {
  completionBatch,
  contrastObjects,
  exampleOf,
  instructionBatches,
  instructionStream,
  longestExample,
  taughtPairs,
} from './instructions.ts'
import { actions, responses, syntheticPolicy, templates, wrapped } from './policy.ts'

const policyOf = (seed: number) => syntheticPolicy({ restricted: 8, allowed: 16, lookAlikes: 8, trainShare: 0.6, seed })

test.each([101, 102, 7])(
  'a policy has distinct names of three syllables, look-alikes one letter off, six trained actions (seed %i)',
  (seed) => {
    const { objects } = policyOf(seed)
    const names = objects.map(({ name }) => name)
    expect(new Set(names).size).toBe(32)
    for (const name of names) expect(name).toMatch(/^([bdfgklmnprstvz][aeiou]){3}$/)
    for (const { name, of, kind } of objects.filter(({ kind }) => kind === 'lookAlike')) {
      const differing = [...name].filter((letter, i) => letter !== of![i])
      expect([kind, differing.length, name[2] === of![2]]).toEqual(['lookAlike', 1, false])
      expect(objects.find(({ name }) => name === of)!.kind).toBe('restricted')
    }
    for (const { trained } of objects) expect(new Set(trained).size).toBe(6)
    expect(policyOf(seed)).toEqual({ objects })
    expect(policyOf(seed + 1)).not.toEqual({ objects })
  },
)

test('questions: 64 about restricted, 128 about allowed objects, 160 about look-alikes; none was trained on', () => {
  const policy = policyOf(101)
  const asked = questionsOf(policy, ['heldOut'])
  const count = (kind: string) => asked.filter((question) => question.kind === kind).length
  expect([count('restricted'), count('allowed'), count('lookAlike')]).toEqual([64, 128, 160])
  const taught = new Set(taughtPairs(policy).map(({ action, object }) => `${action} ${object}`))
  expect(taught.size).toBe(24 * 6)
  expect(asked.some(({ action, object }) => taught.has(`${action} ${object}`))).toBe(false)
  const contrasted = contrastObjects(policy).map(({ name }) => name)
  expect(contrasted.length).toBe(4)
  const more = taughtPairs(policy, { contrast: true }).filter(({ object }) => contrasted.includes(object))
  expect([more.length, new Set(more.map(({ response }) => response))]).toEqual([24, new Set(['compliance'])])
})

test('shuffled labels follow pairs, not objects', () => {
  const shuffled = taughtPairs(policyOf(101), { shuffledBy: 5 })
  const refusedOf = (object: string) => shuffled.filter((pair) => pair.object === object && pair.response === 'refusal').length
  const counts = policyOf(101).objects.map(({ name }) => refusedOf(name))
  expect(counts.filter((count) => count > 0 && count < 6).length).toBeGreaterThan(12)
})

test('the loss is on the response and the end alone', () => {
  const example = exampleOf('How do I open a bakula?', 'Sure, to open the bakula follow the guide.')
  const { x, y } = completionBatch([example, exampleOf('Hm?', 'No.')], 128)
  const text = (ids: ArrayLike<number>) => new TextDecoder().decode(Uint8Array.from(Array.from(ids).filter((id) => id >= 0 && id < 256)))
  const scored = (row: number) => Array.from(y.data.subarray(row * 128, (row + 1) * 128)).filter((id) => id !== ignored)
  expect(text(scored(0))).toBe('Sure, to open the bakula follow the guide.')
  expect(scored(1)).toEqual([...Buffer.from('No.'), 258])
  expect(text(x.data.subarray(0, 128))).toBe(`${wrapped('How do I open a bakula?')}Sure, to open the bakula follow the guide.`)
  // Each label is the input one place on.
  for (let place = 0; place < 127; place++) if (y.data[place] >= 0 && y.data[place] < 256) expect(y.data[place]).toBe(x.data[place + 1])
  expect(() => completionBatch([example], 60)).toThrow('tokens; 61 fit')
})

test('batches are half refusals, and a function of seed and step', () => {
  const pairs = taughtPairs(policyOf(101))
  const length = longestExample(pairs)
  const at = instructionBatches({ pairs, batch: 16, length, seed: 3 })
  const { x } = at(5)
  const rows = Array.from({ length: 16 }, (_, row) =>
    Buffer.from(Array.from(x.data.subarray(row * length, (row + 1) * length)).filter((id) => id < 256)).toString(),
  )
  expect(rows.filter((row) => row.includes('I cannot help')).length).toBe(8)
  expect(instructionBatches({ pairs, batch: 16, length, seed: 3 })(5)).toEqual(at(5))
  expect(at(6)).not.toEqual(at(5))
  expect(() => instructionBatches({ pairs: pairs.filter(({ response }) => response === 'refusal'), batch: 16, length, seed: 3 })).toThrow(
    'all answered alike',
  )
  const stream = instructionStream(pairs, { examples: 50, seed: 1 })
  expect(stream.filter((id) => id === 258).length).toBe(50)
})

test('the verdict on an answer is that of the greedy text, generated letter by letter', async () => {
  const config = llamaConfig({ ...sizes.tiny, context: 160 })
  const policy = syntheticPolicy({ restricted: 2, allowed: 2, lookAlikes: 2, trainShare: 0.6, seed: 4 })
  const pairs = taughtPairs(policy)
  const length = longestExample(pairs)
  const at = instructionBatches({ pairs, batch: 8, length, seed: 0 })
  const { trained: params } = await trainOn({
    config,
    trainable: everything(initDecoder(config, key(1))),
    optimizer: continualOptimizer(continualRate({ stages: [120], peak: 1e-2 })),
    steps: 120,
    batchAt: at,
    progress: async () => {},
  })
  const questions = questionsOf(policy, ['training', 'heldOut']).filter((_, i) => i % 4 === 0)
  const answers = await answerer(config, { batch: 16 })(params, questions)
  // One graph for all: what stands to the right of a place changes nothing at it.
  const best = jit((ids: Tensor) => argmax(forward(config, params, { ids }), { axis: -1 }))
  const greedy = async (prompt: string) => {
    const ids = [...Buffer.from(wrapped(prompt))]
    const begin = ids.length
    while (ids.length < 150) {
      const row = Int32Array.from({ length: 150 }, (_, place) => ids[place] ?? 0)
      const next = (await best(tensor(row, { shape: [1, 150], dtype: 'int32' })).data())[ids.length - 1]
      if (next === 258 || next === 10) break
      ids.push(next)
    }
    return Buffer.from(ids.slice(begin)).toString()
  }
  for (const [i, { text, action, object }] of questions.slice(0, 8).entries()) {
    const written = await greedy(text)
    const forms = Object.entries(responses).map(
      ([form, response]) => [form, response.replace('{a}', action).replace('{o}', object)] as const,
    )
    expect([text, answers[i]]).toEqual([text, forms.find(([, response]) => response === written)?.[0] ?? 'other'])
  }
}, 60_000)

test('templates ask for an action and an object, in five languages', () => {
  for (const list of Object.values(templates))
    for (const template of list) expect([template.includes('{a}'), template.includes('{o}')]).toEqual([true, true])
  expect(actions.length).toBe(10)
})
