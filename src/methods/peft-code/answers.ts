import type { ItemColumns } from '../../experiment/index.ts'
import { codeBleu } from '../../kits/codegen/codebleu/codebleu.ts'
import { chrf, isMatched } from '../../kits/codegen/index.ts'
import { isPython } from '../../kits/codegen/python/parse.ts'
import { beamSearch } from '../../kits/lm/generate/index.ts'
import type { LanguageModel } from '../../kits/lm/model.ts'
import { type InstructionExample, promptFormats } from '../../kits/lm/sft.ts'

/** The study's beams, all of which are returned. */
export const beams = 10
export const ranks = [1, 2, 5, 10] as const

/** What a model answers to test questions, and how good that is. */
export interface Answers {
  readonly measurements: Readonly<Record<string, number>>
  readonly items: ItemColumns
}

/** Answers by ten beams. An answer is one line: it ends where the model ends it, or at a newline. */
export async function answersOf(
  model: LanguageModel,
  questions: readonly InstructionExample[],
  { maxPrompt, maxCompletion }: { readonly maxPrompt: number; readonly maxCompletion: number },
  progress: (done: number, total: number) => Promise<void>,
): Promise<Answers> {
  const newline = model.tokenizer.encode('\n')
  const found: string[][] = []
  for (const { prompt } of questions) {
    const asked = model.tokenizer.decode(model.tokenizer.encode(prompt).slice(0, maxPrompt))
    const ids = model.tokenizer.encode(promptFormats.alpaca(asked))
    const options = { beams, numReturnSequences: beams, maxNewTokens: maxCompletion, end: newline.length === 1 ? newline : [] }
    found.push((await beamSearch(model, ids, options)).map(({ text }) => text.split('\n')[0]))
    await progress(found.length, questions.length)
  }
  const first = found.map(([text]) => text)
  const wanted = questions.map(({ completion }) => completion)
  const parses = await Promise.all(first.map(async (text) => Number(text.trim() !== '' && (await isPython(text)))))
  const matches = Object.fromEntries(ranks.map((k) => [`em${k}`, wanted.map((code, i) => Number(isMatched(code, found[i], k)))]))
  const { codebleu } = await codeBleu(wanted, first)
  const items = {
    id: questions.map(({ id }) => String(id)),
    prompt: questions.map(({ prompt }) => prompt),
    wanted,
    found: first,
    parses,
    ...matches,
  }
  return { items, measurements: { chrf: chrf(first, wanted), codebleu, ...sharesOf({ parses, ...matches }) } }
}

const sharesOf = (columns: Readonly<Record<string, readonly number[]>>): Record<string, number> =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.reduce((sum, value) => sum + value, 0) / values.length]))
