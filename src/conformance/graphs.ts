import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Check } from './check.ts'

/** Compiled functions by the hash of their structure, each with a description. */
export type Graphs = Readonly<Record<string, string>>

/** Where the graphs of all methods are kept, from the repository's root. */
export const keptGraphs = 'scripts/graphs.json'

/**
 * The graphs that a file of QUIRE_GRAPHS names. Compiled functions only: how values asked for outside of any are grouped depends on what was computed
 * before.
 */
export function graphsIn(file: string): Graphs {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const functions = lines.map((line) => line.split(' ')).filter(([, , what]) => /^(jit|compileStep)\(/.test(what ?? ''))
  const named = functions.map(([hash, nodes, what, , path]) => [hash, `${what} in ${basename(path ?? '?', '.js')}, ${nodes} nodes`])
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A line for each graph that is gone (−) or new (+). */
export function graphChanges(kept: Graphs, fresh: Graphs): string[] {
  const lines = (sign: string, from: Graphs, without: Graphs) =>
    Object.keys(from)
      .filter((hash) => !(hash in without))
      .map((hash) => `${sign} ${hash} ${from[hash]}`)
  return [...lines('-', kept, fresh), ...lines('+', fresh, kept)]
}

/** No change of the engine, a layer or a method alters a graph unnoticed. */
export const graphs: Check = {
  name: 'graphs',
  rule: `The smoke preset compiles the graphs that are kept in ${keptGraphs}`,
  pace: 'long',
  async run(method, setting) {
    const path = join(setting.repository, keptGraphs)
    const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Graphs>) : {}
    const changes = graphChanges(kept[method.name] ?? {}, graphsIn((await setting.smoke(method)).graphs))
    return changes.length === 0 ? [] : [...changes, 'if they are meant: npm run build && npm run graphs -- --update']
  },
}
