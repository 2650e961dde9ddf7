import {
  batchIndices,
  countOf,
  everyFifth,
  type LocateOptions,
  loadAdult,
  loadBank,
  loadCompas,
  loadMnist,
  type Mnist,
  type Provenance,
  rows,
  type SourcedTable,
  standardize,
} from '../../data/index.ts'
import { ndarray } from '../../engine/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'
import type { DatasetName } from './config.ts'
import type { Examples } from './fit.ts'

/** A data set as the experiments use it: features of about unit scale, classes 0 and 1. */
interface Encoded {
  readonly names: readonly string[]
  readonly examples: Examples
}

/** One feature of a table: its column, or a function of several. */
type Column = readonly [name: string, values: ArrayLike<number>]

/** The columns of a table by name; a level that the table never has is all zero. */
function columnsOf({ x, featureNames }: SourcedTable) {
  const [count, width] = x.shape
  const at = (name: string): Float32Array => {
    const index = featureNames.indexOf(name)
    return Float32Array.from({ length: count }, (_, row) => (index < 0 ? 0 : x.data[row * width + index]))
  }
  const of = (name: string, change = (value: number) => value): Column => [name, at(name).map(change)]
  const levels = (name: string, kept: readonly string[]): Column[] => kept.map((level) => of(`${name}=${level}`))
  const all = (name: string, without: readonly string[]): string[] =>
    featureNames
      .flatMap((feature) => (feature.startsWith(`${name}=`) ? [feature.slice(name.length + 1)] : []))
      .filter((l) => !without.includes(l))
  return { count, at, of, levels, all }
}

const log1p = (value: number) => Math.sign(value) * Math.log1p(Math.abs(value))

/** Numbers are standardised over all kept rows (no label enters); 0/1 features stay as they are. */
function encoded(table: SourcedTable, numbers: readonly Column[], binary: readonly Column[], keep: (row: number) => boolean): Encoded {
  const kept = [...table.y.data.keys()].filter(keep)
  const columns = [...numbers, ...binary]
  const raw = Float32Array.from(kept.flatMap((row) => columns.map(([, values]) => values[row])))
  const x = ndarray(raw, [kept.length, columns.length], 'float32')
  const scaled = standardize(x).apply(x)
  const isNumber = (i: number) => i % columns.length < numbers.length
  return {
    names: columns.map(([name]) => name),
    examples: {
      x: ndarray(
        raw.map((value, i) => (isNumber(i) ? scaled.data[i] : value)),
        x.shape,
        'float32',
      ),
      y: ndarray(
        Int32Array.from(kept, (row) => table.y.data[row]),
        [kept.length],
        'int32',
      ),
    },
  }
}

