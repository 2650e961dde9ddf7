import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { areaDifference, type Measured } from '../../kits/metrics/index.ts'
import { verb } from '../method.ts'
import { type Audit, audit, together } from './audit.ts'
import { reportOf, writeAudit } from './audit-files.ts'
import { conclusion, tableLines, warnings } from './audit-text.ts'
import { nearDuplicates } from './near-duplicates.ts'
import { imageChanges, imageNeighboursOf, type Neighbours, tokenSwaps } from './neighbours/index.ts'
import { padToken } from './oracles/language-model.ts'
import { loadOwnModel, type OwnModel, onnxProcesses, requireAlike } from './own-model.ts'
import { chosen, limited, loadRecords, type OwnRecords, refuseOverlap, requireScale } from './own-records.ts'
import { type AttackName, attackNames } from './table.ts'
import { readTrained } from './trained-folder.ts'

const options = z.object({
  model: z
    .string()
    .describe(
      'the model: a run, folder or file of quire diffusion train, a bundle, a VAE, a language model, an ONNX denoiser, or a folder of quire pfami train',
    ),
  data: z.string().optional().describe('the images that quire diffusion train was given: it has recorded which of them it kept back'),
  members: z
    .string()
    .optional()
    .describe('records that the model was trained on: a folder of images, IDX, npy, npz; of a language model text or JSONL'),
  nonMembers: z.string().optional().describe('records of the same kind that it was not trained on'),
  reference: z
    .string()
    .optional()
    .describe('a model of the same kind, trained on as many other records: what is common to all models is taken off'),
  against: z
    .string()
    .optional()
    .describe(
      'another version of the model, such as the one before records were unlearnt: the same attacks with the same noise, and the paired differences',
    ),
  shadow: z
    .string()
    .optional()
    .describe('a model whose members are known: strengths and orientation are chosen, and PFAMI-NNs trained, on it'),
  shadowMembers: z.string().optional().describe('its training records'),
  shadowNonMembers: z.string().optional().describe('records that it has not seen'),
  attack: z
    .array(z.enum(['all', ...attackNames]))
    .min(1)
    .default(['all'])
    .describe('which attacks; all: those that the model allows, but for logan, which trains a GAN'),
  neighbours: z.enum(imageChanges).default('crop').describe('how images are changed'),
  draws: z.number().int().min(1).max(64).default(4).describe('draws of noise for each noise level'),
  tokens: z.number().int().min(4).max(4096).default(64).describe('tokens of a record of text'),
  field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
  samples: z.number().int().min(50).max(100_000).default(500).describe('samples of each model, for attacks that see nothing else'),
  epochs: z.number().int().min(1).max(10_000).default(150).describe('steps of the attack network, at most'),
  limit: z.number().int().min(10).max(1_000_000).default(1000).describe('records of each side that are looked at, at most'),
  process: z
    .enum(Object.keys(onnxProcesses) as [keyof typeof onnxProcesses])
    .optional()
    .describe('of an ONNX file from elsewhere: how noise is added'),
  predict: z.enum(['eps', 'x0', 'v', 'score']).optional().describe('of an ONNX file from elsewhere: what it predicts'),
  range: z.array(z.number()).length(2).optional().describe('of an ONNX file from elsewhere: what black and white are; default -1,1'),
  seed: z.number().int().nonnegative().default(0).describe('decides noise, samples and the attack network'),
  out: z.string().default('runs/pfami/audit').describe('folder for report.json, scores.csv and the pictures'),
})
export type AuditChoice = z.output<typeof options>

