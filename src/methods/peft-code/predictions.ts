import { readFile } from 'node:fs/promises'
import { type JsonLine, readJsonLines } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { humanEvalProgram, mbppProgram } from '../../kits/codegen/index.ts'
import { answerFields, type FieldOptions, pairOf, withoutReturns } from './own-data.ts'

/** The usual names of the field of predictions. */
const predictionFields = ['predictions', 'prediction', 'candidate', ...answerFields] as const

/** A line of a file of answers. */
export interface AnsweredItem {
  readonly id: number
  readonly where: string
  readonly intent?: string
  readonly reference: string
  /** None where the file has only the questions. */
  readonly predictions?: readonly string[]
  /** The program that tests an answer, where the line has tests. */
  readonly program?: (answer: string) => string
}

/**
 * Items of a JSONL file: the reference, and if they are there the intent, the predictions, and tests as MBPP or HumanEval have them.
 *
 * @throws InputError that says the line, and for a file without any.
 */
export async function readItems(path: string, options: FieldOptions = {}): Promise<AnsweredItem[]> {
  const lines = await readJsonLines(path)
  if (lines.length === 0) throw new InputError('there are no items', { where: path, fix: 'give one {"reference", "predictions"} a line' })
  return lines.map((line, i) => {
    const { prompt: intent, completion: reference } = pairOf(line, options)
    if (reference === undefined) throw missingReference(line)
    const predictions = line.value.predictions === undefined && line.value.prediction === undefined ? undefined : predictionsOf(line)
    const program = programOf(line)
    return {
      id: i + 1,
      where: line.where,
      reference,
      ...(intent !== undefined && { intent }),
      ...(predictions && { predictions }),
      ...(program && { program }),
    }
  })
}

/**
 * One program a line of a JSONL file, which may have several lines of its own; or one a line of any other file, where an empty line is an answer of nothing.
 *
 * @throws InputError that says the line.
 */
export async function readPrograms(path: string, role: 'reference' | 'prediction'): Promise<string[]> {
  if (/\.jsonl(\.gz)?$/.test(path))
    return (await readJsonLines(path)).map((line) => {
      const text = role === 'prediction' ? predictionsOf(line)[0] : pairOf(line, {}).completion
      if (text === undefined) throw missingReference(line)
      return text
    })
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new InputError('this file cannot be read', { where: path, cause })
  })
  return withoutReturns(text).replace(/\n$/, '').split('\n')
}

function predictionsOf(line: JsonLine): readonly string[] {
  const name = predictionFields.find((name) => name in line.value)
  const found = name === undefined ? undefined : line.value[name]
  const all = typeof found === 'string' ? [found] : found
  if (Array.isArray(all) && all.length > 0 && all.every((one) => typeof one === 'string')) return all.map(withoutReturns)
  throw missing(line, 'prediction', predictionFields.slice(0, 3).join(', '))
}

const missing = ({ value, where }: JsonLine, what: string, names: string): InputError =>
  new InputError(`there is no ${what}; the fields are ${Object.keys(value).join(', ') || 'none'}`, { where, fix: `name a text ${names}` })

const missingReference = (line: JsonLine): InputError => missing(line, 'reference', 'reference, code or snippet')

/** How a line's tests are run: those of MBPP stand in `test_list` or `tests`, those of HumanEval in `test`, with `prompt` and `entry_point`. */
function programOf({ value, where }: JsonLine): AnsweredItem['program'] {
  const { prompt, test, entry_point: entry, test_setup_code: setup = '' } = value
  if (typeof prompt === 'string' && typeof test === 'string' && typeof entry === 'string')
    return (answer) => humanEvalProgram({ prompt, test, entry }, answer)
  const tests = value.test_list ?? value.tests
  if (tests === undefined) return undefined
  if (!Array.isArray(tests) || !tests.every((one) => typeof one === 'string') || typeof setup !== 'string')
    throw new InputError('tests are no list of texts', { where, fix: 'give ["assert f(1) == 2", …]' })
  return (answer) => mbppProgram({ setup, tests }, answer)
}
