import type { ItemColumns } from '../../experiment/index.ts'
import { codeBleu } from '../../kits/codegen/codebleu/codebleu.ts'
import { chrf, isMatched } from '../../kits/codegen/index.ts'
import { isPython } from '../../kits/codegen/python/parse.ts'
import { beamSearch } from '../../kits/lm/generate/index.ts'
import type { LanguageModel } from '../../kits/lm/model.ts'
import { type InstructionExample, type PromptFormat, promptFormats } from '../../kits/lm/sft.ts'

/** The study's beams, all of which are returned. */
export const beams = 10
export const ranks = [1, 2, 5, 10] as const

/** What a model answers to test questions, and how good that is. */
export interface Answers {
  readonly measurements: Readonly<Record<string, number>>
  readonly items: ItemColumns
}

export interface BeamAnswerOptions {
  readonly beams: number
  /** Tokens of a question, and of an answer. */
  readonly maxPrompt: number
  readonly maxCompletion: number
  /** Whether an answer ends at a newline. */
  readonly oneLine: boolean
  /** What stands around a question; default: the study's. */
  readonly format?: PromptFormat
  progress(done: number, total: number): Promise<void>
}

/** What beam search returns for each question, the best first. */
export async function beamAnswers(
  model: LanguageModel,
  prompts: readonly string[],
  { beams, maxPrompt, maxCompletion, oneLine, format = promptFormats.alpaca, progress }: BeamAnswerOptions,
): Promise<string[][]> {
  const newline = model.tokenizer.encode('\n')
  const end = oneLine && newline.length === 1 ? newline : []
  const found: string[][] = []
  for (const prompt of prompts) {
    const asked = model.tokenizer.decode(model.tokenizer.encode(prompt).slice(0, maxPrompt))
    const ids = model.tokenizer.encode(format(asked))
    const best = await beamSearch(model, ids, { beams, numReturnSequences: beams, maxNewTokens: maxCompletion, end })
    found.push(best.map(({ text }) => (oneLine ? text.split('\n')[0] : text)))
    await progress(found.length, prompts.length)
  }
  return found
}

/** Answers by ten beams. An answer is one line: it ends where the model ends it, or at a newline. */
export async function answersOf(
  model: LanguageModel,
  questions: readonly InstructionExample[],
  { maxPrompt, maxCompletion }: { readonly maxPrompt: number; readonly maxCompletion: number },
  progress: (done: number, total: number) => Promise<void>,
): Promise<Answers> {
  const prompts = questions.map(({ prompt }) => prompt)
  const found = await beamAnswers(model, prompts, { beams, maxPrompt, maxCompletion, oneLine: true, progress })
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
