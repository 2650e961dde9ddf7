import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { scratch } from '../../experiment/testing/comparable.ts'
import { walk } from '../../experiment/testing/walk.ts'
import { sameText } from '../../experiment/text.ts'
import { methods } from '../../methods/index.ts'
import type { PaperCard, PaperPage } from '../api.ts'
import { papers } from '../papers.ts'
import { formOf } from './form.ts'
import { testLab, walked, walkMethod, write } from './testing/lab.ts'

const text = { en: 'x', zh: '某' }
const planned = { number: 7, name: 'planned', title: 'Planned', arxiv: '0000.00007', area: text, summary: text, purpose: text, text }
const cardIn = async (lab: ReturnType<typeof testLab>, name: string) =>
  ((await lab.json('/api/papers')) as PaperCard[]).find((card) => card.name === name)

describe('the state of a paper', () => {
  test('is that of the run kept with it, else of the newest that was judged', async () => {
    const kept = scratch()
    const lab = testLab({ papers: [planned], kept })
    expect(await cardIn(lab, 'planned')).toMatchObject({ state: 'notBuilt', runs: 0 })
    expect(await cardIn(lab, 'walk')).toMatchObject({ state: 'notRun', runs: 0, number: 98 })
    await walked(lab.root, 'smoke', { preset: 'smoke' })
    expect(await cardIn(lab, 'walk')).toMatchObject({ state: 'notRun', runs: 1 })
    await walked(lab.root, 'small')
    expect(await cardIn(lab, 'walk')).toMatchObject({ state: 'holds', verdicts: { holds: 2, fails: 0, undecided: 0 }, runs: 2 })
    write(join(kept, 'walk', 'measured.json'), JSON.stringify({ measured: { ...section, outcome: 'fails' } }))
    expect(await cardIn(lab, 'walk')).toMatchObject({ state: 'fails', verdicts: { holds: 1, fails: 1, undecided: 0 }, runs: 2 })
  })

  const section = {
    ...{ method: 'walk', preset: 'small', seeds: [0, 1, 2], settings: { drift: 2 }, id: 'kept', started: '2026-01-01T00:00:00Z' },
    data: { name: 'nothing', real: true, source: 'none', sha256: 'abc' },
    claims: [
      { id: 'moves', verdict: 'holds' },
      { id: 'faster', verdict: 'fails' },
    ],
    controls: [],
  }

  test('comes with the run and the pictures that are kept', async () => {
    const kept = scratch()
    write(join(kept, 'walk', 'measured.json'), JSON.stringify({ measured: { ...section, outcome: 'fails' } }))
    write(
      join(kept, 'walk', 'paper.json'),
      JSON.stringify({ snippet: 'walk()', figures: [{ file: 'a.svg', alt: 'a way', width: 4, height: 3 }] }),
    )
    write(join(kept, 'walk', 'figures', 'a.svg'), '<svg/>')
    const lab = testLab({ kept })
    const page = (await lab.json('/api/papers/walk')) as PaperPage
    expect(page.snippet).toBe('walk()')
    expect(page.kept).toMatchObject({
      id: 'kept',
      figures: [{ file: 'a.svg', alt: { en: 'a way', zh: 'a way' }, width: 4, height: 3 }],
      command: 'npx quire run walk --set drift=2',
    })
    const figure = await lab.get('/api/papers/walk/figures/a.svg')
    expect([figure.headers.get('content-type'), figure.headers.get('content-security-policy')?.split(';')[0]]).toEqual([
      'image/svg+xml',
      'sandbox',
    ])
  })
})

describe('the page of a paper', () => {
  test('says what its experiment claims, and by which control', async () => {
    const page = (await testLab().json('/api/papers/walk')) as PaperPage
    expect(page.claims[0]).toEqual({
      id: 'moves',
      statement: { en: 'The walk moves at 0.8 or more', zh: '行走速度不低于 0.8' },
      baseline: { en: 'a slow walk', zh: '慢步' },
      paper: { value: 1, unit: 'm/s', where: 'Table 1' },
      threshold: 0.8,
      direction: 'atLeast',
    })
    expect(page.controls).toEqual([{ id: 'no-drift', breaks: ['moves', 'faster'], broken: { en: 'the drift is zero', zh: '漂移为零' } }])
    expect(page.differences).toEqual([{ en: 'Nobody walks', zh: '无人行走' }])
  })

  test('that is no method yet has its texts; one that is none is refused', async () => {
    const lab = testLab({ papers: [planned] })
    expect(await lab.json('/api/papers/planned')).toMatchObject({ state: 'notBuilt', text, claims: [], verbs: [] })
    const none = await lab.get('/api/papers/constructor')
    expect([none.status, await none.json()]).toEqual([404, { error: { message: 'there is no such paper', where: 'constructor' } }])
  })
})

