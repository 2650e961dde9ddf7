import { InputError } from '../../../engine/index.ts'
import { brightness, contrast, hue, type Range, saturation } from './colour.ts'
import { crop, downsampling, identity, perspective, rotation, type StrengthOptions } from './geometry.ts'
import { type Neighbours, planesOf } from './neighbours.ts'

export { brightness, contrast, hue, type Range, saturation } from './colour.ts'
export { crop, downsampling, identity, perspective, rotation, type StrengthOptions } from './geometry.ts'
export { imageNeighbours, linspace, type Neighbours, type Planes, planesOf } from './neighbours.ts'
export { tokenSwaps } from './tokens.ts'

/** Changes of images, each with the range of strengths of the paper's code. */
export const imageChanges = [
  'crop',
  'brightness',
  'contrast',
  'saturation',
  'hue',
  'rotation',
  'perspective',
  'downsampling',
  'identity',
] as const
export type ImageChange = (typeof imageChanges)[number]

/**
 * Neighbours of images of one shape by name.
 *
 * @throws InputError for examples that are no images, and for a change of colour of grey ones.
 */
export function imageNeighboursOf(
  name: ImageChange,
  shape: readonly number[],
  range: Range = [-1, 1],
  options: StrengthOptions = {},
): Neighbours {
  const planes = planesOf(shape)
  if (!planes)
    throw new InputError(`examples of shape [${shape.join(', ')}] are no images, so that there is no '${name}' of them`, {
      fix: 'give [channels, height, width], or squares as vectors',
    })
  if ((name === 'hue' || name === 'saturation') && planes.channels !== 3)
    throw new InputError(`'${name}' changes nothing in grey images`, { fix: `take another of ${imageChanges.join(', ')}` })
  const [black] = range
  switch (name) {
    case 'crop':
      return crop(options)
    case 'identity':
      return identity(options)
    case 'rotation':
      return rotation(options, black)
    case 'perspective':
      return perspective(options, black)
    case 'downsampling':
      return downsampling(options)
    case 'brightness':
      return brightness(options, range)
    case 'contrast':
      return contrast(options, range)
    case 'saturation':
      return saturation(options, range)
    case 'hue':
      return hue(options, range)
  }
}
