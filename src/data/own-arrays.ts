import { type NDArray, ndarray } from '../engine/array.ts'
import { isFloat } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'

/* Bare arrays of somebody's own as inputs and classes: which axis is what, which range the numbers have, and what no classifier can use. */

export interface ImageShape {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/**
 * [n, features] as it is; images [n, height, width], [n, channels, height, width] or [n, height, width, channels] (1 or 3 channels) as
 * [n, channels, height, width], whole numbers 0..255 as 0..1.
 */
export function inputsOf(array: NDArray, where: string): { x: NDArray; imageShape?: ImageShape } {
  const { shape } = array
  if (shape.some((extent) => extent === 0)) throw new InputError(`the examples are empty: shape [${shape.join(', ')}]`, { where })
  requireFinite(array, where)
  if (shape.length === 2) return { x: ndarray(Float32Array.from(array.data), shape, 'float32') }
  const axes = imageAxes(shape, where)
  const images = ndarray(pixels(array, where), shape, 'float32')
  const { channels, height, width } = axes
  const outer = [shape[0], channels, height, width]
  const x = axes.last ? channelsFirst(images, axes) : images.data
  return { x: ndarray(x, outer, 'float32'), imageShape: { channels, height, width } }
}

function imageAxes(shape: readonly number[], where: string): ImageShape & { last: boolean } {
  const [, a, b, c] = shape
  const isChannels = (extent: number) => extent === 1 || extent === 3
  if (shape.length === 3) return { channels: 1, height: a, width: b, last: false }
  if (shape.length === 4 && isChannels(a)) return { channels: a, height: b, width: c, last: false }
  if (shape.length === 4 && isChannels(c)) return { channels: c, height: a, width: b, last: true }
  const fix = 'give [n, features], [n, height, width], or images with 1 or 3 channels first or last'
  throw new InputError(`examples of shape [${shape.join(', ')}] are neither a table nor images`, { where, fix })
}

function pixels({ dtype, data }: NDArray, where: string): Float32Array {
  if (isFloat(dtype) || dtype === 'bool') return Float32Array.from(data)
  const bad = data.findIndex((value) => value < 0 || value > 255)
  if (bad >= 0)
    throw new InputError(`pixel ${bad} is ${data[bad]}; whole-number pixels go from 0 to 255`, {
      where,
      fix: 'scale them to floats from 0 to 1',
    })
  return Float32Array.from(data, (value) => value / 255)
}

function channelsFirst({ shape, data }: NDArray, { channels, height, width }: ImageShape): Float32Array {
  const out = new Float32Array(data.length)
  const area = height * width
  for (let n = 0; n < shape[0]; n++) {
    for (let i = 0; i < area; i++)
      for (let c = 0; c < channels; c++) out[(n * channels + c) * area + i] = data[(n * area + i) * channels + c]
  }
  return out
}

function requireFinite({ shape, data }: NDArray, where: string): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(Math.fround(data[i]))) continue
    const width = data.length / shape[0]
    throw new InputError(`example ${Math.floor(i / width)}, value ${i % width} is ${data[i]}, not a finite number in float32`, { where })
  }
}

export interface Labels {
  readonly y: NDArray
  readonly classes: readonly string[]
}

const classLimit = 1000

/** Whole-number labels [n] or [n, 1] as indices into the sorted classes, or into `known` classes. */
export function labelsOf({ shape, data }: NDArray, count: number, where: string, known?: readonly string[]): Labels {
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1))
    throw new InputError(`labels have shape [${shape.join(', ')}] instead of [n]`, { where })
  if (shape[0] !== count) throw new InputError(`${count} examples do not go with ${shape[0]} labels`, { where })
  const bad = data.findIndex((value) => !Number.isInteger(value))
  if (bad >= 0) throw new InputError(`label ${bad} is ${data[bad]}, which is no class`, { where, fix: 'give whole numbers' })
  const classes = known ?? [...new Set<number>(data)].sort((a, b) => a - b).map(String)
  if (classes.length < 2) throw new InputError(`the labels hold one class only, ${classes[0]}`, { where })
  if (classes.length > classLimit)
    throw new InputError(`the labels hold ${classes.length} different values; that is a quantity, not a class`, { where })
  const index = new Map(classes.map((name, i) => [Number(name), i]))
  const stranger = data.findIndex((value) => !index.has(value))
  if (stranger >= 0) throw new InputError(`label ${stranger} is ${data[stranger]}, a class that the other part does not have`, { where })
  return {
    y: ndarray(
      Int32Array.from(data, (value) => index.get(value)!),
      [count],
      'int32',
    ),
    classes,
  }
}
