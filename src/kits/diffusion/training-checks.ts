import { InputError, type NDArray, sizeOf } from '../../engine/index.ts'
import type { DiffusionConfig } from './denoiser.ts'
import type { TrainingData, TrainingRecipe } from './training.ts'

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/** @throws InputError for a recipe that is none, or does not fit the config. */
export function checkRecipe({ steps, batch, ema = 0.999, labelDropout = 0 }: TrainingRecipe, { classes }: DiffusionConfig): void {
  const refuse = (what: string, fix: string): never => {
    throw new InputError(what, { where: 'training', fix })
  }
  for (const [name, value] of Object.entries({ steps, batch }))
    if (!Number.isInteger(value) || value < 1) refuse(`${name} is ${value}`, 'give a whole number from 1')
  if (!(ema >= 0 && ema < 1)) refuse(`ema is ${ema}`, 'give a number in [0, 1), 0.999 say')
  if (!(labelDropout >= 0 && labelDropout <= 1)) refuse(`labelDropout is ${labelDropout}`, 'give a share from 0 to 1')
  if (labelDropout > 0 && classes === undefined) refuse('labelDropout is for a model with classes', 'leave it out, or give classes')
}

/** @throws InputError for data that the model of a config cannot be trained or measured on. */
export function checkData(config: DiffusionConfig, { x, centre, labels }: TrainingData, where = 'data'): void {
  const refuse = (what: string, fix?: string): never => {
    throw new InputError(what, { where, fix })
  }
  const { shape, range, classes } = config
  if (shapeText(x.shape.slice(1)) !== shapeText(shape))
    refuse(`an example is ${shapeText(x.shape.slice(1))}, the model's are ${shapeText(shape)}`, 'bring them to one size')
  if (x.dtype !== 'float32') refuse(`numbers are ${x.dtype}`, 'give float32')
  if (x.shape[0] < 1) refuse('there is no example')
  checkValues(x, range, refuse)
  if (centre && shapeText(centre.shape) !== shapeText(shape))
    refuse(`the centre is ${shapeText(centre.shape)}, an example ${shapeText(shape)}`)
  if (classes === undefined) return
  if (!labels) throw new InputError(`the model is told one of ${classes} classes, and there are no labels`, { where, fix: 'give labels' })
  if (labels.dtype !== 'int32' || labels.shape.length !== 1 || labels.shape[0] !== x.shape[0])
    refuse(`labels are ${labels.dtype} ${shapeText(labels.shape)}`, `give int32 [${x.shape[0]}]`)
  const wrong = labels.data.findIndex((label) => label < 0 || label >= classes)
  if (wrong >= 0) refuse(`label ${wrong} is ${labels.data[wrong]}`, `classes go from 0 to ${classes - 1}`)
}

function checkValues(
  { data, shape }: NDArray,
  range: readonly [number, number] | undefined,
  refuse: (what: string, fix?: string) => never,
): void {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) refuse(`example ${Math.floor(i / sizeOf(shape.slice(1)))} holds ${data[i]}`, 'remove or mend it')
    if (data[i] < least) least = data[i]
    if (data[i] > most) most = data[i]
  }
  const slack = 1e-4
  if (range && (least < range[0] - slack || most > range[1] + slack))
    refuse(`values go from ${least} to ${most}, the model's from ${range[0]} to ${range[1]}`, 'scale them')
}
