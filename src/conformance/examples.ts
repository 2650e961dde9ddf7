import { exampleLines } from '../cli/example.ts'
import { exitStatus } from '../cli/failure.ts'
import type { VerbGroup } from '../cli/toolboxes.ts'
import { type Ended, quire, quireUntilOutput, wordsOf } from './command.ts'

/** All examples of a group's verbs, run one after another in one folder. */
export interface Examples {
  readonly folder: string
  readonly lines: readonly (Ended & { readonly line: string; readonly seconds: number })[]
}

export async function examplesOf(group: VerbGroup, folder: string): Promise<Examples> {
  const verbs = await group.verbs()
  const commands = new Set(verbs.flatMap((verb) => exampleLines(verbs, verb)))
  const lines: Examples['lines'][number][] = []
  for (const line of withSamplesFirst([...commands])) {
    const begun = performance.now()
    const isEndless = verbs.some(({ example, endless }) => example === line && endless)
    const ended = isEndless ? await begunOnly(group, line, folder) : await quire(group, wordsOf(line).slice(1), folder)
    lines.push({ line, ...ended, seconds: (performance.now() - begun) / 1000 })
  }
  return { folder, lines }
}

/** Of a command without an end: Ctrl-C as soon as it says something. */
async function begunOnly(group: VerbGroup, line: string, folder: string): Promise<Ended> {
  const ended = await quireUntilOutput(group, wordsOf(line).slice(1), folder)
  return { ...ended, status: ended.status === exitStatus.interrupted ? 0 : ended.status }
}

/** Several verbs ask for the same samples; each is written once. */
function withSamplesFirst(lines: readonly string[]): string[] {
  const isSample = (line: string) => line.startsWith('quire sample ')
  const samples = new Set(lines.filter(isSample).flatMap((line) => wordsOf(line).slice(2)))
  return [...(samples.size ? [`quire sample ${[...samples].join(' ')}`] : []), ...lines.filter((line) => !isSample(line))]
}