export const auditVerb = verb({
  name: 'audit',
  summary: {
    en: 'Tells whether a generative model gives away which records it was trained on, with intervals',
    zh: '判断生成模型是否会泄露其训练记录，并给出区间',
  },
  options,
  positional: 'model',
  example: 'quire pfami audit private --draws 1 --limit 40 --samples 50 --epochs 5 --out audit',
  async run({ options, log, progress }) {
    const given = await subjectsOf(options, log)
    const { target, members, nonMembers, reference, shadow } = given
    refuseOverlap(members, nonMembers)
    await requireScale(members, target)
    const neighbours = neighboursFor(target, options, together(members.x, nonMembers.x))
    const attacks = options.attack.includes('all')
      ? attackNames.filter((attack) => attack !== 'logan')
      : options.attack.filter((attack): attack is AttackName => attack !== 'all')
    log(
      `${members.x.shape[0]} members, ${nonMembers.x.shape[0]} non-members${reference ? '' : '; no reference model: attacks are not calibrated'}`,
    )
    const auditOf = (subject: OwnModel['subject']) =>
      audit({
        target: subject,
        ...(reference && { reference: reference.subject }),
        ...(shadow && {
          shadow: { subject: shadow.model.subject, members: shadow.members.x, nonMembers: shadow.nonMembers.x },
          shadowNeighbours: neighboursFor(shadow.model, options, together(shadow.members.x, shadow.nonMembers.x)),
        }),
        members: members.x,
        nonMembers: nonMembers.x,
        attacks,
        neighbours,
        draws: options.draws,
        seed: options.seed,
        samples: options.samples,
        network: { channels: 16, epochs: options.epochs },
        progress,
      })
    const found = await auditOf(target.subject)
    const differences = given.against ? differencesOf(found, await auditOf(given.against.subject)) : undefined
    return results(found, options, { ...given, neighbours, differences })
  },
})

interface Difference {
  readonly attack: AttackName
  /** AUC on the model less AUC on the other version, by the same records (DeLong, paired). */
  readonly difference: Measured
}

/** How much more an attack finds on one version of a model than on another. */
const differencesOf = (own: Audit, other: Audit): Difference[] =>
  own.rows.flatMap(({ attack, scores }) => {
    const beside = other.rows.find((row) => row.attack === attack)
    return beside ? [{ attack, difference: areaDifference(scores, beside.scores, own.labels) }] : []
  })

interface Given {
  readonly target: OwnModel
  readonly against?: OwnModel
  readonly members: OwnRecords
  readonly nonMembers: OwnRecords
  readonly reference?: OwnModel
  readonly shadow?: { readonly model: OwnModel; readonly members: OwnRecords; readonly nonMembers: OwnRecords }
  /** Where the reference lies, for who goes on from the report. */
  readonly referencePath?: string
}

async function results(found: Audit, options: AuditChoice, given: Given & { neighbours: Neighbours; differences?: Difference[] }) {
  const { target, members, nonMembers, neighbours, referencePath, differences } = given
  const about = {
    model: target.subject.name,
    ...(referencePath && { reference: referencePath }),
    kind: target.subject.oracle?.kind,
    neighbours: { name: neighbours.name, strengths: neighbours.strengths },
    draws: options.draws,
    seed: options.seed,
    tokens: options.tokens,
    field: options.field,
    rows: target.subject.oracle?.rows,
    process: options.process,
    predict: options.predict,
    range: options.range,
  }
  const alike = target.kind === 'images' ? await nearDuplicates(members, nonMembers) : []
  const names = [...members.names, ...nonMembers.names]
  const pictures = target.kind === 'images' ? { records: together(members.x, nonMembers.x), neighbours, range: target.range } : undefined
  const files = await writeAudit(options.out, found, {
    names,
    about: { ...about, nearDuplicates: alike, ...(differences && { against: options.against, differences }) },
    ...(pictures && { pictures }),
  })
  return {
    lines: [
      ...warnings(found).map((line) => `warning: ${line}`),
      ...alike
        .slice(0, 5)
        .map(
          ({ nonMember, member }) => `warning: ${nonMember} is nearly the same as the member ${member}: it may look like a false positive`,
        ),
      conclusion(found),
      '',
      ...tableLines(found),
      ...(differences ?? []).map(
        ({ attack, difference: { value, interval } }) =>
          `${attack}: AUC ${value >= 0 ? '+' : ''}${value.toFixed(3)} [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}] against ${options.against}, by the same records`,
      ),
      `blind test (no model): logistic ${found.blind.logistic.value.toFixed(3)}, 8 nearest ${found.blind.nearest.value.toFixed(3)}`,
      `written to ${options.out}: ${files.join(', ')}`,
    ],
    json: { ...reportOf(found, about), nearDuplicates: alike, ...(differences && { differences }) },
  }
}

