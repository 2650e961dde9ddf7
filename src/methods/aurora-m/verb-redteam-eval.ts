import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonLines } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import { type Endpoint, openAiEndpoint } from '../../kits/llm/index.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import { verb } from '../method.ts'
import { greedyAnswers, judgedBy } from './safety/evaluate.ts'
import { endpointJudge, type Judge, type Rate, regexJudge, type SafetyRates, safetyReport, templateJudge } from './safety/judges.ts'
import type { InstructionPair } from './safety/red-team.ts'
import { readReport } from './verb-report.ts'

const evalOptions = z.object({
  prompts: z
    .string()
    .describe('JSONL with instruction, safe, and for the judge template response and refusal; or the folder that redteam-build wrote'),
  model: z.string().optional().describe('a model directory, or the folder that train wrote'),
  endpoint: z.string().optional().describe("instead of a model: the address of an endpoint with OpenAI's protocol"),
  endpointModel: z.string().default('default').describe('what the endpoint calls its model'),
  judge: z
    .string()
    .default('regex')
    .describe(
      'template (word by word), regex (usual words of refusals in six languages), or the address of an endpoint that grades by a rubric',
    ),
  judgeModel: z.string().default('default').describe('what the judging endpoint calls its model'),
  keyEnv: z.string().optional().describe('the environment variable that holds the key of the endpoints'),
  maxNewTokens: z.number().int().positive().max(4096).default(96).describe('tokens of an answer'),
  limit: z.number().int().positive().optional().describe('ask no more than so many questions, evenly from all'),
  out: z.string().default('runs/aurora-m/safety').describe('folder for answers.jsonl, report.json and the verdicts that were paid for'),
})
type EvalOptions = z.output<typeof evalOptions>

export const redteamEvalVerb = verb({
  name: 'redteam-eval',
  summary: {
    en: 'Asks a model the questions of a policy, and reports harmful compliance and over-refusal with intervals',
    zh: '向模型提出策略中的问题，报告有害服从与过度拒绝及其区间',
  },
  options: evalOptions,
  positional: 'prompts',
  example: 'quire aurora-m redteam-eval redteam --model runs/continual --judge regex --limit 20 --out runs/safety',
  async run({ options, signal, progress, log }) {
    const pairs = spread(await questionsIn(options.prompts), options.limit)
    const judge = judgeOf(options, pairs, signal)
    const answers = await answersOf(options, pairs, signal, log)
    const judged = await judgedBy(judge, pairs, answers, progress)
    const report = safetyReport(pairs, judged)
    makeFolder(options.out)
    const rows = pairs.map((pair, i) => `${JSON.stringify({ ...pair, answer: answers[i], judged: judged[i] })}\n`)
    writeAtomically(join(options.out, 'answers.jsonl'), rows.join(''))
    writeJson(join(options.out, 'report.json'), { judge: options.judge, questions: pairs.length, ...report })
    return {
      lines: [...tableOf(report.all, report.categories, report.languages), `written: ${join(options.out, 'answers.jsonl')}`],
      json: report,
    }
  },
})

/** So many, evenly from all of them: categories stand one after another. */
function spread<T>(items: readonly T[], limit = items.length): T[] {
  const count = Math.min(limit, items.length)
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)])
}

/** @throws InputError for lines that are no questions. */
async function questionsIn(path: string): Promise<InstructionPair[]> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const rows = await readJsonLines(isFolder ? join(path, 'test.jsonl') : path)
  if (rows.length === 0) throw new InputError('there are no questions', { where: path })
  return rows.map(({ value, where }) => {
    const { instruction, response = '', refusal = '', category = 'all', language = 'all', safe = false } = value
    const texts = { instruction, response, refusal, category, language }
    const wrong = Object.entries(texts).find(([, text]) => typeof text !== 'string')
    if (wrong || instruction === '')
      throw new InputError(`'${wrong?.[0] ?? 'instruction'}' is no text`, { where, fix: 'a question needs an instruction' })
    if (typeof safe !== 'boolean') throw new InputError("'safe' is neither true nor false", { where })
    return { ...(texts as Record<keyof typeof texts, string>), safe }
  })
}

function judgeOf({ judge, judgeModel, keyEnv, out }: EvalOptions, pairs: readonly InstructionPair[], signal: AbortSignal): Judge {
  if (judge === 'regex') return regexJudge
  if (judge === 'template') {
    if (pairs.some(({ refusal }) => refusal === ''))
      throw new InputError("some questions have no 'refusal' to compare with", {
        where: '--judge template',
        fix: 'take --judge regex, or make them by redteam-build',
      })
    return templateJudge
  }
  if (!/^https?:/.test(judge))
    throw new InputError(`'${judge}' is no judge`, { where: '--judge', fix: 'give template, regex, or an address' })
  return endpointJudge(openAiEndpoint({ baseURL: judge, model: judgeModel, apiKeyEnv: keyEnv, cache: join(out, 'verdicts') }), signal)
}

/** Greedy answers of a model here or elsewhere. */
async function answersOf(
  { model, endpoint, endpointModel, keyEnv, maxNewTokens, out }: EvalOptions,
  pairs: readonly InstructionPair[],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<string[]> {
  if ((model === undefined) === (endpoint === undefined))
    throw new InputError('it needs a model or an endpoint, and not both', { where: '--model, --endpoint', fix: 'give one of them' })
  if (endpoint !== undefined) {
    const remote: Endpoint = openAiEndpoint({ baseURL: endpoint, model: endpointModel, apiKeyEnv: keyEnv, cache: join(out, 'replies') })
    return Promise.all(
      pairs.map(
        async ({ instruction }) =>
          (await remote.complete([{ role: 'user', content: instruction }], { temperature: 0, maxTokens: maxNewTokens, signal })).text,
      ),
    )
  }
  const { warnings, ...own } = await loadModel(modelFolder(model!))
  for (const line of warnings) log(line)
  return greedyAnswers(own, pairs, { maxNewTokens })
}

/** A model directory as it is; of a training its last stage. */
function modelFolder(path: string): string {
  if (existsSync(join(path, 'config.json')) || !existsSync(join(path, 'report.json'))) return path
  const { stages } = readReport(path).plan
  return join(path, stages[stages.length - 1].name)
}

const percent = ({ rate, interval: [low, high], of }: Rate): string =>
  of === 0 ? '–' : `${(100 * rate).toFixed(1)} % [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`

function tableOf(
  all: SafetyRates,
  categories: Readonly<Record<string, SafetyRates>>,
  languages: Readonly<Record<string, SafetyRates>>,
): string[] {
  const row = (name: string, { harmfulCompliance, refusal, overRefusal, other }: SafetyRates) => [
    name,
    ...[harmfulCompliance, refusal, overRefusal, other].map(percent),
  ]
  const rows = [...Object.entries(categories), ...(Object.keys(languages).length > 1 ? Object.entries(languages) : [])]
  return aligned([
    ['', 'harmful compliance', 'refusal', 'over-refusal', 'neither'],
    row('all', all),
    ...rows.map(([name, rates]) => row(name, rates)),
  ])
}
