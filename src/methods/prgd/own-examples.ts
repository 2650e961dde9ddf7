import { z } from 'zod'
import { loadTabularOrImages, type OwnData } from '../../data/index.ts'
import { InputError, type NDArray, ndarray, sizeOf } from '../../engine/index.ts'
import { unknownName } from '../../experiment/nearest.ts'

/** Options of every verb that reads the user's examples. */
export const dataOptions = {
  data: z.string().describe('a CSV with a header, a folder of images (one subfolder a class), IDX, npy, npz or safetensors'),
  target: z.string().optional().describe('the column to predict, of a CSV; default the last'),
  drop: z.array(z.string()).default([]).describe('columns to leave out, of a CSV'),
  positive: z.string().optional().describe('the class with label +1; default the second of two'),
  negative: z.string().optional().describe('the class with label −1; default all others'),
  bias: z.boolean().default(true).describe('a constant feature 1, so that the plane need not go through the origin'),
}

export interface DataOptions {
  readonly data: string
  readonly target?: string
  readonly drop: readonly string[]
  readonly positive?: string
  readonly negative?: string
}

/** Two classes of somebody's data. */
export interface TwoClasses {
  /** float64 [n, d], values as they are. */
  readonly x: NDArray
  /** ±1. */
  readonly y: Int8Array
  readonly positive: string
  readonly negative: string
  /** Which examples of the data these are, from 0. */
  readonly rows: readonly number[]
}

/** Names of two classes; without a negative one all others. */
export interface ClassPair {
  readonly positive: string
  readonly negative?: string
}

export const readOwn = ({ data, target, drop }: DataOptions): Promise<OwnData> => loadTabularOrImages(data, { target, drop })

/** Reads two classes, or one against the rest. @throws InputError for more than two without a choice, or an example that has both labels. */
export async function readExamples(options: DataOptions): Promise<TwoClasses> {
  const own = await readOwn(options)
  return examplesOf(own, chosenClasses(own, options), options.data)
}

/** The examples of two classes, or of one and all others. */
export function examplesOf(own: OwnData, { positive, negative }: ClassPair, where: string): TwoClasses {
  const rows = [...own.y.data.keys()].filter((i) => signOf(own, i, { positive, negative }) !== 0)
  const width = sizeOf(own.x.shape.slice(1))
  const values = new Float64Array(rows.length * width)
  for (const [at, row] of rows.entries()) values.set(own.x.data.subarray(row * width, (row + 1) * width) as Float32Array, at * width)
  const examples = {
    x: ndarray(values, [rows.length, width], 'float64'),
    y: Int8Array.from(rows, (row) => signOf(own, row, { positive, negative })),
    positive,
    negative: negative ?? 'the rest',
    rows,
  }
  refuseContradictions(examples, where)
  return examples
}

function signOf({ y, classes }: OwnData, row: number, { positive, negative }: ClassPair): -1 | 0 | 1 {
  const name = classes[y.data[row]]
  return name === positive ? 1 : negative === undefined || name === negative ? -1 : 0
}

export function chosenClasses({ classes }: OwnData, { data, positive, negative }: DataOptions): ClassPair {
  for (const name of [positive, negative])
    if (name !== undefined && !classes.includes(name)) throw unknownName('class', name, classes, data)
  if (positive !== undefined && positive === negative) throw new InputError(`both classes are '${positive}'`, { where: data })
  if (classes.length > 2 && positive === undefined) {
    throw new InputError(`it has ${classes.length} classes: ${classes.join(', ')}`, {
      where: data,
      fix: 'name two with --positive and --negative, or one with --positive against the rest',
    })
  }
  if (classes.length > 2) return { positive: positive!, negative }
  const chosen = positive ?? classes.find((name) => (negative === undefined ? name === classes[1] : name !== negative))!
  return { positive: chosen, negative: classes.find((name) => name !== chosen)! }
}

/** No plane puts one point on both sides. */
function refuseContradictions({ x, y, rows }: TwoClasses, where: string): void {
  const width = x.shape[1]
  const seen = new Map<string, number>()
  for (let i = 0; i < y.length; i++) {
    const values = x.data.subarray(i * width, (i + 1) * width).join()
    const before = seen.get(values)
    if (before !== undefined && y[before] !== y[i]) {
      throw new InputError(
        `examples ${rows[before] + 1} and ${rows[i] + 1} have the same features and different classes, so that nothing separates them`,
        { where, fix: 'remove one of them' },
      )
    }
    seen.set(values, i)
  }
}

/** Features that have one value in all examples: they tell nothing apart, but stretch every example, and so change which plane has the largest margin. */
export function constantFeatures({ x }: TwoClasses): number[] {
  const [n, d] = x.shape
  return Array.from({ length: d }, (_, j) => j).filter((j) => {
    for (let i = 1; i < n; i++) if (x.data[i * d + j] !== x.data[j]) return false
    return true
  })
}
