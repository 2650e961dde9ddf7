import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import {
  type CodegenItem,
  type CodegenReport,
  codegenReport,
  isolations,
  runPrograms,
  type SandboxOptions,
} from '../../kits/codegen/index.ts'
import { loadAdapter } from '../../kits/lm/checkpoints/adapters.ts'
import type { LanguageModel } from '../../kits/lm/index.ts'
import { withAdapter } from '../../kits/lm/peft/with-adapter.ts'
import { type PromptFormat, promptFormats } from '../../kits/lm/sft.ts'
import { verb } from '../method.ts'
import { beamAnswers } from './answers.ts'
import { fieldOptions } from './own-data.ts'
import { baseHelp, formatNames, keptBy, loadBase } from './own-model.ts'
import { type AnsweredItem, readItems } from './predictions.ts'
import { readRecord } from './training-record.ts'

const options = z.object({
  data: z.string().describe('a JSONL file, one {"intent", "code"} a line, with "predictions" where there are some'),
  base: z.string().optional().describe(`answers what has no predictions: ${baseHelp}`),
  adapter: z.string().optional().describe('a folder that train, or Hugging Face’s PEFT, has written for the base'),
  ...fieldOptions,
  format: z.enum(formatNames).optional().describe('what stands around a question; default: what did in training, else alpaca'),
  beams: z.number().int().min(1).max(100).default(10).describe('of the search for answers; all of them are returned'),
  maxPrompt: z.number().int().min(1).default(200).describe('tokens of a question'),
  maxCompletion: z.number().int().min(1).default(160).describe('tokens of an answer'),
  oneLine: z.boolean().default(true).describe('answers end at a newline'),
  k: z.array(z.number().int().min(1)).default([1, 2, 5, 10]).describe('how many predictions count, of exact match and pass@k'),
  sandbox: z
    .enum(isolations)
    .optional()
    .describe(
      'run the predictions with the tests of the lines (MBPP’s test_list, HumanEval’s test): shut in, or with limits of time and memory alone',
    ),
  seconds: z.number().positive().max(600).default(10).describe('what a program may take in the sandbox'),
  out: z.string().default('runs/peft-code/evaluation').describe('folder for predictions.jsonl and report.json'),
})
type Options = z.output<typeof options>

interface Task {
  readonly options: Options
  log(line: string): void
  progress(done: number, total: number, note?: string): Promise<void>
}

