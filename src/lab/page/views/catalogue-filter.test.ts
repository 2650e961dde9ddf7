import { expect, test } from 'vitest'
import type { PaperCard } from '../../api.ts'
import { filtered } from './catalogue-filter.ts'

const card = (number: number, name: string, area: string, zh: string, state: PaperCard['state']): PaperCard => ({
  ...{ number, name, title: `${name}: a Paper`, arxiv: `2403.1439${number}`, area: { en: area, zh: area }, state },
  ...{ summary: { en: `what ${name} does`, zh }, purpose: { en: 'for engineers', zh: '工程师' } },
  ...{ verdicts: { holds: 0, fails: 0, undecided: 0 }, runs: 0 },
})

const papers = [card(4, 'ramda', 'Optimization', '稀疏训练', 'holds'), card(8, 'fgbert', 'Proteins', '蛋白质', 'notBuilt')]

const names = (query = '', area = '', state: PaperCard['state'] | '' = '') =>
  filtered(papers, { query, area, state }).map(({ name }) => name)

test('all words have to be there, in any language, number, title or arXiv id', () => {
  expect(names()).toEqual(['ramda', 'fgbert'])
  expect(names('  RAMDA paper ')).toEqual(['ramda'])
  expect(names('蛋白')).toEqual(['fgbert'])
  expect(names('04')).toEqual(['ramda'])
  expect(names('2403.14398')).toEqual(['fgbert'])
  expect(names('ramda proteins')).toEqual([])
})

test('area and state narrow it', () => {
  expect(names('', 'Proteins')).toEqual(['fgbert'])
  expect(names('', '', 'holds')).toEqual(['ramda'])
  expect(names('', 'Proteins', 'holds')).toEqual([])
})