function encodeAdult(table: SourcedTable): Encoded {
  const { at, of, levels, all } = columnsOf(table)
  const unknown = ['workclass', 'occupation', 'native_country'].map((name) => at(`${name}=?`))
  return encoded(
    table,
    [of('age'), of('education_num'), of('capital_gain', log1p), of('capital_loss', log1p), of('hours_per_week')],
    [
      of('sex=Male'),
      of('race=White'),
      of('native_country=United-States'),
      ...levels('workclass', all('workclass', ['?', 'Without-pay', 'Never-worked'])),
      ...levels('marital_status', ['Married-civ-spouse', 'Never-married', 'Divorced']),
      ...levels('occupation', all('occupation', ['?', 'Protective-serv', 'Priv-house-serv', 'Armed-Forces'])),
    ],
    (row) => unknown.every((column) => column[row] === 0),
  )
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function encodeBank(table: SourcedTable): Encoded {
  const { count, at, of, levels } = columnsOf(table)
  const month = new Float32Array(count)
  months.forEach((name, index) => {
    at(`month=${name}`).forEach((value, row) => {
      month[row] += index * value
    })
  })
  const numbers: Column[] = [
    of('age'),
    of('balance', log1p),
    of('day'),
    of('duration', log1p),
    of('campaign', log1p),
    of('pdays', (days) => Math.log1p(Math.max(days, 0))),
    of('previous', log1p),
    ['month', month],
  ]
  const binary = [
    ...['default', 'housing', 'loan'].map((name) => of(`${name}=yes`)),
    ...levels('marital', ['married', 'single']),
    ...levels('education', ['primary', 'secondary', 'tertiary']),
    ...levels('contact', ['cellular', 'telephone']),
    ...levels('poutcome', ['failure', 'success']),
  ]
  return encoded(table, numbers, binary, () => true)
}

function encodeCompas(table: SourcedTable): Encoded {
  const { of, levels } = columnsOf(table)
  return encoded(
    table,
    [of('age'), of('juv_fel_count'), of('juv_misd_count'), of('juv_other_count'), of('priors_count', log1p)],
    [
      of('sex=Male'),
      of('c_charge_degree=F'),
      ...levels('race', ['African-American', 'Caucasian', 'Hispanic', 'Other']),
      ...levels('age_cat', ['Less than 25', '25 - 45', 'Greater than 45']),
    ],
    () => true,
  )
}

/** MNIST's digits as 784 pixels in 0..1; the class is whether the digit is odd. */
function encodeDigits({ images, labels }: Mnist): Encoded {
  const [count] = images.shape
  return {
    names: Array.from({ length: 784 }, (_, pixel) => `row ${Math.floor(pixel / 28)}, column ${pixel % 28}`),
    examples: {
      x: ndarray(
        Float32Array.from(images.data, (value) => value / 255),
        [count, 784],
        'float32',
      ),
      y: ndarray(
        Int32Array.from(labels.data, (digit) => digit % 2),
        [count],
        'int32',
      ),
    },
  }
}

export interface Loaded {
  readonly provenance: Provenance
  readonly sets: Readonly<Partial<Record<DatasetName, Encoded>>>
}

type Found = Encoded & { readonly provenance: Provenance }

const loaders: Readonly<Record<DatasetName, (options: LocateOptions) => Promise<Found>>> = {
  compas: (options) => loadCompas(options).then((table) => ({ ...encodeCompas(table), provenance: table.provenance })),
  bank: (options) => loadBank(options).then((table) => ({ ...encodeBank(table), provenance: table.provenance })),
  adult: (options) => loadAdult(options).then((table) => ({ ...encodeAdult(table), provenance: table.provenance })),
  digits: (options) => loadMnist(options).then((mnist) => ({ ...encodeDigits(mnist), provenance: mnist.provenance })),
}

/** The sets of these names; real only if all are. */
export async function loadSets(names: readonly DatasetName[], options: LocateOptions): Promise<Loaded> {
  const found = await Promise.all(names.map(async (name) => [name, await loaders[name](options)] as const))
  const all = found.map(([, { provenance }]) => provenance)
  const joined = (part: (provenance: Provenance) => string, separator: string) => all.map(part).join(separator)
  return {
    provenance: {
      name: joined(({ name }) => name, ' + '),
      real: all.every(({ real }) => real),
      source: joined(({ source }) => source, '; '),
      sha256: joined(({ sha256 }) => sha256, '+'),
    },
    sets: Object.fromEntries(found),
  }
}

/** Row numbers of a seed's parts. */
export interface PartRows {
  readonly train: ArrayLike<number>
  /** Of tables: what strengths are chosen on. */
  readonly validation?: ArrayLike<number>
  readonly test: ArrayLike<number>
}

/** A seed's parts: of tables at most so many rows in a random order, 70 % to train, 10 % to choose and the last 20 % to test on; of digits every fifth to test. */
export function partRows(name: DatasetName, count: number, { seed, limit }: { seed: number; limit: number }): PartRows {
  if (name === 'digits') {
    const { train, test } = everyFifth(count)
    return { train: train.slice(0, limit), test }
  }
  const [order] = batchIndices({ count, size: count, seed, epoch: 0 })
  const used = order.subarray(0, limit)
  const at = (share: number) => Math.round(share * used.length)
  return { train: used.subarray(0, at(0.7)), validation: used.subarray(at(0.7), at(0.8)), test: used.subarray(at(0.8)) }
}

export type Parts = { readonly train: Examples; readonly validation?: Examples; readonly test: Examples; readonly rows: PartRows }

/** The examples of `partRows`. */
export function partsOf(name: DatasetName, { examples }: Encoded, options: { seed: number; limit: number }): Parts {
  const parts = partRows(name, countOf(examples), options)
  const { train, validation, test } = parts
  return {
    train: rows(examples, train),
    ...(validation && { validation: rows(examples, validation) }),
    test: rows(examples, test),
    rows: parts,
  }
}

/** What a run's seeds train and test on; digits are split alike for all of them. */
export const splitsIn = ({ sets }: Loaded, seeds: readonly number[], limitOf: (name: DatasetName) => number): Split[] =>
  Object.entries(sets).flatMap(([set, encoded]) => {
    const name = set as DatasetName
    const ownSeeds = name === 'digits' ? [undefined] : seeds
    return ownSeeds.flatMap((seed) => {
      const { rows, ...parts } = partsOf(name, encoded!, { seed: seed ?? 0, limit: limitOf(name) })
      const part = (part: keyof PartRows) => ({ [part]: { ids: rows[part]!, x: parts[part]!.x } })
      return splitsOf(name, 'row', { ...part('train'), ...(rows.validation && part('validation')), ...part('test') }, seed)
    })
  })
