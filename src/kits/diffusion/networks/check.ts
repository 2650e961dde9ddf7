import { InputError } from '../../../engine/index.ts'

/** Refuses what is not a whole number of at least 1. */
export function checkCount(name: string, value: number, where: string): void {
  if (!Number.isInteger(value) || value < 1) throw new InputError(`${name} is ${value}, not a whole number of at least 1`, { where })
}

/** As `checkCount`, for a list, which must have as many entries as there are `of` them. */
export function checkCounts(
  name: string,
  values: readonly number[],
  { length, of, where }: { length?: number; of?: string; where: string },
): void {
  if (length !== undefined && values.length !== length)
    throw new InputError(`${name} has ${values.length} entries, but there are ${length} ${of}`, { where })
  values.forEach((value, i) => {
    checkCount(`${name}[${i}]`, value, where)
  })
}

/** Refuses a width that sines and cosines cannot share. */
export function checkEmbedding(name: string, value: number, where: string): void {
  checkCount(name, value, where)
  if (value % 2 !== 0) throw new InputError(`${name} is ${value}; sines and cosines need an even number`, { where })
}

/** Extents of an image. */
export function imageShape(shape: readonly number[], where: string): readonly [channels: number, height: number, width: number] {
  if (shape.length !== 3)
    throw new InputError(`the data have shape [${shape.join(', ')}], where [channels, height, width] is expected`, {
      where,
      fix: "give images, or take a network of kind 'mlp'",
    })
  const [channels, height, width] = shape
  return [channels, height, width]
}
