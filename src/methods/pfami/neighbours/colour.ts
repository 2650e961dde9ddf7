import type { StrengthOptions } from './geometry.ts'
import { type Change, imageNeighbours, linspace, type Neighbours, type Planes } from './neighbours.ts'

/** The least and most that a pixel can be: what black and white are. */
export type Range = readonly [least: number, most: number]

/** A change of pixels on the scale from 0 (black) to 1 (white), cut to it. */
const onUnit =
  ([least, most]: Range, change: Change): Change =>
  (image, into, strength, planes, record) => {
    const unit = Float32Array.from(image, (value) => (value - least) / (most - least))
    change(unit, into, strength, planes, record)
    for (let i = 0; i < into.length; i++) into[i] = least + (most - least) * Math.min(1, Math.max(0, into[i]))
  }

/** Weights of red, green and blue in grey (ITU-R BT.601). */
const grey = [0.299, 0.587, 0.114] as const

const greyAt = (image: Float32Array, { channels, height, width }: Planes, at: number): number =>
  channels === 3 ? grey.reduce((sum, weight, c) => sum + weight * image[c * height * width + at], 0) : image[at]

/** Pixels times a factor. */
export const brightness = ({ from = 2, to = 0.1, count = 10 }: StrengthOptions = {}, range: Range = [-1, 1]): Neighbours =>
  imageNeighbours(
    'brightness',
    linspace(from, to, count),
    Math.min(8, count - 1),
    onUnit(range, (image, into, factor) => {
      for (let i = 0; i < image.length; i++) into[i] = factor * image[i]
    }),
  )

/** Deviations from the mean grey times a factor. */
export const contrast = ({ from = 2, to = 0.1, count = 10 }: StrengthOptions = {}, range: Range = [-1, 1]): Neighbours =>
  imageNeighbours(
    'contrast',
    linspace(from, to, count),
    Math.min(8, count - 1),
    onUnit(range, (image, into, factor, planes) => {
      const area = planes.height * planes.width
      let mean = 0
      for (let at = 0; at < area; at++) mean += greyAt(image, planes, at) / area
      for (let i = 0; i < image.length; i++) into[i] = mean + factor * (image[i] - mean)
    }),
  )

/** Deviations from the pixel's own grey times a factor: nothing changes in grey images. */
export const saturation = ({ from = 2, to = 0.1, count = 10 }: StrengthOptions = {}, range: Range = [-1, 1]): Neighbours =>
  imageNeighbours(
    'saturation',
    linspace(from, to, count),
    Math.min(8, count - 1),
    onUnit(range, (image, into, factor, planes) => {
      const area = planes.height * planes.width
      for (let at = 0; at < area; at++) {
        const own = greyAt(image, planes, at)
        for (let c = 0; c < planes.channels; c++) into[c * area + at] = own + factor * (image[c * area + at] - own)
      }
    }),
  )

/** Hues turned by a share of the colour circle, in hue, saturation and value: nothing changes in grey images. */
export const hue = ({ from = 0.5, to = -0.5, count = 10 }: StrengthOptions = {}, range: Range = [-1, 1]): Neighbours =>
  imageNeighbours(
    'hue',
    linspace(from, to, count),
    0,
    onUnit(range, (image, into, turn, { channels, height, width }) => {
      if (channels !== 3) return void into.set(image)
      const area = height * width
      for (let at = 0; at < area; at++) {
        const turned = turnedHue([image[at], image[area + at], image[2 * area + at]], turn)
        for (let c = 0; c < 3; c++) into[c * area + at] = turned[c]
      }
    }),
  )

function turnedHue([red, green, blue]: readonly [number, number, number], turn: number): number[] {
  const value = Math.max(red, green, blue)
  const chroma = value - Math.min(red, green, blue)
  if (chroma === 0) return [red, green, blue]
  const sector = value === red ? (green - blue) / chroma : value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma
  const turned = sector + 6 * turn
  // Each channel falls from the value by the chroma, by its distance on the circle (Smith 1978).
  return [5, 3, 1].map((n) => {
    const k = (((n + turned) % 6) + 6) % 6
    return value - chroma * Math.max(0, Math.min(k, 4 - k, 1))
  })
}
