import { existsSync, fstatSync } from 'node:fs'
import { operations } from '../run/disk.ts'

/*
 * Faults of a disk, injected at its k-th operation. All of the code under test sees the disk through `operations`.
 */

/** Tests stop processes, not machines: syncing costs most of their time and is left out wherever this file is loaded. */
const whole: typeof operations = { ...operations, sync: (file) => void fstatSync(file) }

type Name = keyof typeof operations
type Real = (...given: unknown[]) => unknown

/** Replaces every operation: `fault` gets its number from 1 on, its name, what it was given, and the real one. Returns how many there were so far. */
export function intercept(fault: (k: number, name: Name, given: unknown[], real: Real) => unknown): () => number {
  mend()
  let count = 0
  for (const name of Object.keys(whole) as Name[]) {
    const real = whole[name] as Real
    operations[name] = ((...given: unknown[]) => fault(++count, name, given, real)) as never
  }
  return () => count
}

export const mend = (): void => void Object.assign(operations, whole)

mend()

const refused = (code: string, k: number, name: string) =>
  Object.assign(new Error(`${code}: injected at operation ${k}, ${name}`), { code })

/** The k-th operation from now on fails, once. */
export const failAt = (at: number, code = 'EIO'): (() => number) =>
  intercept((k, name, given, real) => {
    if (k === at) throw refused(code, k, name)
    return real(...given)
  })

/** From the k-th operation on the disk is full: one more write comes half through, then nothing can be added, but files can be read and removed. */
export function fillAt(at: number): () => number {
  let room = true
  return intercept((k, name, given, real) => {
    if (k < at || !adds(name, given)) return real(...given)
    if (name === 'write' && room) {
      room = false
      const [file, bytes, offset, length] = given as [number, Uint8Array, number, number]
      return length > 1 ? real(file, bytes, offset, length >> 1) : real(...given)
    }
    throw refused('ENOSPC', k, name)
  })
}

function adds(name: Name, [path, flags]: unknown[]): boolean {
  if (name === 'open') return flags !== 'r' && !existsSync(path as string)
  return name === 'write' || name === 'link' || (name === 'makeFolder' && !existsSync(path as string))
}

/** The process is no more: nothing that it would have done is done. */
export class Death extends Error {}

/** The process ends without a warning before the k-th operation. */
export const dieAt = (at: number): (() => number) =>
  intercept((k, name, given, real) => {
    if (k < at || name === 'close') return real(...given)
    throw new Death(`died before operation ${k}`)
  })

/** Every write comes through in pieces of at most so many bytes. */
export const shortWrites = (most: number): (() => number) =>
  intercept((_, name, given, real) => {
    if (name !== 'write') return real(...given)
    const [file, bytes, offset, length] = given as [number, Uint8Array, number, number]
    return real(file, bytes, offset, Math.min(length, most))
  })
