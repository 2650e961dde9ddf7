import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { diffusionErrors } from './models.ts'
import { imageChanges, imageNeighboursOf, type Neighbours, tokenSwaps } from './neighbours/index.ts'
import { padToken } from './oracles/language-model.ts'
import { loadOwnModel, type OwnModel, onnxProcesses, requireAlike } from './own-model.ts'
import { chosen, limited, loadRecords, type OwnRecords } from './own-records.ts'
import { attackNames } from './table.ts'
import { readTrained } from './trained-folder.ts'

/** What an audit can be told. */
export const auditOptions = z.object({
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
  skipDamaged: z.boolean().default(false).describe('leave images out that cannot be read, as in training'),
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
  neighbours: z.enum(imageChanges).optional().describe('how images are changed; default: crop'),
  error: z
    .enum(diffusionErrors)
    .default('denoising')
    .describe('of a diffusion model: what a loss is, the error of guessing the noise or that of a DDIM step forward and back'),
  draws: z.number().int().min(1).max(64).default(4).describe('draws of noise for each noise level'),
  tokens: z.number().int().min(4).max(4096).optional().describe('tokens of a record of text; default: 64'),
  field: z.string().optional().describe('the field of JSONL lines that holds the text; default: text'),
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
export type AuditChoice = z.output<typeof auditOptions>

/** What an audit works on. */
export interface Given {
  readonly target: OwnModel
  readonly against?: OwnModel
  readonly members: OwnRecords
  readonly nonMembers: OwnRecords
  readonly reference?: OwnModel
  readonly shadow?: { readonly model: OwnModel; readonly members: OwnRecords; readonly nonMembers: OwnRecords }
  /** Where the reference lies, for who goes on from the report. */
  readonly referencePath?: string
}

/** Models and records that the options name, or that the trained folder has recorded. */
export async function subjectsOf(options: AuditChoice, log: (line: string) => void): Promise<Given> {
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
    const model = await loadOwnModel(path, { onnx: meaningOf(options), error: options.error, log })
    if (target) requireAlike(target, model, role)
    return model
  }
  const target = await load(paths.target, 'target')
  refuseForeign(options, target)
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

/** Options that say something of records of the other kind only. */
const foreign = { images: ['tokens', 'field'], text: ['neighbours', 'skipDamaged'] } as const

function refuseForeign(options: AuditChoice, { kind, subject }: OwnModel): void {
  const option = foreign[kind].find((name) => options[name])
  if (option === undefined) return
  const name = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new InputError(`--${name} says nothing of ${kind === 'text' ? 'a language model' : 'a model of images'}`, {
    where: subject.name,
    fix: 'leave it out',
  })
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

/** Neighbours of a model's records: changed images, or texts with swapped tokens. */
export function neighboursFor(
  model: OwnModel,
  { neighbours, seed }: Pick<AuditChoice, 'neighbours' | 'seed'>,
  records: OwnRecords['x'],
): Neighbours {
  if (model.kind === 'images') return imageNeighboursOf(neighbours ?? 'crop', model.shape, model.range)
  return tokenSwaps(
    records.data.filter((token: number) => token !== padToken),
    padToken,
    {},
    seed,
  )
}
