import { join } from 'node:path'
import { z } from 'zod'
import { sha256 } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeJson } from '../../experiment/index.ts'
import { saveAdapter } from '../../kits/lm/checkpoints/adapters.ts'
import { completionScorer } from '../../kits/lm/completion-score.ts'
import { type LanguageModel, parameterCount } from '../../kits/lm/index.ts'
import { type Adapter, trainableCount } from '../../kits/lm/peft/adapter.ts'
import { trainingMemory } from '../../kits/lm/peft/memory.ts'
import { withAdapter } from '../../kits/lm/peft/with-adapter.ts'
import { type EncodedExample, encodeExamples, promptFormats } from '../../kits/lm/sft.ts'
import { keptResult } from '../../train/resumable.ts'
import { verb } from '../method.ts'
import { drawnShots, withExamples } from './icl.ts'
import { type OwnExample, readPairs, refuseOverlap, withTest, withValidation } from './own-data.ts'
import { adapterFor, baseHelp, keptBy, loadBase, type MethodName, stateOf, usualRate } from './own-model.ts'
import { type EncodedParts, encodedParts, longestOf, trainingOptions, trainOwn } from './own-training.ts'
import { bytesOfBudget, inBytes, isTrained, type PlanEntry, readPlan, usualPlan } from './plan.ts'
import { writeRecord } from './training-record.ts'
import { bitsPerByte } from './unit.ts'

const options = z.object({
  data: z.string().describe('a JSONL file, one {"intent", "code"} a line'),
  base: z.string().default('tiny').describe(baseHelp),
  methods: z
    .array(z.string())
    .default([...usualPlan])
    .describe('what is compared'),
  plan: z.string().optional().describe('a JSON file in their place: {"name": {"method": "lora", "rank": 4, "learningRate": 0.001}, …}'),
  test: z.string().optional().describe('a JSONL file to test on; default: a tenth of the questions'),
  budget: z.string().optional().describe('what training may take, such as 8GB; methods that need more are left out'),
  ...trainingOptions,
  out: z.string().default('runs/peft-code/comparison').describe('folder for the adapters and comparison.json'),
})
type Options = z.output<typeof options>

/** A row of the table. */
interface Row {
  readonly name: string
  readonly method: string
  readonly trainable: number
  readonly memory: number
  readonly bitsPerByte?: number
  readonly validation?: number
  readonly secondsPerStep?: number
  /** Tokens before the answer, on average. */
  readonly promptTokens?: number
  /** Why it was not trained. */
  readonly leftOut?: string
}

interface Task {
  readonly options: Options
  readonly base: LanguageModel
  readonly train: readonly OwnExample[]
  readonly validation: readonly OwnExample[]
  readonly test: readonly OwnExample[]
  /** All that decides what an arm comes to, besides the arm itself. */
  readonly recipe: readonly unknown[]
  log(line: string): void
  progress(done: number, total: number, note?: string): Promise<void>
}

export const compareVerb = verb({
  name: 'compare',
  summary: {
    en: 'Tunes a model in several ways under one budget of memory, and says which needs the fewest bits for answers it has not seen',
    zh: '在同一内存预算下用多种方法微调模型，比较它们在未见答案上的比特数',
  },
  options,
  positional: 'data',
  example: 'quire peft-code compare intents.jsonl --base tiny --methods zero-shot,lora,ia3 --steps 20 --budget 2GB --out comparison',
  async run({ options, log, progress }) {
    const plan = await readPlan(options.plan, options.methods)
    const budget = options.budget === undefined ? Number.POSITIVE_INFINITY : bytesOfBudget(options.budget)
    const task = { ...(await readTask(options, log)), log, progress }
    makeFolder(options.out)
    const rows: Row[] = []
    for (const entry of plan) rows.push(await rowOf(entry, task, budget))
    rows.sort((a, b) => (a.bitsPerByte ?? Number.POSITIVE_INFINITY) - (b.bitsPerByte ?? Number.POSITIVE_INFINITY))
    writeJson(join(options.out, 'comparison.json'), {
      base: options.base,
      parameters: parameterCount(task.base.config),
      budget: options.budget,
      rows,
    })
    return { lines: [...table(rows), `written: ${options.out}`], json: { rows, out: options.out } }
  },
})

async function readTask(options: Options, log: (line: string) => void): Promise<Omit<Task, 'log' | 'progress'>> {
  const examples = await readPairs(options.data, options, log)
  const given = options.test === undefined ? undefined : await readPairs(options.test, options, log)
  if (given) refuseOverlap(examples, given, options.test!)
  const parts = given ? { ...withValidation(examples), test: given } : withTest(examples)
  if (parts.test.length === 0)
    throw new InputError(`of ${examples.length} examples none is left to test on`, { where: options.data, fix: 'give more, or --test' })
  const base = await loadBase(options.base, log)
  const { data, test, methods, plan, budget, out, ...settings } = options
  const texts = sha256(new TextEncoder().encode(JSON.stringify([parts.train, parts.validation, parts.test])))
  return { options, base, ...parts, recipe: [settings, texts, base.config, await stateOf(options.base)] }
}

