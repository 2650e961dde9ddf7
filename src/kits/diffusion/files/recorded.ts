import { readContent } from '../../../data/files.ts'
import { readSafetensors } from '../../../engine/safetensors.ts'
import { findDenoiser } from './load.ts'

/** What a training has written down of its data. */
export interface Recorded {
  /** Every so many-th image was kept back. */
  readonly keepEvery: number
  /** SHA-256 of the data; older models have not written it down. */
  readonly data?: string
}

/** What a training writes down beside its model. */
export const recordOf = ({ keepEvery, data }: Required<Recorded>): Record<string, string> => ({ data, keepEvery: String(keepEvery) })

/** What the training of a model has written down; bundles and ONNX files say nothing. */
export async function recordedIn(model: string): Promise<Recorded | undefined> {
  const { kind, path } = await findDenoiser(model)
  if (kind !== 'model') return undefined
  const { metadata } = readSafetensors(await readContent(path), path)
  const keepEvery = Number(metadata.keepEvery)
  return Number.isInteger(keepEvery) && keepEvery >= 2 ? { keepEvery, data: metadata.data } : undefined
}
