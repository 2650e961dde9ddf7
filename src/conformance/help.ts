import type { VerbGroup } from '../cli/toolboxes.ts'
import type { Check } from './check.ts'
import { quire, wordsOf } from './command.ts'

/** Help that can be pasted. */
export const help: Check<VerbGroup> = {
  name: 'help',
  rule: 'Every verb shows an example, which works when it is pasted into an empty folder with the lines before it',
  pace: 'long',
  async run(method, setting) {
    const verbs = await method.verbs()
    const problems: string[] = []
    for (const { name, example } of verbs) {
      const { status, out } = await quire(method, [method.name, name, '--help'], setting.scratch())
      if (status !== 0 || !out.includes(example)) problems.push(`the help of ${name} does not show its example`)
      if (wordsOf(example).slice(0, 3).join(' ') !== `quire ${method.name} ${name}`)
        problems.push(`the example of ${name} is of another command: ${example}`)
    }
    const { lines } = await setting.examples(method)
    for (const { line, status, err } of lines)
      if (status !== 0) problems.push(`\`${line}\` ends with exit status ${status}: ${err.slice(-300)}`)
    return problems
  },
}
