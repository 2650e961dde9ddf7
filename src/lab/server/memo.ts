import { lstatSync, type Stats } from 'node:fs'

/** So many files are remembered; then the one that was read first goes. */
const most = 5000

/** Of a file; nothing of a folder, of a link, or where a part of the path is no folder. */
function fileState(path: string): Stats | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    return stat?.isFile() ? stat : undefined
  } catch {
    return undefined
  }
}

/**
 * What is read from a file, remembered as long as the file is as it was. A link is no file.
 * @returns undefined where there is none.
 */
export function remembered<T>(read: (path: string) => T): (path: string) => T | undefined {
  const known = new Map<string, { readonly state: string; readonly value: T }>()
  return (path) => {
    const stat = fileState(path)
    if (!stat) return undefined
    const state = `${stat.mtimeMs}:${stat.size}:${stat.ino}`
    const before = known.get(path)
    if (before?.state === state) return before.value
    const value = read(path)
    known.delete(path)
    known.set(path, { state, value })
    if (known.size > most) known.delete(known.keys().next().value!)
    return value
  }
}