async function rowOf(entry: PlanEntry, task: Task, budget: number): Promise<Row> {
  const { base, options, log } = task
  const folder = join(options.out, entry.name)
  const once = (compute: () => Promise<Row>) =>
    keptResult(folder, [entry, ...task.recipe], compute, () => log(`${entry.name}: its result stands in ${folder}`))
  const { name, method } = entry
  if (!isTrained(method)) return once(() => untrained(entry, task))
  const kept = await keptBy(method, base)
  const parts = encodedParts(base, task.train, task.validation, options, log)
  const adapter = adapterFor(method, kept, entry, options.seed)
  const shape = {
    batch: options.batch,
    length: parts.buckets.at(-1)!,
    moments: options.optimizer === 'adafactor' ? 0 : 2,
    recompute: options.recompute,
  }
  const memory = trainingMemory(kept, adapter, shape).total
  const about = { name, method, trainable: trainableCount(adapter), memory }
  if (memory > budget) return { ...about, leftOut: 'over the budget' }
  return once(async () => ({ ...about, ...(await tuned({ ...entry, method, kept, parts, adapter, folder }, task)) }))
}

interface Arm extends PlanEntry {
  readonly method: MethodName
  /** The base as the method keeps it. */
  readonly kept: LanguageModel
  readonly parts: EncodedParts
  readonly adapter: Adapter
  readonly folder: string
}

/** What training comes to; the adapter stands in the arm's folder then. */
async function tuned({ name, method, learningRate: wanted, kept, parts, adapter, folder }: Arm, task: Task) {
  const { base, options } = task
  const learningRate = wanted ?? usualRate(method, parameterCount(base.config))
  const progress = (done: number, total: number, note?: string) => task.progress(done, total, `${name}, ${note}`)
  const trained = await trainOwn(kept, adapter, parts, { ...options, learningRate }, { folder, progress })
  if (method !== 'full') {
    await saveAdapter(trained.adapter, base, folder, { base: options.base })
    writeRecord(folder, { method, format: options.format })
  }
  const validation = trained.validation.reduce((least, [, loss]) => Math.min(least, loss), Number.POSITIVE_INFINITY)
  const { examples } = encodeExamples(task.test, base.tokenizer, { ...options, format: promptFormats[options.format] })
  return { validation, secondsPerStep: trained.secondsPerStep, ...(await scored(kept, trained.adapter, examples)) }
}

/** The base as it is, or with examples in its prompt. */
async function untrained({ name, method, shots = 1 }: PlanEntry, { base, options, train, test }: Task): Promise<Row> {
  const { maxPrompt, maxCompletion, format } = options
  const shot = {
    k: shots,
    context: base.config.context,
    choose: drawnShots(train, options.seed),
    tokenizer: base.tokenizer,
    maxPrompt,
    maxCompletion,
    format: promptFormats[format],
  }
  const examples =
    method === 'icl' ? test.map((query) => withExamples(query, shot).example) : encodeExamples(test, base.tokenizer, shot).examples
  const memory = trainingMemory(base, undefined, { batch: 1, length: 1 }).total
  return { name, method, trainable: 0, memory, ...(await scored(base, undefined, examples)) }
}

async function scored(base: LanguageModel, adapter: Adapter | undefined, examples: readonly EncodedExample[]) {
  const longest = longestOf(examples)
  const buckets = [0.5, 0.75].map((share) => Math.ceil(share * longest)).concat(longest)
  const params = adapter ? withAdapter(base.params, adapter) : base.params
  const bits = await completionScorer(base.config)(params, examples, { buckets, batch: 8 })
  return {
    bitsPerByte: bitsPerByte(
      bits,
      examples.map(({ bytes }) => bytes),
    ),
    promptTokens: examples.reduce((sum, { start }) => sum + start, 0) / examples.length,
  }
}

const table = (rows: readonly Row[]): string[] =>
  aligned([
    ['method', 'bits a byte', 'trained numbers', 'memory', 's a step', 'tokens before an answer'],
    ...rows.map(({ name, bitsPerByte, trainable, memory, secondsPerStep, promptTokens, leftOut }) => [
      name,
      bitsPerByte?.toFixed(3) ?? leftOut ?? '',
      String(trainable),
      inBytes(memory),
      secondsPerStep?.toFixed(2) ?? '',
      promptTokens?.toFixed(0) ?? '',
    ]),
  ])
