import type { Session } from '../runtime/runtime.ts'
import { logGraph } from './log.ts'

/** Who asked for a graph to be compiled, and why it had not been compiled before. */
export interface Cause {
  /** A function and the line where it was handed to jit or compileStep, or the line that asked for a value. */
  readonly what: string
  readonly why: string
}

/** A compiled graph, as the report shows it. */
export interface CompiledGraph extends Cause {
  readonly nodes: number
  /** What its session keeps for its intermediate values between runs. */
  readonly bytes: number
  /** Time to lower the graph and make its session. */
  readonly milliseconds: number
  /** How often a later function of the same structure found it compiled. */
  readonly reused: number
}

/**
 * Counters that a user can read: what was compiled, and how often something compiled was found again.
 *
 * @example
 * await jit(exp)(tensor([1])).data()
 * const { compiled, reused, milliseconds } = compileStatistics
 */
export const compileStatistics = { compiled: 0, reused: 0, milliseconds: 0 }

interface Entry {
  readonly session: Promise<Session>
  readonly record: { -readonly [K in keyof CompiledGraph]: CompiledGraph[K] }
}

/** Sessions by the structure of their graphs; the one used longest ago goes first. Whoever holds a compiled function keeps its session all the same. */
const entries = new Map<string, Entry>()

/**
 * How many compiled graphs are kept for functions to come, and how many bytes of intermediate values their sessions may keep. Can be changed.
 *
 * @example
 * cacheLimits.graphs // 256
 */
export const cacheLimits = { graphs: 256, bytes: 2 ** 29 }

/** The session of a graph of this structure: the one that there is, or the one that `make` makes. */
export function cachedSession(
  structure: string,
  measure: () => Pick<CompiledGraph, 'nodes' | 'bytes'>,
  cause: Cause,
  make: () => Promise<Session>,
): Promise<Session> {
  let entry = entries.get(structure)
  if (entry) {
    compileStatistics.reused++
    entry.record.reused++
  } else {
    const size = measure()
    logGraph(structure, size.nodes, cause)
    const record = { ...cause, ...size, milliseconds: 0, reused: 0 }
    entry = { record, session: timed(record, make) }
  }
  // The most recently used entry is the last.
  entries.delete(structure)
  entries.set(structure, entry)
  evict()
  return entry.session
}

/** Forgets the sessions used longest ago, but for the newest, until few enough are left. */
function evict(): void {
  let bytes = [...entries.values()].reduce((sum, { record }) => sum + record.bytes, 0)
  for (const [structure, { record }] of entries) {
    if (entries.size === 1 || (entries.size <= cacheLimits.graphs && bytes <= cacheLimits.bytes)) return
    entries.delete(structure)
    bytes -= record.bytes
  }
}

async function timed(record: Entry['record'], make: () => Promise<Session>): Promise<Session> {
  const start = performance.now()
  const session = await make()
  record.milliseconds = performance.now() - start
  compileStatistics.compiled++
  compileStatistics.milliseconds += record.milliseconds
  return session
}

/**
 * What is compiled now, oldest use first, with who asked for it and why: the answer to "why is it compiling again?".
 *
 * @example
 * await jit(exp)(tensor([1])).data()
 * const [{ what, why }] = cacheReport() // each compiled graph, and why it was compiled
 */
export const cacheReport = (): CompiledGraph[] => [...entries.values()].map(({ record }) => ({ ...record }))
