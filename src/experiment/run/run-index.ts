import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Details, type Facts, factsOf } from './run-facts.ts'

/*
 * `.quire/runs.index` beside many runs keeps what their files say, since opening eighty thousand files takes longer than anybody waits. The files stay
 * the truth: an entry counts only as long as modification time, size and inode of run.json and report.json are what they were when it was made, and a
 * missing, damaged or foreign index is made again from the files. It is a file of its writer alone, renamed to its name at once; of two writers at a
 * time the later one's stays, and both are right.
 */

const schema = 2

/** Below so many runs no index is kept: reading them is quick. */
const worthwhile = 200

/** Entries that may be out of date before the index is written again; they are read from their files until then. */
const tolerated = (count: number): number => Math.max(20, count / 50)

export interface Entry {
  readonly facts: Facts
  /** JSON of `Details`, parsed when asked for. */
  readonly details: string
}

export const detailsOf = ({ details }: Pick<Entry, 'details'>): Details => JSON.parse(details) as Details

export interface RunIndex {
  /** What a run's files say; `state` tells one content of its files from another. */
  entry(folder: string, state: string): Entry
  /** Keeps what was asked for. */
  save(): void
}

const pathOf = (root: string): string => join(root, '.quire', 'runs.index')

/** One line a run: folder, state, facts, details, with tabs between, which JSON has none of. The first line is the checksum of the others. */
function load(root: string): Map<string, string> {
  const known = new Map<string, string>()
  try {
    const bytes = readFileSync(pathOf(root))
    const start = bytes.indexOf(10) + 1
    if (bytes.toString('latin1', 0, start) !== heading(bytes.subarray(start))) return known
    const text = bytes.toString('utf8', start)
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf('\n', at)
      known.set(text.slice(at, text.indexOf('\t', at)), text.slice(at, end))
      at = end + 1
    }
  } catch {
    // None, or one that cannot be read: made again.
  }
  return known
}

const heading = (body: Uint8Array): string => `quire runs ${schema} ${body.length} ${crc32(body)}\n`

/** The index of the runs under a folder. */
export function runIndex(root: string): RunIndex {
  const known = load(root)
  const used: string[] = []
  let stale = 0
  return {
    entry(folder, state) {
      const line = known.get(folder)
      if (line?.startsWith(`${state}\t`, folder.length + 1)) {
        used.push(line)
        const [from, to] = [folder.length + state.length + 2, line.lastIndexOf('\t')]
        return { facts: JSON.parse(line.slice(from, to)) as Facts, details: line.slice(to + 1) }
      }
      stale++
      const { facts, details } = factsOf(folder)
      const entry = { facts, details: JSON.stringify(details) }
      used.push([folder, state, JSON.stringify(facts), entry.details].join('\t'))
      return entry
    },
    save() {
      const gone = known.size + stale - used.length
      if (used.length >= worthwhile && stale + gone > tolerated(known.size)) write(root, used)
    },
  }
}

/** A folder that may not be written has no index, and its runs are read from their files each time. */
function write(root: string, lines: readonly string[]): void {
  const path = pathOf(root)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const body = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''))
    mkdirSync(join(root, '.quire'), { recursive: true })
    writeFileSync(temporary, heading(body))
    writeFileSync(temporary, body, { flag: 'a' })
    renameSync(temporary, path)
  } catch {
    rmSync(temporary, { force: true })
  }
}
