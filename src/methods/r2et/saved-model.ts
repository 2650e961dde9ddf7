import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { OwnData } from '../../data/index.ts'
import { InputError, key, type NDArray, ndarray, sizeOf } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { type Network, smoothNetwork } from './network.ts'

/** What is needed to use a trained model again; travels inside the weights file. */
const description = z.object({
  hidden: z.array(z.number().int().positive()),
  beta: z.number().positive(),
  k: z.number().int().positive(),
  classes: z.array(z.string()),
  /** One name a feature; of images none. */
  featureNames: z.array(z.string()),
  /** Channels, height and width; of tables none. */
  image: z.tuple([z.number(), z.number(), z.number()]).optional(),
  /** Subtracted from and divided by, feature by feature. */
  mean: z.array(z.number()),
  deviation: z.array(z.number()),
})
export type Description = z.output<typeof description>

export const networkOf = ({ mean, classes, hidden, beta }: Description): Network =>
  smoothNetwork({ features: mean.length, classes: classes.length, hidden, beta })

export const weightsFile = 'weights.safetensors'

export const encodeModel = async (about: Description, params: LayeredParams): Promise<Uint8Array> =>
  writeSafetensors(await toArrays(params), { quire: JSON.stringify(about) })

export interface SavedModel {
  readonly about: Description
  readonly network: Network
  readonly params: LayeredParams
}

/** Reads a model that `quire r2et train` has written, from its folder or its weights file. */
export async function loadModel(path: string): Promise<SavedModel> {
  const file = path.endsWith('.safetensors') ? path : join(path, weightsFile)
  const bytes = await readFile(file).catch((cause) => {
    throw new InputError('there is no trained model', { where: path, fix: 'train one with `quire r2et train --data … --out DIR`', cause })
  })
  const { tensors, metadata } = readSafetensors(bytes, file)
  const parsed = description.safeParse(parsedOrNull(metadata.quire))
  if (!parsed.success) throw new InputError('these weights were not written by `quire r2et train`', { where: file })
  const network = networkOf(parsed.data)
  return { about: parsed.data, network, params: fromArrays(tensors, network.init(key(0)), file) }
}

/** JSON that somebody else may have written: what cannot be parsed is nothing. */
function parsedOrNull(text = 'null'): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A user's examples as the model takes them, [n, features]. @throws InputError where they are other features or images than those it was trained on. */
export function inputsFor(about: Description, own: OwnData, where: string): NDArray {
  const [count, ...shape] = own.x.shape
  if (about.image ? shape.join() !== about.image.join() : own.imageShape !== undefined)
    throw new InputError(`an example is [${shape}], the model takes ${about.image ? `[${about.image}]` : 'rows of a table'}`, { where })
  const width = sizeOf(shape)
  const places = about.image ? undefined : placesOf(about.featureNames, own.featureNames ?? [], width, where)
  const data = Float32Array.from({ length: count * about.mean.length }, (_, i) => {
    const [row, feature] = [Math.floor(i / about.mean.length), i % about.mean.length]
    const place = places ? places[feature] : feature
    return ((place < 0 ? 0 : own.x.data[row * width + place]) - about.mean[feature]) / about.deviation[feature]
  })
  return ndarray(data, [count, about.mean.length], 'float32')
}

/** Where each of the model's features stands among the given ones; a level that the data lack is −1. */
function placesOf(known: readonly string[], given: readonly string[], width: number, where: string): number[] {
  if (given.length === 0 && width === known.length) return known.map((_, i) => i)
  const extra = given.find((name) => !known.includes(name))
  if (extra)
    throw new InputError(`the model was not trained on "${extra}"`, { where, fix: 'give columns and levels that training has seen' })
  const places = known.map((name) => given.indexOf(name))
  const absent = places.findIndex((place, i) => place < 0 && !known[i].includes('='))
  if (absent >= 0)
    throw new InputError(`there is no column "${known[absent]}"`, { where, fix: 'give data like those that the model was trained on' })
  return places
}
