import type { Cause } from './cache.ts'

/**
 * Appends a line for a compiled graph to the file that QUIRE_GRAPHS names, if any: the hash of its structure, its size, and who asked for
 * it. What a program compiles can so be compared with what it compiled before.
 */
export function logGraph(structure: string, nodes: number, { what }: Cause): void {
  const file = globalThis.process?.env?.QUIRE_GRAPHS
  if (!file) return
  const { createHash } = process.getBuiltinModule('node:crypto')
  const hash = createHash('sha256').update(structure).digest('hex').slice(0, 16)
  process.getBuiltinModule('node:fs').appendFileSync(file, `${hash} ${nodes} ${what.replace(/:\d+$/, '')}\n`)
}
