import { z } from 'zod'
import { type JsonLine, readJsonLines } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import type { InstructionExample } from '../../kits/lm/sft.ts'

/** The usual names of a program that answers. */
export const answerFields = ['code', 'snippet', 'completion', 'canonical_solution', 'output', 'response', 'answer', 'cmd'] as const

/** The usual names of what is asked, CoNaLa's better wording first, of what is to be answered, and of what groups examples. */
const fields = {
  prompt: ['rewritten_intent', 'intent', 'instruction', 'prompt', 'question', 'nl', 'text'],
  completion: ['reference', ...answerFields],
  group: ['question_id', 'question', 'group', 'task_id'],
} as const

/** An example of the user's own, and what it must share its side of a split with. */
export interface OwnExample extends InstructionExample {
  readonly group?: string
}

export interface FieldOptions {
  /** The field of what is asked; default: the first known one that is there. */
  readonly promptField?: string
  readonly completionField?: string
}

/** The same as options of a verb. */
export const fieldOptions = {
  promptField: z.string().optional().describe('the field of what is asked; default: intent, instruction, prompt …'),
  completionField: z.string().optional().describe('the field of the answer; default: code, snippet, completion …'),
} as const

const notice = 'the fields are those of CodeAlpaca; its data are CC BY-NC 4.0: not for commercial use'

/**
 * Pairs of a JSONL file.
 *
 * @param log told of licences that forbid something.
 * @throws InputError that says the line, for what is no pair of texts, and for a file without any.
 */
export async function readPairs(path: string, options: FieldOptions = {}, log: (line: string) => void = () => {}): Promise<OwnExample[]> {
  const lines = await readJsonLines(path)
  if (lines.length === 0)
    throw new InputError('there are no examples', { where: path, fix: 'give a JSONL file with one {"intent", "code"} a line' })
  const pairs = lines.map((line, i): OwnExample => {
    const { prompt, completion } = pairOf(line, options)
    if (prompt === undefined) throw missing(line, 'what is asked', 'intent, instruction or prompt, or give --prompt-field')
    if (completion === undefined) throw missing(line, 'the answer', 'code, snippet or completion, or give --completion-field')
    const group = fields.group.map((name) => line.value[name]).find((id) => typeof id === 'string' || typeof id === 'number')
    return { id: i + 1, prompt, completion, ...(group !== undefined && { group: String(group) }) }
  })
  if (['instruction', 'input', 'output'].every((name) => name in lines[0].value)) log(`${path}: ${notice}`)
  return pairs
}

/** What a line asks, with its `input` below, and what is to be answered, as far as they are there: the same for training and for judging. */
export function pairOf(line: JsonLine, { promptField, completionField }: FieldOptions): { prompt?: string; completion?: string } {
  const prompt = fieldOf(line, promptField, fields.prompt)
  const completion = fieldOf(line, completionField, fields.completion)
  const input = promptField === 'input' || completionField === 'input' ? undefined : fieldOf(line, undefined, ['input'])
  return { prompt: prompt !== undefined && input?.trim() ? `${prompt}\n${input}` : prompt, completion }
}

function fieldOf({ value, where }: JsonLine, wanted: string | undefined, usual: readonly string[]): string | undefined {
  const name = wanted ?? usual.find((name) => typeof value[name] === 'string')
  if (name === undefined) return undefined
  const text = value[name]
  if (typeof text !== 'string')
    throw new InputError(`field '${name}' is no text`, { where, fix: `its fields are ${Object.keys(value).join(', ')}` })
  return withoutReturns(text)
}

/** Lines end with a newline alone: of files from Windows nobody means to learn, or to compare, the carriage returns. */
export const withoutReturns = (text: string): string => text.replaceAll('\r', '')

const missing = ({ where }: JsonLine, what: string, names: string): InputError =>
  new InputError(`there is no text for ${what}`, { where, fix: `name it ${names}` })

const plain = (text: string): string => text.trim().replace(/\s+/g, ' ')

/** @throws InputError where examples that are trained on are tested, too: by their group, or by the same words. */
export function refuseOverlap(train: readonly OwnExample[], test: readonly OwnExample[], where: string): void {
  const groups = new Map(train.flatMap(({ group, id }) => (group === undefined ? [] : [[group, id] as const])))
  const prompts = new Map(train.map(({ prompt, id }) => [plain(prompt), id]))
  for (const { id, group, prompt } of test) {
    const [byGroup, byPrompt] = [group === undefined ? undefined : groups.get(group), prompts.get(plain(prompt))]
    if (byGroup === undefined && byPrompt === undefined) continue
    const what =
      byGroup !== undefined
        ? `belongs to question ${group} as training example ${byGroup} does`
        : `asks what training example ${byPrompt} asks`
    throw new InputError(`test example ${id} ${what}`, { where, fix: 'keep each question on one side' })
  }
}

/** Parts of a user's examples by tenths of the questions, in the order of their first examples; examples that ask the same stay together. */
export function partsByQuestion<T extends string>(
  examples: readonly OwnExample[],
  tenthOf: (question: number) => T,
): Record<T, OwnExample[]> {
  const names = new Map<string, number>()
  const parts = {} as Record<T, OwnExample[]>
  for (const example of examples) {
    const name = example.group ?? plain(example.prompt)
    if (!names.has(name)) names.set(name, names.size)
    const part = tenthOf(names.get(name)! % 10)
    parts[part] ??= []
    parts[part].push(example)
  }
  return parts
}

/** A tenth of the questions to validate on. */
export function withValidation(examples: readonly OwnExample[]): { train: OwnExample[]; validation: OwnExample[] } {
  const { train = [], validation = [] } = partsByQuestion(examples, (tenth) => (tenth === 9 ? 'validation' : 'train'))
  return { train, validation }
}

/** A tenth to validate on, and another to test on. */
export function withTest(examples: readonly OwnExample[]): { train: OwnExample[]; validation: OwnExample[]; test: OwnExample[] } {
  const names = { 8: 'test', 9: 'validation' } as const
  const {
    train = [],
    validation = [],
    test = [],
  } = partsByQuestion<'train' | 'validation' | 'test'>(examples, (tenth) => names[tenth as 8 | 9] ?? 'train')
  return { train, validation, test }
}
