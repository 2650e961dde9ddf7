import { builtin } from '../../engine/builtin.ts'
import type { NDArray } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'

const { mkdirSync, readFileSync, rmSync, writeFileSync } = builtin('node:fs')
const { join } = builtin('node:path')

/** Moments by the paths of their parameters, the tensors of each in order. */
export type States = ReadonlyMap<string, readonly NDArray[]>

/** Where moments of frozen blocks wait under the policy `offload`: a file a block in a folder, or, without one, memory. */
export class StateStore {
  readonly #folder?: string
  readonly #kept = new Map<number, States>()

  constructor(folder?: string) {
    if (folder) mkdirSync(folder, { recursive: true })
    this.#folder = folder
  }

  #file(block: number): string {
    return join(this.#folder!, `block-${block}.safetensors`)
  }

  put(block: number, states: States): void {
    this.#kept.set(block, this.#folder ? new Map() : states)
    if (this.#folder) writeFileSync(this.#file(block), writeSafetensors(flat(states)))
  }

  /** What was put for a block, which is then gone. */
  take(block: number): States | undefined {
    const found = this.#read(block)
    this.#kept.delete(block)
    if (found && this.#folder) rmSync(this.#file(block))
    return found
  }

  #read(block: number): States | undefined {
    if (!this.#kept.has(block) || !this.#folder) return this.#kept.get(block)
    return nested(readSafetensors(readFileSync(this.#file(block)), this.#file(block)).tensors)
  }

  /** Everything that waits, for a checkpoint: `waiting.<block>.<number>.<path>`. */
  toArrays(): Record<string, NDArray> {
    const blocks = [...this.#kept.keys()]
    return Object.fromEntries(
      blocks.flatMap((block) => Object.entries(flat(this.#read(block)!)).map(([name, array]) => [`waiting.${block}.${name}`, array])),
    )
  }

  /** As it was when `toArrays` was called. */
  fromArrays(arrays: Readonly<Record<string, NDArray>>): void {
    for (const block of [...this.#kept.keys()]) this.take(block)
    const blocks = new Map<number, Record<string, NDArray>>()
    for (const [name, array] of Object.entries(arrays)) {
      const [, block, rest] = /^waiting\.(\d+)\.(.*)$/.exec(name) ?? []
      if (rest !== undefined) blocks.set(Number(block), { ...blocks.get(Number(block)), [rest]: array })
    }
    for (const [block, tensors] of blocks) this.put(block, nested(tensors))
  }
}

const flat = (states: States): Record<string, NDArray> =>
  Object.fromEntries([...states].flatMap(([path, arrays]) => arrays.map((array, k) => [`${k}.${path}`, array])))

function nested(tensors: Readonly<Record<string, NDArray>>): Map<string, NDArray[]> {
  const states = new Map<string, NDArray[]>()
  for (const [name, array] of Object.entries(tensors)) {
    const [, k, path] = /^(\d+)\.(.*)$/.exec(name)!
    const own = states.get(path) ?? []
    own[Number(k)] = array
    states.set(path, own)
  }
  return states
}
