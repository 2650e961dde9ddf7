import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import type { Message } from '../../train/parallel/index.ts'
import type { Findings, Snapshot } from '../definition.ts'
import type { RunRecord } from '../run/run-folder.ts'
import type { Terms } from './agreement.ts'

/** What rank 0 says to the others. */
export type Order =
  /** The run that is to be trained. */
  | { readonly kind: 'run'; readonly record: RunRecord; readonly terms: Terms }
  /** The data have been read; their hash. */
  | { readonly kind: 'data'; readonly sha256: string }
  /** Train a unit from a snapshot (the body), together with all ranks or alone. */
  | { readonly kind: 'train'; readonly unit: string; readonly together: boolean; readonly snapshot?: Omit<Snapshot, 'tensors'> }
  | { readonly kind: 'end' }

/** What the others say to rank 0. Of a unit that a rank trains alone, everything that belongs into the run folder. */
export type Reply =
  | { readonly kind: 'agreed' }
  | { readonly kind: 'log'; readonly step: number; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly meta: unknown }
  | { readonly kind: 'forget' }
  | { readonly kind: 'artifact'; readonly name: string }
  | { readonly kind: 'progress'; readonly done: number; readonly of: number; readonly note?: string }
  | { readonly kind: 'trained'; readonly findings?: Findings }
  | { readonly kind: 'diverged'; readonly message: string }

export const asMessage = (message: Order | Reply): Message => message as unknown as Message

export const tensorsAsBytes = (tensors: Snapshot['tensors']): Uint8Array => writeSafetensors({ ...tensors }, {})

export const tensorsOf = (bytes: Uint8Array): Snapshot['tensors'] => readSafetensors(bytes, 'a snapshot').tensors
