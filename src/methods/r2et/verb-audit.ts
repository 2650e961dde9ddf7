import { join } from 'node:path'
import { z } from 'zod'
import { take } from '../../data/index.ts'
import { evaluate, fromArray, InputError, jit, ndarray, type Tensor } from '../../engine/index.ts'
import { aligned, type Figure, makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import { drawFigures } from '../../experiment/report/draw.ts'
import { macroAreaUnderCurve } from '../../kits/metrics/index.ts'
import { verb } from '../method.ts'
import { attackKinds } from './attack.ts'
import { type Audit, audit, precisionCurve } from './audit.ts'
import { certifierOf } from './certificate.ts'
import { empiricalRadius, mostFeatures } from './empirical-radius.ts'
import { faithfulness } from './faithfulness.ts'
import { requireK } from './ranking.ts'
import { rowRecords } from './row-records.ts'
import { loadSubject, type Subject, subjectOptions } from './subject.ts'

const auditOptions = z.object({
  ...subjectOptions,
  attack: z
    .array(z.enum(attackKinds))
    .min(1)
    .default(['er', 'hardest', 'mse'])
    .describe('attacks: on all pairs, on the hardest, on the map as a whole, on the pairs of the paper’s code'),
  starts: z.number().int().positive().default(2).describe('starts of each attack, the first at the row itself'),
  points: z.number().int().positive().default(200).describe('rows that are attacked, from the first on'),
  radii: z.array(z.number().positive()).default([0.1, 0.25, 0.5, 1]).describe('radii of the curve of P@k'),
  seed: z.number().int().nonnegative().default(0).describe('decides random starts and paths'),
  out: z.string().default('runs/r2et/audit').describe('folder for report.json, rows.jsonl and the curve'),
})
type Options = z.output<typeof auditOptions>

export const auditVerb = verb({
  name: 'audit',
  summary: {
    en: 'Attacks the explanations of any classifier and says how many of them stand',
    zh: '攻击任意分类器的解释，并给出仍然成立的比例',
  },
  options: auditOptions,
  positional: 'model',
  example: 'quire r2et audit runs/r2et/credit --data credit.csv --target default --attack er,mse --eps 0.5',
  async run({ options, log, progress }) {
    const { eps, points, attack: attacks, seed, out, radii } = options
    const subject = await loadSubject(options, log)
    const { network, saliency, feasible } = subject
    const auc = await requireSkill(subject, options)
    const { x, y } = take({ x: subject.x, y: subject.y }, points)
    requireK(subject.k, x.shape[1] / (saliency.channels ?? 1))
    const common = {
      k: subject.k,
      saliency,
      feasible,
      keeping: options.keeping,
      steps: options.steps,
      starts: options.starts,
      seed,
      progress,
    }
    log(`${x.shape[0]} rows, ${attacks.length} attacks of radius ${eps}`)
    const found = await audit(network, {}, x, { ...common, eps, attacks })
    const curve = await precisionCurve(network, {}, x, { ...common, radii, starts: 1 })
    const faithful = await faithfulness(network, {}, x, { k: subject.k, saliency })
    const records = rowRecords(found.rows, subject, y, {
      certificate: await certificates(subject, options, x),
      empiricalRadius: await estimates(subject, options, x),
    })
    const { rows: _, ...shares } = found
    const report = { auc, k: subject.k, eps, ...shares, curve: { radii, precision: curve }, ...faithful }
    makeFolder(out)
    writeJson(join(out, 'report.json'), report)
    writeAtomically(join(out, 'rows.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    writeAtomically(join(out, 'curve.svg'), await curvePicture(radii, curve, found.chance))
    return { lines: [...summary(report), ...weakest(records), `written: ${out}/report.json, rows.jsonl, curve.svg`], json: report }
  },
})

/** Below this area under the ROC curve a model has learnt nothing that could be explained. */
const leastAuc = 0.55

async function requireSkill({ network, x, y, card }: Subject, { data }: Options): Promise<number> {
  const logits = await (await evaluate(jit((z: Tensor) => network.apply({}, z))(fromArray(x)))).ndarray()
  const auc = macroAreaUnderCurve(logits, y.data, card.classes.length)
  if (!(auc < leastAuc)) return auc
  throw new InputError(
    `the model is no better than chance on these data (AUC ${auc.toFixed(3)}), so that its explanations explain nothing`,
    {
      where: data,
      fix: 'check the target column and the model',
    },
  )
}

const isPlain = ({ method, of }: Options) => method === 'grad' && of === 'logitMargin'

/** Radii within which the top k cannot change, where the layers are known and the map is the gradient. */
async function certificates({ weights, k }: Subject, options: Options, { shape: [count, features], data }: Subject['x']) {
  if (!weights || !isPlain(options)) return undefined
  const { certify } = await certifierOf(weights.params, weights.about)
  const lipschitz = features <= mostFeatures ? 'interval' : 'global'
  return Array.from(
    { length: count },
    (_, row) => certify(data.subarray(row * features, (row + 1) * features) as Float32Array, { k, lipschitz }).radius,
  )
}

async function estimates({ network, k }: Subject, options: Options, x: Subject['x']) {
  if (x.shape[1] > mostFeatures || !isPlain(options)) return undefined
  return empiricalRadius(network, {}, ndarray(x.data, x.shape, 'float32'), { k, eps: options.eps })
}

type Report = Omit<Audit, 'rows'> & { auc: number; k: number; eps: number; dffot: number; comp: number; suff: number }

const percent = (share = Number.NaN): string => `${(100 * share).toFixed(1)} %`

function summary(report: Report): string[] {
  const { precision, k, eps } = report
  return [
    `AUC ${report.auc.toFixed(4)}; what is left of the top ${k} at radius ${eps}:`,
    ...aligned([
      ...Object.entries(precision).map(([attack, share]) => [`  attack ${attack}`, percent(share)]),
      ['  the worst of them, row by row', percent(report.worst)],
      ['  random points as far away', percent(report.random)],
      ['  two random sets (chance)', percent(report.chance)],
    ]),
    `rows that attacks could move: ${percent(report.moved)}; label kept: ${percent(report.labelKept)}; ties at the edge of the set: ${percent(report.tied)}`,
    `thickness ${report.thickness.toFixed(4)}; cosine of the maps ${report.cosine.toFixed(4)}`,
    `DFFOT ${report.dffot.toFixed(4)}, COMP ${report.comp.toFixed(4)}, SUFF ${report.suff.toFixed(4)}`,
  ]
}

/** So many rows are listed. */
const listed = 10

function weakest(records: ReturnType<typeof rowRecords>): string[] {
  const flipping = records.filter(({ flip }) => flip !== undefined).sort((a, b) => a.flip! - b.flip!)
  if (flipping.length === 0) return ['no attack changed the top k of any row']
  const number = (value: number | undefined) => (value === undefined ? '' : value.toPrecision(3))
  return [
    `the top k changes in ${flipping.length} of ${records.length} rows; those that need least:`,
    ...aligned([
      ['  row', 'predicted', 'changes at', 'certified to', 'left of the top k'],
      ...flipping
        .slice(0, listed)
        .map(({ row, predicted, flip, certificate, precision }) => [
          `  ${row}`,
          predicted,
          number(flip),
          number(certificate),
          percent(precision),
        ]),
    ]),
  ]
}

async function curvePicture(radii: readonly number[], precision: readonly number[], chance: number): Promise<string> {
  const line = (values: readonly number[]): [number, number][] => [
    [0, 1],
    ...radii.map((radius, i): [number, number] => [radius, values[i]]),
  ]
  const figure: Figure = {
    id: 'curve',
    title: { en: "P@k against the attack's radius", zh: 'P@k 随攻击半径的变化' },
    kind: 'line',
    xLabel: { en: 'radius ε', zh: '半径 ε' },
    yLabel: 'P@k',
    series: [
      { label: 'ERAttack', points: line(precision) },
      {
        label: { en: 'chance', zh: '随机水平' },
        points: [
          [0, chance],
          [Math.max(...radii), chance],
        ],
      },
    ],
    ariaDescription: { en: 'What is left of the top k falls as the radius grows', zh: '半径越大，保留的前 k 特征越少' },
  }
  const { files } = await drawFigures([figure])
  return files.find(({ file }) => !file.includes('.zh.'))!.svg
}
