import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOfTheMachine } from '../run/machine.ts'
import type { Manifest } from '../run/manifest.ts'
import './faults.ts'

const made: string[] = []
process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** A folder of its own for a test, removed when the process ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quire-test-'))
  made.push(folder)
  return folder
}

/** What legitimately differs between a run and the same run again: times, memory of the process, and what is measured in them. */
const timely = new Set(['started', 'finished', 'resumed', 'id', 'command', 'checklist', 'milliseconds', 'millisecondsCompacted'])

/** Figures of times, by id. */
const timelyFigures = ['latency']

const withoutTimes = (text: string): string =>
  JSON.stringify(JSON.parse(text), (key, value) => (timely.has(key) || isOfTheMachine(key) ? undefined : value))

const untimely = (figures: { id: string }[]) => figures.filter(({ id }) => !timelyFigures.includes(id))

const isTimely = (name: string): boolean => timelyFigures.some((id) => new RegExp(`^artifacts/${id}\\b.*\\.svg$`).test(name))

/** Everything that a run folder says, except times: two runs of the same thing must agree in it byte for byte. */
export function comparable(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(
    names
      .filter((name) => !['run.json', 'report.md', 'report.html'].includes(name) && !/^lock(\.|$)/.test(name) && !isTimely(name))
      .sort()
      .map((name) => {
        const bytes = readFileSync(join(folder, name))
        if (name === 'artifacts/figures.json') return [name, JSON.stringify(untimely(JSON.parse(bytes.toString('utf8'))))]
        if (name === 'manifest.json') return [name, (JSON.parse(bytes.toString('utf8')) as Manifest).files.map(({ path }) => path).join()]
        if (name.endsWith('.jsonl'))
          return [
            name,
            bytes
              .toString('utf8')
              .split('\n')
              .map((line) => line && withoutTimes(line))
              .join('\n'),
          ]
        return [name, name.endsWith('.json') ? withoutTimes(bytes.toString('utf8')) : bytes.toString('base64')]
      }),
  )
}
