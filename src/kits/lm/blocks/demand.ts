import type { Part } from './parts.ts'

/** What is asked of a part's backward pass, and what its forward pass may keep for it. */
export interface Demand {
  /** The cotangent of its input. */
  readonly input: boolean
  /** Paths of its parameters whose gradients are wanted, in order. */
  readonly gradients: readonly string[]
  /** `'arguments'`: nothing but its input; the rest is computed again. */
  readonly keep: 'needed' | 'arguments'
}

/** Whether there is a backward pass at all. */
export const isAsked = ({ input, gradients }: Demand): boolean => input || gradients.length > 0

/** What is demanded of each part, from the input to the output: its input's cotangent wherever a gradient is wanted below it. */
export function demandsOf(parts: readonly Part[], wanted: (path: string) => boolean, keep: Demand['keep']): Demand[] {
  let below = false
  return parts.map(({ prefix, paths, kind }) => {
    const gradients = paths.filter((path) => wanted(prefix + path))
    const demand = { input: below && kind !== 'embedding', gradients, keep }
    below ||= gradients.length > 0
    return demand
  })
}
