import type { CompiledGraph } from '../engine/inspect/index.ts'
import type { Text } from '../experiment/text.ts'

/*
 * What the lab's server says of compiled steps.
 *
 *   GET  /api/engine            EngineSubjects
 *   POST /api/engine            EngineRequest → EngineStep
 *
 * What is refused comes back as Problem (api.ts).
 */

/** What can be looked into: steps that the server builds, and the ONNX files of runs. */
export interface EngineSubjects {
  readonly examples: readonly { readonly name: string; readonly title: Text; readonly about: Text }[]
  readonly files: readonly { readonly run: string; readonly file: string; readonly bytes: number }[]
}

/** An example, or a file of a run; `time` also runs it with a clock around every node. */
export type EngineRequest = ({ readonly example: string } | { readonly run: string; readonly file: string }) & { readonly time?: boolean }

/** What a node does in a step: computes the loss, its gradient, or the next state. A function that is no step has forward nodes only. */
export type EnginePhase = 'forward' | 'backward' | 'update'

/** A node of the simplified graph, in the order in which the runtime runs them. */
export interface EngineNode {
  readonly operation: string
  readonly shape: readonly number[]
  readonly dtype: string
  readonly phase: EnginePhase
  /** The part of the model whose parameter it reads last: `blocks.3`. */
  readonly part: string
  /** `file:line` of the program that asked for it. */
  readonly line?: string
  readonly flops: number
  /** Of the buffer that it writes first; 0 where it writes into one that there is. */
  readonly bytes: number
  /** Only where the step was timed, and where the runtime kept the node. */
  readonly milliseconds?: number
  /** Nodes that it reads, by index; arguments are not among them. */
  readonly inputs: readonly number[]
  /** Arguments that it reads, by path. */
  readonly reads: readonly string[]
}

/** One operation, or one line of the program. */
export interface EnginePart {
  readonly name: string
  readonly nodes: number
  readonly flops: number
  readonly milliseconds?: number
}

export interface EngineStep {
  readonly nodes: readonly EngineNode[]
  readonly operations: readonly EnginePart[]
  /** None for a file. */
  readonly lines: readonly EnginePart[]
  readonly flops: number
  readonly argumentElements: number
  readonly outsideBytes: number
  readonly peakBytes: number
  /** Bytes of intermediate values at each place of the run; nodes that only look at others' values, such as reshape, have no place. */
  readonly memory: readonly number[]
  readonly traceMilliseconds: number
  readonly compileMilliseconds: number
  /** Of one run, the sum over its nodes. */
  readonly milliseconds?: number
  /** `canTime`: whether it can time its nodes, which only the native one can. */
  readonly runtime: { readonly name: string; readonly version: string; readonly threads: number; readonly canTime: boolean }
  /** What was compiled for it, and why. */
  readonly sessions: readonly CompiledGraph[]
}
