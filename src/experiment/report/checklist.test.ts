import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Experiment } from '../definition.ts'
import { runExperiment } from '../run/run.ts'
import { scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import type { ChecklistRow } from './checklist.ts'
import type { Report } from './report.ts'

const searched: Experiment['searched'] = [
  { keys: ['drift'], range: [0.5, 1], chosen: { en: 'by hand', zh: '手工' }, trials: 2 },
  { keys: ['noise.*'], range: [0.1, 0.2], chosen: { en: 'by eye', zh: '目测' } },
  { keys: ['steps'], range: [], chosen: { en: 'the first tried', zh: '首个' } },
]

async function run(definition: Experiment, more: object = {}): Promise<{ folder: string; report: Report; row(id: string): ChecklistRow }> {
  const folder = join(scratch(), 'run')
  const { report } = await runExperiment(definition, { preset: 'small', folder, ...more })
  return { folder, report, row: (id) => report.checklist.find((row) => row.id === id)! }
}

const said = ({ answers, notRecorded }: ChecklistRow) => ({
  answers: answers.map(({ en }) => en),
  notRecorded: notRecorded.map(({ en }) => en),
})

describe('a run that went well', () => {
  let ran: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    ran = await run({ ...walk(), searched })
  })

  test('every question is answered, or says why it is not, in both languages', () => {
    expect(ran.report.checklist.length).toBeGreaterThanOrEqual(15)
    for (const { id, question, answers, notRecorded } of ran.report.checklist) {
      expect(answers.length + notRecorded.length, id).toBeGreaterThan(0)
      for (const { en, zh } of [question, ...answers, ...notRecorded]) {
        expect(en, id).not.toMatch(/undefined|NaN|\[object|null|[一-鿿]/)
        expect(zh, id).not.toMatch(/undefined|NaN|\[object|null/)
      }
      expect(question.zh).toMatch(/[一-鿿]/)
    }
  })

  test('claims and controls are counted', () =>
    expect(said(ran.row('outcome')).answers).toEqual([
      'Of 2 claims 2 hold, 0 fail, 0 are undecided.',
      '2 of 2 checks of negative controls fail, as all should.',
    ]))

  test('moved bars and late claims are owned up to', () => {
    const { answers } = said(ran.row('changed'))
    expect(answers).toEqual([
      'The bar of moves was provisional: 0.9 before the first run, 0.8 now.',
      'faster was added after the first run: the first run was slow',
    ])
  })

  test('ranges, choices and trials; what nobody counted is not recorded', () => {
    expect(said(ran.row('searched'))).toEqual({
      answers: [
        'drift: 0.5, 1 tried; by hand; 2 trials.',
        'noise.*: 0.1, 0.2 tried; by eye.',
        'steps: not searched; the first tried.',
        '3 other settings have one value each, in the section Configuration.',
      ],
      notRecorded: ['how many trials the choice of noise.* took: nobody counted'],
    })
  })

  test('trainings are counted: three arms with three seeds, one with one', () => {
    const [all, fewer] = said(ran.row('runs')).answers
    expect(all).toBe('10 trainings: 4 arms, seeds 0, 1, 2.')
    expect(fewer).toMatch(/^1 arm ran with fewer: 1 seed at the least/)
  })

  test('compute is that of the run', () => {
    const { machine, cost } = ran.report
    const text = said(ran.row('compute')).answers.join(' ')
    for (const part of [machine.cpu, machine.platform, '600 FLOP']) expect(text).toContain(part)
    expect(cost.wallSeconds).toBeGreaterThan(0)
  })

  test('what the data’s reader did not say is not guessed', () => {
    expect(said(ran.row('licences')).notRecorded).toEqual(['the licence of the data: their reader names none'])
    expect(said(ran.row('items')).notRecorded).toHaveLength(1)
    expect(said(ran.row('allCompute')).notRecorded).toHaveLength(1)
  })

  test('report.json has it', () =>
    expect(JSON.parse(readFileSync(join(ran.folder, 'report.json'), 'utf8')).checklist).toHaveLength(ran.report.checklist.length))
})

test('what failed is named: claims, trainings', async () => {
  const { row } = await run(walk(), { settings: { explode: true } })
  const { answers } = said(row('failed'))
  expect(answers).toContain('moves: fails (a seed gave no finite number)')
  expect(answers.filter((text) => text.startsWith('the walk diverged: '))).toHaveLength(3)
})

test('a preset that judges nothing does not claim that nothing failed', async () => {
  const { row } = await run(walk({ real: false }), { preset: 'smoke' })
  expect(said(row('failed')).answers).toEqual(['No training failed; no claim was judged.'])
  expect(said(row('data')).answers[0]).toContain('generated, not real')
})
