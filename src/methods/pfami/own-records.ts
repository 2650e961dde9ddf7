import { sha256 } from '../../data/files.ts'
import { loadTrainingImages, readDocuments } from '../../data/index.ts'
import { InputError, type NDArray, ndarray, sizeOf } from '../../engine/index.ts'
import type { LanguageModel } from '../../kits/lm/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { rowsOf } from './data.ts'
import { lossTable } from './losses.ts'
import { padToken } from './oracles/language-model.ts'
import type { OwnModel } from './own-model.ts'

/** Records as a model takes them, with their names. */
export interface OwnRecords {
  readonly x: NDArray
  readonly names: readonly string[]
  readonly where: string
  readonly sha256?: string
}

export interface RecordOptions {
  /** Tokens of a record of text. Default: 64. */
  readonly tokens?: number
  /** Default: `text`. */
  readonly field?: string
  readonly limit: number
  /** Leaves images out that cannot be read. */
  readonly skipDamaged: boolean
  log?(line: string): void
}

/** Records for a model: images in the size and the range that it was trained on, or windows of texts. */
export async function loadRecords(path: string, model: OwnModel, options: RecordOptions): Promise<OwnRecords> {
  return limited(model.kind === 'text' ? await textRecords(path, model.model, options) : await imageRecords(path, model, options), options)
}

/** At most so many, evenly spaced. */
export function limited(records: OwnRecords, { limit, log }: Pick<RecordOptions, 'limit' | 'log'>): OwnRecords {
  const most = records.x.shape[0]
  if (most <= limit) return records
  log?.(`${records.where}: ${limit} of ${most} records are looked at, evenly spaced (--limit)`)
  return chosen(
    records,
    Array.from({ length: limit }, (_, i) => Math.floor((i * most) / limit)),
  )
}

export const chosen = (records: OwnRecords, places: readonly number[]): OwnRecords => ({
  ...records,
  x: records.x.dtype === 'int32' ? tokenRows(records.x, places) : rowsOf(records.x, places),
  names: places.map((place) => records.names[place]),
})

function tokenRows({ data, shape: [, length] }: NDArray, places: readonly number[]): NDArray {
  const out = new Int32Array(places.length * length)
  for (const [i, place] of places.entries()) out.set(data.subarray(place * length, (place + 1) * length) as Int32Array, i * length)
  return ndarray(out, [places.length, length], 'int32')
}

async function imageRecords(
  path: string,
  model: Extract<OwnModel, { kind: 'images' }>,
  { skipDamaged, log }: RecordOptions,
): Promise<OwnRecords> {
  const { shape, range } = model
  const sides = shape.length === 3 ? ([shape[1], shape[2]] as const) : squareOf(shape)
  const channels = shape.length === 3 && (shape[0] === 1 || shape[0] === 3) ? (shape[0] as 1 | 3) : sides ? 1 : undefined
  const images = await loadTrainingImages(path, {
    ...(sides && { size: sides }),
    ...(channels && { channels }),
    damaged: skipDamaged ? 'skip' : 'refuse',
    log,
  })
  const own = images.x.shape.slice(1)
  if (sizeOf(own) !== sizeOf(shape))
    throw new InputError(`records of shape [${own.join(', ')}] do not fit the model's [${shape.join(', ')}]`, {
      where: path,
      fix: 'resize them',
    })
  const [least, most] = range
  const data = Float32Array.from(images.x.data, (value) => least + ((value + 1) / 2) * (most - least))
  return { x: ndarray(data, [images.x.shape[0], ...shape], 'float32'), names: images.names, where: path, sha256: images.provenance.sha256 }
}

function squareOf(shape: readonly number[]): readonly [number, number] | undefined {
  const side = Math.sqrt(sizeOf(shape))
  return Number.isInteger(side) ? [side, side] : undefined
}

/** How texts become records. */
export const textOptions = ({ tokens = 64, field = 'text' }: Pick<RecordOptions, 'tokens' | 'field'>) => ({ tokens, field })

