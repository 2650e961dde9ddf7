import type { NDArray } from '../../../engine/index.ts'
import type { TrainingData } from '../../../kits/diffusion/index.ts'
import type { Saving } from '../session.ts'
import { TrainingSession } from '../session.ts'

/** Saves nothing. */
export const unsaved: Saving = { due: () => false, save: async () => {}, latest: async () => undefined, forget: async () => {} }

export const openSession = (data: TrainingData, saving = unsaved): Promise<TrainingSession> => TrainingSession.open({ saving, data })

/** Saves after each step, and fails once so many steps have been taken. */
export function killedAfter(steps: number) {
  let last: { step: number; tensors: Record<string, NDArray>; meta: unknown } | undefined
  let taken = 0
  const saving: Saving = {
    due: () => true,
    async save(step, tensors, meta) {
      // As a file would: buffers are used again.
      const copies = Object.entries(tensors).map(([name, array]) => [name, { ...array, data: array.data.slice() }])
      last = { step, tensors: Object.fromEntries(copies), meta: JSON.parse(JSON.stringify(meta)) }
      if (++taken === steps) throw new Error('killed')
    },
    latest: async () => last,
    forget: async () => {
      last = undefined
    },
  }
  return saving
}
