import type { Attributes } from '../src/engine/graph/node.ts'
import type { Tensor } from '../src/engine/index.ts'

export interface Step {
  readonly op: string
  /** Numbers of values: the inputs come first, then the results of the steps. */
  readonly inputs: readonly number[]
  readonly attributes: Attributes
}

/** What Quire and a library compute each in its own way. */
export interface Program {
  /** The primitive that it is there for, or 'composition'. */
  readonly name: string
  readonly inputs: readonly Tensor[]
  readonly steps: readonly Step[]
  readonly outputs: readonly number[]
  /** Quire's side, where the steps are no primitives of its own. */
  readonly run?: (...inputs: Tensor[]) => readonly Tensor[]
  /** How many derivatives are compared. */
  readonly derivatives: 0 | 1 | 2
  /** The inputs that are differentiated. */
  readonly active: readonly number[]
  /** The second derivative too is asked in reverse mode, where there is no forward mode, or where it means something else. */
  readonly reverseOnly?: boolean
}