/** Windows of so many tokens that do not overlap; the rest of a text is a shorter one, if it is half as long. */
async function textRecords(path: string, { tokenizer, config }: LanguageModel, options: RecordOptions): Promise<OwnRecords> {
  const { tokens, field } = textOptions(options)
  const length = Math.min(tokens, config.context)
  const windows: Int32Array[] = []
  const names: string[] = []
  for (const { text, where } of await readDocuments([path], { field })) {
    const ids = Int32Array.from(tokenizer.encode(text))
    for (let begin = 0; begin < ids.length; begin += length) {
      const own = ids.subarray(begin, begin + length)
      if (own.length < Math.max(2, length / 2)) continue
      const padded = new Int32Array(length).fill(padToken)
      padded.set(own)
      windows.push(padded)
      names.push(`${where}, token ${begin}`)
    }
  }
  if (windows.length === 0)
    throw new InputError(`holds no text of ${Math.ceil(length / 2)} tokens`, { where: path, fix: 'give more text, or fewer --tokens' })
  const data = new Int32Array(windows.length * length)
  for (const [i, window] of windows.entries()) data.set(window, i * length)
  return { x: ndarray(data, [windows.length, length], 'int32'), names, where: path }
}

/** So many overlaps are named. */
const named = 3

/** @throws InputError that names records which stand on both sides: whether they are members cannot be both. */
export function refuseOverlap(members: OwnRecords, others: OwnRecords, role = 'non-members'): void {
  const hashes = new Map(hashesOf(members.x).map((hash, i) => [hash, i]))
  const shared = hashesOf(others.x).flatMap((hash, i) =>
    hashes.has(hash) ? [`${members.names[hashes.get(hash)!]} = ${others.names[i]}`] : [],
  )
  if (shared.length === 0) return
  const more = shared.length > named ? ` and ${shared.length - named} more` : ''
  throw new InputError(`${shared.length} records are both members and ${role}: ${shared.slice(0, named).join('; ')}${more}`, {
    where: others.where,
    fix: 'keep each record on one side',
  })
}

export function hashesOf({ shape: [n], data }: NDArray): string[] {
  const size = data.length / n
  return Array.from({ length: n }, (_, i) => {
    const row = data.slice(i * size, (i + 1) * size)
    return sha256(new Uint8Array(row.buffer, row.byteOffset, row.byteLength))
  })
}

/** Records, and samples, that scales are compared on. */
const probed = 32

/**
 * Looks whether records are on the scale that the model knows: where its loss on them is far above that on its own samples, and would not be if they were
 * on the other usual scale, the scale is wrong. (The loss alone does not tell: any model finds paler images easier.)
 *
 * @throws InputError that says which scale the model seems to want.
 */
export async function requireScale({ x, where }: OwnRecords, model: OwnModel): Promise<void> {
  const { oracle, sample } = model.subject
  if (model.kind === 'text' || !oracle || !sample) return
  const few = rowsOf(
    x,
    Array.from({ length: Math.min(probed, x.shape[0]) }, (_, i) => i),
  )
  const [least, most] = model.range
  const scales = {
    'as they are': few,
    'from 0 to 1': { ...few, data: Float32Array.from(few.data, (value) => (value - least) / (most - least)) },
    'from -1 to 1': { ...few, data: Float32Array.from(few.data, (value) => 2 * value - 1) },
  }
  const lossOf = async (rows: NDArray) => average((await lossTable(oracle, rows, undefined)).data)
  const [own, ...others] = await Promise.all(Object.entries(scales).map(async ([scale, rows]) => ({ scale, loss: await lossOf(rows) })))
  const ofSamples = await lossOf(await sample(probed, 0))
  const better = others.reduce((a, b) => (b.loss < a.loss ? b : a))
  if (!(own.loss > 3 * ofSamples && better.loss < own.loss / 2 && better.loss < 2 * ofSamples)) return
  const three = (value: number) => value.toPrecision(3)
  throw new InputError(
    `the model's loss is ${three(own.loss)} on these records, ${three(ofSamples)} on its own samples, and ${three(better.loss)} on the records ${better.scale}: it was trained on another scale`,
    { where, fix: 'say the scale with --range, or scale the records as in training' },
  )
}
