import { type NDArray, ndarray } from '../engine/array.ts'
import { parseCsv } from './csv.ts'
import { generateDigits } from './digits.ts'
import { decodeText, sha256 } from './files.ts'
import { type LocateOptions, locate } from './locate.ts'
import { optdigitsSource, type Provenance } from './sources.ts'

/** Digits of 8 × 8 pixels: x float32 [n, 64], counts from 0 to 16 of dark dots in 4 × 4; y int32 [n], 0 to 9. */
export type OptdigitsPart = { readonly x: NDArray; readonly y: NDArray }

export interface Optdigits {
  readonly train: OptdigitsPart
  readonly test: OptdigitsPart
  /** Which digits these are: the file and the row. Who wrote them was not published beyond that the parts share no writer. */
  readonly ids: Readonly<Record<'train' | 'test', readonly string[]>>
  readonly provenance: Provenance
}

/**
 * UCI's Optical Recognition of Handwritten Digits: 3,823 digits to train on, 1,797 by other writers to test on. Found, or generated with
 * `real: false`, as by `loadMnist`.
 * @example
 * const { train, test } = await loadOptdigits()
 */
export async function loadOptdigits(options: LocateOptions = {}): Promise<Optdigits> {
  const found = await locate(optdigitsSource, options)
  if (!found) return generated(options.log)
  const [train, test] = await Promise.all(
    found.contents.map(async (content, i) => {
      const where = `${found.provenance.source}: ${optdigitsSource.files[i].names[0]}`
      const { x, y } = await parseCsv(decodeText(content, where), { target: 'class', where })
      return { x, y }
    }),
  )
  return { train, test, ids: idsOf({ train, test }), provenance: found.provenance }
}

const idsOf = (parts: Record<'train' | 'test', OptdigitsPart>): Optdigits['ids'] => ({
  train: Array.from(parts.train.y.data, (_, row) => `train ${row}`),
  test: Array.from(parts.test.y.data, (_, row) => `test ${row}`),
})

const counts = { train: 3823, test: 1797 }

/** As the set itself was made: drawings [n, 28, 28] laid on 32 × 32 dots, the dark ones counted in blocks of 4 × 4; 64 counts a drawing. */
export function countedDots({ shape: [count], data }: NDArray): Float32Array {
  const dots = new Float32Array(count * 64)
  for (let pixel = 0; pixel < data.length; pixel++) {
    const [image, row, column] = [Math.floor(pixel / 784), Math.floor((pixel % 784) / 28) + 2, (pixel % 28) + 2]
    if (data[pixel] > 127) dots[image * 64 + Math.floor(row / 4) * 8 + Math.floor(column / 4)]++
  }
  return dots
}

function generated(log: LocateOptions['log']): Optdigits {
  log?.(`${optdigitsSource.name}: not available; digits are generated instead (real: false)`)
  const count = counts.train + counts.test
  const { images, labels } = generateDigits({ count, seed: 1 })
  const x = countedDots(images)
  const part = (from: number, to: number): OptdigitsPart => ({
    x: ndarray(x.subarray(from * 64, to * 64), [to - from, 64], 'float32'),
    y: ndarray(labels.data.subarray(from, to), [to - from], 'int32'),
  })
  const source = `generateDigits({ count: ${count}, seed: 1 }), reduced to 8 × 8`
  const provenance = { name: `generated-${optdigitsSource.name}`, real: false, source, sha256: sha256(Uint8Array.from(x)) }
  const parts = { train: part(0, counts.train), test: part(counts.train, count) }
  return { ...parts, ids: idsOf(parts), provenance }
}
