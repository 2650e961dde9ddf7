import { factsOf } from '../../experiment/run/run-facts.ts'
import { type Entry, type RunIndex, runIndex } from '../../experiment/run/run-index.ts'

/**
 * What the files of runs say, remembered as long as they are as they were: a list that is asked for again reads only what has changed. The first time it
 * comes from the index beside the runs, where there is one.
 */
export function runMemory(root: string): RunIndex {
  let known = new Map<string, { readonly state: string; readonly entry: Entry }>()
  let asked: typeof known = new Map()
  let stored: RunIndex | undefined = runIndex(root)
  const read = (folder: string, state: string): Entry => {
    if (stored) return stored.entry(folder, state)
    const { facts, details } = factsOf(folder)
    return { facts, details: JSON.stringify(details) }
  }
  return {
    entry(folder, state) {
      const before = known.get(folder)
      const entry = before?.state === state ? before.entry : read(folder, state)
      asked.set(folder, { state, entry })
      return entry
    },
    save() {
      stored?.save()
      stored = undefined
      // Runs that are gone are forgotten.
      known = asked
      asked = new Map()
    },
  }
}
