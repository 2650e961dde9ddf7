import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import './faults.ts'

/** A folder of its own for a test. */
export const scratch = (): string => mkdtempSync(join(tmpdir(), 'quire-test-'))

/** What legitimately differs between a run and the same run again. */
const timely = new Set(['seconds', 'peakBytes', 'started', 'finished', 'resumed', 'id', 'time', 'command', 'wallSeconds', 'checklist'])

const withoutTimes = (text: string): string => JSON.stringify(JSON.parse(text), (key, value) => (timely.has(key) ? undefined : value))

/** Everything that a run folder says, except times: two runs of the same thing must agree in it byte for byte. */
export function comparable(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(
    names
      .filter((name) => !['run.json', 'report.md', 'report.html'].includes(name))
      .sort()
      .map((name) => {
        const bytes = readFileSync(join(folder, name))
        if (name.endsWith('.jsonl')) return [name, bytes.toString('utf8').trimEnd().split('\n').map(withoutTimes).join('\n')]
        return [name, name.endsWith('.json') ? withoutTimes(bytes.toString('utf8')) : bytes.toString('base64')]
      }),
  )
}
