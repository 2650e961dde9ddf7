import { InputError } from '../../../engine/index.ts'

export interface ReadOptions {
  /** What errors call the file. Default: `graphs`. */
  readonly where?: string
  /** Leaves out what cannot be read, and says so, instead of stopping there. */
  readonly skipBad?: boolean
}

/** What was left out, and why. */
export interface Skipped {
  readonly where: string
  readonly why: string
}

export interface Kept<T> {
  readonly graphs: readonly T[]
  readonly skipped: readonly Skipped[]
}

/** The lines of a file that hold something, each read on its own. */
export function keptLines<T>(
  text: string,
  { where = 'graphs', skipBad = false }: ReadOptions,
  read: (line: string, where: string) => T | undefined,
): Kept<T> {
  const lines = text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [{ line: line.replace(/\r$/, ''), at: `${where}, line ${i + 1}` }]))
  return keptItems(lines, { skipBad }, ({ line, at }) => read(line, at))
}

/** Each item read on its own; what is refused is counted or, unless bad items are skipped, the end. */
export function keptItems<I extends { readonly at: string }, T>(
  items: readonly I[],
  { skipBad = false }: Pick<ReadOptions, 'skipBad'>,
  read: (item: I) => T | undefined,
): Kept<T> {
  const skipped: Skipped[] = []
  const graphs = items.flatMap((item): T[] => {
    try {
      const graph = read(item)
      return graph === undefined ? [] : [graph]
    } catch (error) {
      if (!skipBad || !(error instanceof InputError)) throw error
      skipped.push({ where: item.at, why: error.message })
      return []
    }
  })
  return { graphs, skipped }
}
