import { exampleLines } from '../cli/example.ts'
import type { Method } from '../methods/method.ts'
import { type Ended, quire, wordsOf } from './command.ts'

/** All examples of a method's verbs, run one after another in one folder. */
export interface Examples {
  readonly folder: string
  readonly lines: readonly (Ended & { readonly line: string; readonly seconds: number })[]
}

export async function examplesOf(method: Method, folder: string): Promise<Examples> {
  const verbs = await method.verbs()
  const commands = new Set(verbs.flatMap((verb) => exampleLines(verbs, verb)))
  const lines: Examples['lines'][number][] = []
  for (const line of withSamplesFirst([...commands])) {
    const begun = performance.now()
    const ended = await quire(method, wordsOf(line).slice(1), folder)
    lines.push({ line, ...ended, seconds: (performance.now() - begun) / 1000 })
  }
  return { folder, lines }
}

/** Several verbs ask for the same samples; each is written once. */
function withSamplesFirst(lines: readonly string[]): string[] {
  const isSample = (line: string) => line.startsWith('quire sample ')
  const samples = new Set(lines.filter(isSample).flatMap((line) => wordsOf(line).slice(2)))
  return [...(samples.size ? [`quire sample ${[...samples].join(' ')}`] : []), ...lines.filter((line) => !isSample(line))]
}
