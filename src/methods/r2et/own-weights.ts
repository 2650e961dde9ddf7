import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { key } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { smoothNetwork } from './network.ts'

/*
 * `train` keeps its weights beside the classifier's ONNX file: a certificate needs the layers themselves, which a graph does not name.
 */

const shape = z.object({
  features: z.number().int().positive(),
  classes: z.number().int().min(2),
  hidden: z.array(z.number().int().positive()),
  beta: z.number().positive(),
  /** Size of the set that training made stable. */
  k: z.number().int().positive(),
})
export type OwnShape = z.output<typeof shape>

export const weightsFile = 'weights.safetensors'

export const encodeWeights = async (about: OwnShape, params: LayeredParams): Promise<Uint8Array> =>
  writeSafetensors(await toArrays(params), { quire: JSON.stringify(about) })

export interface OwnWeights {
  readonly about: OwnShape
  readonly params: LayeredParams
}

/** The weights beside a classifier that `quire r2et train` wrote; of other classifiers nothing. */
export async function ownWeights(folder: string): Promise<OwnWeights | undefined> {
  const file = join(folder, weightsFile)
  if (!existsSync(file)) return undefined
  const { tensors, metadata } = readSafetensors(await readFile(file), file)
  const about = shape.safeParse(parsedOrNull(metadata.quire))
  // Another method may call its weights so too.
  if (!about.success) return undefined
  return { about: about.data, params: fromArrays(tensors, smoothNetwork(about.data).init(key(0)), file) }
}

/** JSON that somebody else may have written: what cannot be parsed is nothing. */
function parsedOrNull(text = 'null'): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