/** Models and records that the options name, or that the trained folder has recorded. */
async function subjectsOf(options: AuditChoice, log: (line: string) => void): Promise<Given> {
  const trained = await readTrained(options.model)
  const paths = {
    target: trained?.target ?? options.model,
    reference: options.reference ?? trained?.reference,
    shadow: options.shadow ?? trained?.shadow,
    members: options.members ?? trained?.members,
    nonMembers: options.nonMembers ?? trained?.nonMembers,
    shadowMembers: options.shadowMembers ?? trained?.shadowMembers,
    shadowNonMembers: options.shadowNonMembers ?? trained?.shadowNonMembers,
  }
  const load = async (path: string, role: string, target?: OwnModel): Promise<OwnModel> => {
    const model = await loadOwnModel(path, { onnx: meaningOf(options), log })
    if (target) requireAlike(target, model, role)
    return model
  }
  const target = await load(paths.target, 'target')
  const records = (path: string) => loadRecords(path, target, { ...options, log })
  const sides = await sidesOf(options, target, paths, records, log)
  const reference = paths.reference === undefined ? undefined : await load(paths.reference, 'reference', target)
  const against = options.against === undefined ? undefined : await load(options.against, 'other version', target)
  const common = { target, ...sides, ...(against && { against }), ...(reference && { reference, referencePath: paths.reference }) }
  const { shadow, shadowMembers, shadowNonMembers } = paths
  if (shadow === undefined) return common
  if (shadowMembers === undefined || shadowNonMembers === undefined)
    throw new InputError('a shadow model needs its records', { where: '--shadow', fix: 'give --shadow-members and --shadow-non-members' })
  return {
    ...common,
    shadow: {
      model: await load(shadow, 'shadow', target),
      members: await records(shadowMembers),
      nonMembers: await records(shadowNonMembers),
    },
  }
}

async function sidesOf(
  options: AuditChoice,
  target: OwnModel,
  { members, nonMembers }: { members?: string; nonMembers?: string },
  records: (path: string) => Promise<OwnRecords>,
  log: (line: string) => void,
): Promise<Pick<Given, 'members' | 'nonMembers'>> {
  if (members !== undefined && nonMembers !== undefined) return { members: await records(members), nonMembers: await records(nonMembers) }
  const { data } = options
  const recorded = target.kind === 'images' ? target.recorded : undefined
  if (data === undefined || !recorded) {
    const fix = recorded
      ? 'give --data, the images that it was trained on, or --members and --non-members'
      : 'give --members and --non-members'
    throw new InputError('it must be known what the model was trained on and what not', { where: target.subject.name, fix })
  }
  const all = await loadRecords(data, target, { ...options, limit: Number.POSITIVE_INFINITY, log })
  if (recorded.data !== undefined && all.sha256 !== undefined && recorded.data !== all.sha256)
    throw new InputError('these are not the images that the model was trained on', {
      where: data,
      fix: 'give the same folder or file as in training',
    })
  const places = Array.from({ length: all.x.shape[0] }, (_, i) => i)
  const part = (isHeld: boolean) => {
    const own = places.filter((i) => (i % recorded.keepEvery === 0) === isHeld)
    return limited(chosen(all, own), { ...options, log })
  }
  return { members: part(false), nonMembers: part(true) }
}

function meaningOf({ process, predict, range }: AuditChoice) {
  if (process === undefined && predict === undefined) return undefined
  if (process === undefined || predict === undefined)
    throw new InputError('--process and --predict go together', { fix: 'give both, for an ONNX file from elsewhere' })
  return { process: onnxProcesses[process], predict, ...(range && { range: [range[0], range[1]] as const }) }
}

export function neighboursFor(
  model: OwnModel,
  { neighbours, seed }: Pick<AuditChoice, 'neighbours' | 'seed'>,
  records: OwnRecords['x'],
): Neighbours {
  if (model.kind === 'images') return imageNeighboursOf(neighbours, model.shape, model.range)
  return tokenSwaps(
    records.data.filter((token: number) => token !== padToken),
    padToken,
    {},
    seed,
  )
}
