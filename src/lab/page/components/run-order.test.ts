import { expect, test } from 'vitest'
import type { RunCard } from '../../api.ts'
import { isOrder, matching, sorted } from './run-order.ts'

const run = (path: string, more: Partial<RunCard>): RunCard => ({ path, status: 'complete', ...more })

const runs = [
  run('ramda/1', { started: '2026-01-01', seconds: 30, preset: 'paper', outcome: 'holds', title: 'Dual averaging' }),
  run('lisa/2', { started: '2026-01-02', seconds: 4, preset: 'smoke', outcome: 'notJudged' }),
  run('ramda/3', { started: '2026-01-03', status: 'running', preset: 'small' }),
  run('lost/4', { status: 'damaged' }),
]

const paths = (found: readonly RunCard[]) => found.map(({ path }) => path[path.length - 1]).join('')

test('each column in both directions', () => {
  expect(paths(sorted(runs, '-began'))).toBe('3214')
  expect(paths(sorted(runs, 'began'))).toBe('4123')
  expect(paths(sorted(runs, '-took'))).toBe('1234')
  expect(paths(sorted(runs, 'run'))).toBe('2413')
  expect(paths(sorted(runs, 'status'))).toBe('3421')
  expect(paths(sorted(runs, '-preset'))).toBe('1324')
})

test('words of an address are orders only if they are', () => {
  expect(isOrder('-began')).toBe(true)
  expect(isOrder('toString')).toBe(false)
  expect(isOrder('')).toBe(false)
})

test('all words have to match, in whatever column', () => {
  expect(paths(matching(runs, 'ramda', ''))).toBe('13')
  expect(paths(matching(runs, 'RAMDA holds', ''))).toBe('1')
  expect(paths(matching(runs, 'averaging', ''))).toBe('1')
  expect(paths(matching(runs, '', 'damaged'))).toBe('4')
})
