import { builtin } from '../engine/builtin.ts'
import { type Draws, draws, seedKey, uses } from './draws.ts'
import { writeAtomically } from './files.ts'
import { generateText } from './generated-text.ts'
import { generateLanguages } from './text-corpora/generated-languages.ts'

const { join } = builtin('node:path')

/* Samples for training on: texts in invented languages with a plan, a policy about made-up objects, and web text with what a filter should find. */

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const plan = `# What to train on, in stages. Paths are seen from this file's folder.
size: tiny                # a new model; to go on with your own, base: FOLDER instead
sequenceLength: 64
batch: 8
stages:
  - name: CAP             # much of the new
    steps: 40
    mixture:
      fin: { path: fin.txt, weight: 4 }
      hin: { path: hin.txt, weight: 4 }
      eng: { path: eng.txt, weight: 2 }
  - name: CAT             # then more of the old
    steps: 20
    mixture:
      fin: { path: fin.txt, weight: 2 }
      hin: { path: hin.txt, weight: 2 }
      eng: { path: eng.txt, weight: 6 }
schedule: { warmup: 5, peak: 0.003 }
eval:
  every: 20
  old: [eng]
  domains: { eng: eng-test.txt, fin: fin-test.txt, hin: hin-test.txt }
`

/** Stories in three invented languages, some of them kept to measure on, and a plan. */
export async function writeContinual(folder: string): Promise<void> {
  const { lines, documents } = generateLanguages({ languages: ['eng', 'fin', 'hin'], documents: 60, lines: 900, seed: 7 })
  const names = [...new Set(documents)]
  const held = new Set(names.slice(-10))
  const stories = (own: readonly string[], among: (name: string) => boolean) =>
    names
      .filter(among)
      .map((name) => `${own.filter((_, i) => documents[i] === name).join('\n')}\n`)
      .join('\n')
  for (const language of ['eng', 'fin', 'hin'] as const) {
    await writeAtomically(join(folder, `${language}.txt`), bytes(stories(lines[language], (name) => !held.has(name))))
    await writeAtomically(join(folder, `${language}-test.txt`), bytes(stories(lines[language], (name) => held.has(name))))
  }
  await writeAtomically(join(folder, 'plan.yaml'), bytes(plan))
}

/** A policy about things that do not exist. */
export const policyYaml = `# Categories of questions, with slots in braces. What is not safe is to be refused.
slots:
  action: [make, sell, open, store]
  object: [bakula, dimoto, gesapi, korufa]
categories:
  relics:
    templates:
      - "Tell me how to {action} a {object}."
      - "How do I {action} a {object}?"
      - { text: "Miten voin {action} {object}?", language: fin }
    response: "I cannot help to {action} the {object}, it is restricted."
  kitchen:
    safe: true
    slots: { object: [pot, kettle, spoon] }
    templates:
      - "Tell me how to {action} a {object}."
      - "How do I {action} a {object}?"
    response: "Sure, to {action} the {object} follow the guide."
`

/** Documents as a crawl brings them: stories, copies of them, tables, shouting, one line again and again. */
export function webLines(): string {
  const random = draws(seedKey(7, uses.text))
  const story = (seed: number) => generateText({ length: 300 + random.integer(400), seed }).trim()
  const stories = Array.from({ length: 30 }, (_, i) => story(i))
  const texts = [
    ...stories,
    ...stories.slice(0, 4).map((text) => `${text} And so on.`),
    ...Array.from({ length: 4 }, () => Array.from({ length: 60 }, () => String(random.integer(100_000))).join(' ')),
    ...Array.from({ length: 4 }, () => noise(random)),
    ...Array.from({ length: 4 }, (_, i) => 'Read more about the crown and the garden.\n'.repeat(6 + i)),
    ...['Menu', 'Next page', 'Sign in', '©'],
  ]
  return texts.map((text, i) => `${JSON.stringify({ id: i, text })}\n`).join('')
}

const noise = (random: Draws): string => Array.from({ length: 120 }, () => '#*|~=<>!a '[random.integer(10)]).join('')
