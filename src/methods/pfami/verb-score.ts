import { join } from 'node:path'
import { z } from 'zod'
import { readContent } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeAtomically } from '../../experiment/index.ts'
import { verb } from '../method.ts'
import { lossTables, type Scene } from './attacks/attack.ts'
import { scoresBy } from './attacks/choice.ts'
import { likelihoodOutcomes } from './attacks/likelihood.ts'
import { calibrationFile } from './audit-files.ts'
import { type ImageChange, imageNeighboursOf } from './neighbours/index.ts'
import { loadOwnModel, onnxProcesses } from './own-model.ts'
import { loadRecords } from './own-records.ts'

const options = z.object({
  audit: z.string().describe('the folder that quire pfami audit wrote: it names the models, the attack and the scores of non-members'),
  records: z.string().describe('records to score: a folder of images, IDX, npy, npz'),
  skipDamaged: z.boolean().default(false).describe('leave images out that cannot be read'),
  attack: z
    .enum(['pfami-met', 'pfami-uncalibrated', 'loss', 'loss-calibrated'])
    .optional()
    .describe('one of the audit; default: pfami-met, or without a reference pfami-uncalibrated'),
  fpr: z
    .number()
    .min(0.0001)
    .max(0.5)
    .default(0.01)
    .describe('the false positive rate at which a record is called consistent with membership'),
  limit: z.number().int().min(1).max(1_000_000).default(1000).describe('records that are scored, at most'),
  out: z.string().optional().describe('a CSV file for the scores'),
})

const reportSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  reference: z.string().optional(),
  kind: z.enum(['denoising', 'ddim', 'elbo', 'nll']).optional(),
  neighbours: z.object({ name: z.string(), strengths: z.array(z.number()) }),
  draws: z.number(),
  seed: z.number(),
  process: z.enum(Object.keys(onnxProcesses) as [keyof typeof onnxProcesses]).optional(),
  predict: z.enum(['eps', 'x0', 'v', 'score']).optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
  attacks: z.array(
    z.object({ attack: z.string(), choice: z.object({ variant: z.string(), sign: z.union([z.literal(1), z.literal(-1)]) }) }),
  ),
})

export const scoreVerb = verb({
  name: 'score',
  summary: {
    en: 'Scores single records with an attack that an audit has calibrated: percentile among non-members, false positive rate',
    zh: '用审计校准过的攻击为单条记录打分：在非成员中的百分位与假阳性率',
  },
  options,
  positional: 'audit',
  out: 'file',
  example: 'quire pfami score audit --records digits/ --limit 20',
  async run({ options, log, progress }) {
    const where = join(options.audit, 'report.json')
    const report = readReport(new TextDecoder().decode(await readContent(where)), where)
    if (report.kind === 'nll')
      throw new InputError('scores of texts are in the audit itself: swaps are drawn from the texts that are compared', {
        where,
        fix: 'audit with these texts as --members or --non-members',
      })
    const attack = options.attack ?? (report.reference ? 'pfami-met' : 'pfami-uncalibrated')
    const used = report.attacks.find((row) => row.attack === attack)
    if (!used)
      throw new InputError(`the audit holds no attack '${attack}'`, {
        where,
        fix: `take one of ${report.attacks.map((row) => row.attack).join(', ')}`,
      })
    const others = await nonMemberScores(join(options.audit, calibrationFile), attack)
    const { process, predict, range } = report
    const onnx = process && predict ? { process: onnxProcesses[process], predict, ...(range && { range }) } : undefined
    const load = (path: string) => loadOwnModel(path, { onnx, error: report.kind === 'ddim' ? 'ddim' : 'denoising', log })
    const target = await load(report.model)
    const reference = report.reference === undefined ? undefined : await load(report.reference)
    if (target.kind !== 'images' || !target.subject.oracle) throw new InputError('the model gives no losses', { where: report.model })
    const { limit, skipDamaged } = options
    const records = await loadRecords(options.records, target, { limit, skipDamaged, log })
    const { strengths, name } = report.neighbours
    const neighbours = imageNeighboursOf(name as ImageChange, target.shape, target.range, {
      from: strengths[0],
      to: strengths.at(-1),
      count: strengths.length,
    })
    const scene: Scene = {
      target: target.subject,
      ...(reference && { reference: reference.subject }),
      records: records.x,
      neighbours,
      draws: report.draws,
      common: true,
      antithetic: true,
      seed: report.seed,
      samples: 0,
      progress,
    }
    const outcome = likelihoodOutcomes(await lossTables(scene), scene)[attack]
    const scores = scoresBy(outcome, used.choice)
    const errors = outcome.errors?.[used.choice.variant]
    const rows = records.names.map((record, n) => ({
      record,
      score: scores[n],
      ...(errors && { error: errors[n] }),
      ...placeOf(scores[n], others),
      queries: outcome.queries,
    }))
    const consistent = rows.filter(({ falsePositiveRate }) => falsePositiveRate <= options.fpr)
    if (options.out) writeCsv(options.out, rows)
    return {
      lines: [
        `${attack}, ${others.length} non-members to compare with, ${Math.round(outcome.queries)} queries a record`,
        ...aligned([
          ['record', 'score', 'percentile', 'FPR at this score', ''],
          ...rows
            .slice()
            .sort((a, b) => b.score - a.score)
            .slice(0, 20)
            .map(({ record, score, percentile, falsePositiveRate }) => [
              record,
              score.toPrecision(4),
              `${(100 * percentile).toFixed(1)} %`,
              `${(100 * falsePositiveRate).toFixed(2)} %`,
              falsePositiveRate <= options.fpr ? `consistent with membership at FPR ${100 * options.fpr} %` : '',
            ]),
        ]),
        `${consistent.length} of ${rows.length} records are consistent with membership at FPR ${100 * options.fpr} %; of records that were not trained on, about ${(options.fpr * rows.length).toFixed(1)} would be too`,
      ],
      json: { attack, fpr: options.fpr, nonMembers: others.length, records: rows },
    }
  },
})

function readReport(text: string, where: string): z.output<typeof reportSchema> {
  const parsed = reportSchema.safeParse(jsonOf(text, where))
  if (!parsed.success)
    throw new InputError(`is no report of an audit (${z.prettifyError(parsed.error).split('\n')[0]})`, {
      where,
      fix: 'audit the model again',
    })
  return parsed.data
}

async function nonMemberScores(path: string, attack: string): Promise<Float64Array> {
  const parsed = z.record(z.string(), z.array(z.number()).min(1)).safeParse(jsonOf(new TextDecoder().decode(await readContent(path)), path))
  const found = parsed.success ? parsed.data[attack] : undefined
  if (!found) throw new InputError(`holds no scores of non-members by ${attack}`, { where: path, fix: 'audit the model again' })
  return Float64Array.from(found)
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InputError('is no JSON', { where, cause })
  }
}

/** Where a score lies among those of records that were not trained on; the record itself counts, so that no rate is 0 (Phipson & Smyth 2010). */
export function placeOf(score: number, others: Float64Array): { percentile: number; falsePositiveRate: number } {
  const atLeast = others.reduce((count, other) => count + Number(other >= score), 0)
  return { percentile: 1 - atLeast / others.length, falsePositiveRate: (atLeast + 1) / (others.length + 1) }
}

function writeCsv(path: string, rows: readonly Record<string, unknown>[]): void {
  const columns = Object.keys(rows[0] ?? {})
  const cell = (value: unknown) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value))
  makeFolder(join(path, '..'))
  writeAtomically(path, `${columns.join(',')}\n${rows.map((row) => columns.map((name) => cell(row[name])).join(',')).join('\n')}\n`)
}