describe('the form of an experiment', () => {
  test('has a field for each key of its schema, and what each preset sets', () => {
    const { fields, presets } = formOf(walk(), {})
    expect(fields.find(({ key }) => key === 'steps')).toEqual({
      key: 'steps',
      kind: 'number',
      description: sameText('steps of the walk'),
      fallback: 20,
      least: 1,
      whole: true,
    })
    expect(fields.find(({ key }) => key === 'noise.scale')).toMatchObject({ kind: 'number', fallback: 0.1, least: 0 })
    expect(fields.find(({ key }) => key === 'shape')).toMatchObject({ kind: 'choice', choices: ['straight', 'round'] })
    expect(fields.find(({ key }) => key === 'explode')).toMatchObject({ kind: 'switch', fallback: false })
    expect(presets.map(({ name, seeds, config }) => [name, seeds, config.steps])).toEqual([
      ['smoke', 1, 5],
      ['small', 3, 20],
      ['paper', 5, 1000],
    ])
  })

  test.each([
    [z.number(), {}],
    [z.int(), { whole: true }],
    [z.int().positive().max(9), { whole: true, least: 1, most: 9 }],
    [z.int().lt(9), { whole: true, most: 8 }],
    [z.number().positive().lt(1), { least: 0, most: 1 }],
    [z.number().min(-2).max(2).optional(), { least: -2, most: 2 }],
    [z.number().transform((value) => value), {}],
  ])('knows the range of a number: %#', (schema, bounds) => {
    const config = z.object({ key: schema.default(1 as never).describe('a key') })
    const presets = { smoke: { seeds: 1 }, small: { seeds: 3 }, paper: { seeds: 3 } }
    const { fields } = formOf({ ...walk(), config: config as never, presets }, {})
    expect(fields).toEqual([{ key: 'key', kind: 'number', description: sameText('a key'), fallback: 1, ...bounds }])
  })

  test.each(methods)('$name: each field has a description and something to fill in', async ({ experiment }) => {
    const { fields } = formOf(await experiment(), {})
    expect(fields.length).toBeGreaterThan(0)
    for (const { description, fallback } of fields) expect([description.en !== '', fallback !== undefined]).toEqual([true, true])
  })
})

describe('what is kept in the package', () => {
  const into = scratch()
  const repository = join(import.meta.dirname, '../../..')

  beforeAll(() => {
    const script = `import(${JSON.stringify(join(repository, 'scripts/kept.mjs'))}).then(({ keepPapers }) => keepPapers(...process.argv.slice(1)))`
    expect(spawnSync(process.execPath, ['-e', script, repository, into], { encoding: 'utf8' }).stderr).toBe('')
  })

  test('is the measured run, the pictures and the program of every README', () => {
    for (const { name } of methods) {
      const source = join(repository, 'src/methods', name)
      const readme = readFileSync(join(source, 'README.md'), 'utf8')
      const { snippet, figures } = JSON.parse(readFileSync(join(into, name, 'paper.json'), 'utf8'))
      expect(existsSync(join(into, name, 'measured.json'))).toBe(existsSync(join(source, 'measured.json')))
      expect(snippet === undefined ? readme.includes('```ts\n') : !readme.includes(snippet)).toBe(false)
      expect(figures).toHaveLength(readme.match(/!\[.*?\]\([^)]*docs\/images\//g)?.length ?? 0)
      expect(readdirSync(join(into, name, 'figures')).sort()).toEqual(
        [...new Set(figures.map(({ file }: { file: string }) => file))].sort(),
      )
      for (const { alt } of figures) expect(alt).not.toBe('')
    }
  })

  test('is told of in the catalogue', async () => {
    const lab = testLab({ methods, papers, kept: into })
    const cards = (await lab.json('/api/papers')) as PaperCard[]
    expect(cards.map(({ number }) => number)).toEqual([...new Set(cards.map(({ number }) => number))].sort((a, b) => a - b))
    const { measured } = JSON.parse(readFileSync(join(into, 'ramda', 'measured.json'), 'utf8'))
    expect(cards.find(({ name }) => name === 'ramda')).toMatchObject({ state: measured.outcome })
    expect(((await lab.json('/api/papers/ramda')) as PaperPage).kept).toMatchObject({ id: measured.id, command: 'npx quire run ramda' })
  })
})

test('a method that the catalogue tells of is told of once', async () => {
  const lab = testLab({ papers: [{ ...planned, name: 'walk', number: 98, title: 'Told' }], methods: [walkMethod] })
  expect(await lab.json('/api/papers')).toMatchObject([{ name: 'walk', title: 'Told', state: 'notRun' }])
})
