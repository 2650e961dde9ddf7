import { sampleNames } from '../data/index.ts'
import type { Verb } from '../methods/method.ts'

/** What a command line names after an option that says where results go. */
const writtenBy = (line: string): string[] => [...line.matchAll(/ --(?:out|onnx|picture) (\S+)/g)].map(([, path]) => path)

const wordsOf = (line: string): string[] => line.split(' ').slice(1)

/**
 * A verb's example with the commands before it that write what it reads: `quire sample …` for generated files, and the examples of other verbs.
 * All of them can be pasted into an empty folder.
 */
export function exampleLines(verbs: readonly Verb[], verb: Verb, before: readonly Verb[] = []): string[] {
  const others = verbs.filter((other) => other !== verb && !before.includes(other))
  const words = wordsOf(verb.example)
  const samples = words.filter((word) => sampleNames.includes(word))
  const makers = others.filter(({ example }) =>
    writtenBy(example).some((path) => words.includes(path) && !writtenBy(verb.example).includes(path)),
  )
  const earlier = [
    ...(samples.length ? [`quire sample ${samples.join(' ')}`] : []),
    ...makers.flatMap((maker) => exampleLines(verbs, maker, [...before, verb])),
  ]
  return [...new Set([...earlier, verb.example])]
}

/** The same as help. */
export function exampleHelp(verbs: readonly Verb[], verb: Verb): string {
  const lines = exampleLines(verbs, verb)
  return lines.length === 1
    ? `\nExample: ${verb.example}`
    : `\nExample, which can be pasted into an empty folder:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
