import { operations } from '../run/disk.ts'

/** Tests stop processes, not machines: syncing costs most of their time and is left out wherever this file is loaded. */
const whole: typeof operations = { ...operations, sync: () => {} }

/** Makes the k-th operation on the disk from now on fail, once. Returns how many there were so far. */
export function failAt(k: number, code = 'EIO'): () => number {
  mend()
  let count = 0
  for (const name of Object.keys(whole) as (keyof typeof operations)[]) {
    const original = whole[name] as (...given: unknown[]) => unknown
    operations[name] = ((...given: unknown[]) => {
      if (++count === k) throw Object.assign(new Error(`${code}: injected at operation ${k}, ${name}`), { code })
      return original(...given)
    }) as never
  }
  return () => count
}

export const mend = (): void => void Object.assign(operations, whole)

mend()
