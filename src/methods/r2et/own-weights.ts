import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { key } from '../../engine/index.ts'
import { readSafetensors } from '../../engine/safetensors.ts'
import { describedBy, weightsFile } from '../../kits/classifier/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { fromArrays } from '../../train/index.ts'
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

export interface OwnWeights {
  readonly about: OwnShape
  readonly params: LayeredParams
}

/** The weights beside a classifier that `quire r2et train` wrote; of other classifiers nothing. */
export async function ownWeights(folder: string): Promise<OwnWeights | undefined> {
  const file = join(folder, weightsFile)
  if (!existsSync(file)) return undefined
  const { tensors, metadata } = readSafetensors(await readFile(file), file)
  // Another method may call its weights so too.
  const about = describedBy(shape, metadata)
  return about && { about, params: fromArrays(tensors, smoothNetwork(about).init(key(0)), file) }
}