export const evalVerb = verb({
  name: 'eval',
  summary: {
    en: 'Judges answers, given or by a model: exact match, BLEU, chrF, CodeBLEU, whether they parse, and whether they pass their tests',
    zh: '评判（给定的或由模型生成的）代码：精确匹配、BLEU、chrF、CodeBLEU、可解析性与测试通过率',
  },
  options,
  positional: 'data',
  example: 'quire peft-code eval answers.jsonl --out evaluation',
  async run(context) {
    const { options } = context
    const answered = await withPredictions(await readItems(options.data, options), context)
    makeFolder(options.out)
    const { rows, ...report } = await codegenReport(await withOutcomes(answered, context), options.k)
    writeAtomically(join(options.out, 'predictions.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    writeJson(join(options.out, 'report.json'), report)
    return { lines: [...table(report), `written: ${options.out}`], json: { ...report, out: options.out } }
  },
})

type Answered = AnsweredItem & Required<Pick<AnsweredItem, 'predictions'>>

/** The predictions that the file has, or else those of a model. */
async function withPredictions(items: readonly AnsweredItem[], task: Task): Promise<Answered[]> {
  const open = items.filter(({ predictions }) => predictions === undefined)
  if (open.length === 0) return items as Answered[]
  const { options, log, progress } = task
  if (options.base === undefined)
    throw new InputError('there are no predictions', { where: open[0].where, fix: 'name the field predictions, or give --base to answer' })
  const unasked = open.find(({ intent }) => intent === undefined)
  if (unasked)
    throw new InputError('there is nothing to answer', { where: unasked.where, fix: 'name what is asked intent, or give --prompt-field' })
  const { model, format } = await loadTuned(options.base, options, log)
  const found = await beamAnswers(
    model,
    open.map(({ intent }) => intent!),
    { ...options, format, progress: (done, total) => progress(done, total, 'answers') },
  )
  const answers = new Map(open.map((item, i) => [item, found[i]]))
  return items.map((item) => ({ ...item, predictions: item.predictions ?? answers.get(item)! }))
}

/** The model as it was trained: on a quantized base where that was one, and with what stood around its questions. */
async function loadTuned(
  name: string,
  { adapter: folder, format: wanted }: Options,
  log: (line: string) => void,
): Promise<{ model: LanguageModel; format: PromptFormat }> {
  const base = await loadBase(name, log)
  const record = readRecord(folder ?? name)
  const format = wanted ?? record.format ?? 'alpaca'
  log(`questions are put in the format ${format}`)
  if (folder === undefined) return { model: base, format: promptFormats[format] }
  const adapter = await loadAdapter(folder, base)
  for (const line of adapter.warnings) log(line)
  const kept = record.method ? await keptBy(record.method, base) : base
  if (kept !== base) log(`the base is quantized, as ${record.method} had it in training`)
  return { model: { ...kept, params: withAdapter(kept.params, adapter) }, format: promptFormats[format] }
}

/** Runs the predictions, if that is asked for. */
async function withOutcomes(items: readonly Answered[], { options, progress }: Task): Promise<CodegenItem[]> {
  const plain = items.map(({ program, where, ...item }) => item)
  if (options.sandbox === undefined) return plain
  const untested = items.find(({ program }) => program === undefined)
  if (untested)
    throw new InputError('there are no tests to run', {
      where: untested.where,
      fix: 'give test_list as MBPP has it, or leave --sandbox out',
    })
  const sandbox: SandboxOptions = {
    isolation: options.sandbox,
    limits: { seconds: options.seconds, cpuSeconds: Math.ceil(options.seconds) },
  }
  const programs = items.flatMap(({ predictions, program }) => predictions.map(program!))
  const waits: Promise<void>[] = []
  const outcomes = await runPrograms(programs, {
    ...sandbox,
    onProgress: (done, total) => waits.push(progress(done, total, 'programs')),
  })
  await Promise.all(waits)
  let next = 0
  return plain.map((item) => ({ ...item, outcomes: outcomes.slice(next, (next += item.predictions.length)) }))
}

function table({ count, exactMatch, exactMatchSpaces, exactMatchSyntax, pass, ...report }: Omit<CodegenReport, 'rows'>): string[] {
  const percent = (value: number) => value.toFixed(2)
  const ks = Object.keys(exactMatch).map(Number)
  const byK = (values: Readonly<Record<number, number>>) => ks.map((k) => (values[k] === undefined ? '' : percent(values[k])))
  const { proper, official } = report.codebleu
  const reasons = Object.entries(pass?.reasons ?? {}).map(([reason, number]) => `${reason} ${number}`)
  return [
    `${count} items; the first prediction of each, 0 to 100`,
    ...aligned([
      ['chrF', percent(report.chrf)],
      ['chrF++', percent(report.chrfWords)],
      ['BLEU-4', percent(report.bleu)],
      ['CodeBLEU', percent(proper.codebleu)],
      ['CodeBLEU as the study scored it', percent(official.codebleu)],
      ['parses as Python', percent(report.parses)],
    ]),
    'any of the first k predictions',
    ...aligned([
      ['', ...ks.map((k) => `k = ${k}`)],
      ['exact match', ...byK(exactMatch)],
      ['with single spaces', ...byK(exactMatchSpaces)],
      ['as syntax trees', ...byK(exactMatchSyntax)],
      ...(pass ? [['pass@k', ...byK(pass.passAtK)]] : []),
    ]),
    ...(pass ? [`how they ended: ${reasons.join(', ')}`] : []),
  ]
}
