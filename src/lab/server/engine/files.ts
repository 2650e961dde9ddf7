import { readdirSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { EngineSubjects } from '../../api-engine.ts'

/** More files than this are not looked for. */
const mostFiles = 200

/** The ONNX files that runs have left, below `root/METHOD/ID/artifacts`. Links are not followed. */
export function onnxFiles(root: string): EngineSubjects['files'] {
  const found: { run: string; file: string; bytes: number }[] = []
  for (const method of foldersIn(root))
    for (const id of foldersIn(join(root, method)))
      for (const file of onnxIn(join(root, method, id, 'artifacts'))) {
        if (found.length === mostFiles) return found
        found.push({ run: `${method}/${id}`, file: `artifacts/${file}`, bytes: statSync(join(root, method, id, 'artifacts', file)).size })
      }
  return found
}

const foldersIn = (folder: string): string[] =>
  entriesOf(folder).flatMap((entry) => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : []))

function onnxIn(folder: string, prefix = ''): string[] {
  return entriesOf(join(folder, prefix)).flatMap((entry) => {
    const path = prefix ? `${prefix}/${entry.name}` : entry.name
    if (entry.isDirectory()) return path.split('/').length < 4 ? onnxIn(folder, path) : []
    return entry.isFile() && entry.name.endsWith('.onnx') ? [path.split(sep).join('/')] : []
  })
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return [] // not there, or not ours to read
  }
}
