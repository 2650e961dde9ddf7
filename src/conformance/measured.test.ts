import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import definition from '../methods/pfami/experiment.ts'
import { filledReadme, type MeasuredFile } from './measured.ts'

const runs = JSON.parse(readFileSync('src/methods/pfami/measured.json', 'utf8')) as MeasuredFile

test('arms are shown with the measurements that are asked for, of the run that has them', () => {
  const marks = ['<!-- arms defence/ aucSima epsilon -->', '', '<!-- /arms defence/ aucSima epsilon -->']
  const lines = filledReadme(marks.join('\n'), runs, definition).split('\n')
  expect(lines[1]).toBe('| arm | aucSima | epsilon |')
  const { arms } = runs['measured protect=true']
  const trained = arms.filter(({ id, measurements }) => id.startsWith('defence/') && Object.keys(measurements).length > 0)
  expect(lines.slice(3, -1).map((line) => line.split(' | ')[0])).toEqual(trained.map(({ label }) => `| ${label}`))
  // What an arm has not is left empty.
  expect(lines[3]).toMatch(/^\| no defence \| 0\.\d+ \| {2}\|$/)
})

test('a run with settings of its own shows its claims with all their controls, and no table that nobody reads', () => {
  const filled = filledReadme('<!-- measured protect=true -->\n\n<!-- /measured protect=true -->', runs, definition)
  expect(filled.match(/^\| (no-privacy|noise-reversed) \|/gm)).toHaveLength(2)
  expect(filled).not.toMatch(/out-model|before-overfitting/)
  expect(filled).not.toContain('| arm |')
})
