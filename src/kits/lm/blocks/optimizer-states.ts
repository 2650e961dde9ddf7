import { type ArrayFunction, arrayFunction, InputError, type NDArray, ndarray, type Tensor, zeros } from '../../../engine/index.ts'
import type { Optimizer } from '../../../optim/index.ts'
import type { Arena } from './arena.ts'
import { type Gradients, release } from './backward.ts'
import type { Part } from './parts.ts'
import { accumulation, type Leaf, squares, updateProgram, withoutStep } from './programs.ts'

interface UpdateOptions {
  /** What the learning rate follows. */
  readonly step: number
  /** What a parameter's gradient is multiplied with. */
  factor(path: string): number
}

/** The optimizer's state for each parameter by itself: made when the parameter is first updated, dropped at any time. */
export class OptimizerStates {
  readonly #optimizer: Optimizer
  readonly #arena: Arena
  /** A parameter's tensors of state, in order, without the step. */
  readonly #states = new Map<string, NDArray[]>()
  readonly #programs = new Map<string, ArrayFunction>()

  constructor(optimizer: Optimizer, arena: Arena) {
    this.#optimizer = optimizer
    this.#arena = arena
  }

  /** Paths of the parameters that have a state. */
  get paths(): string[] {
    return [...this.#states.keys()]
  }

  /** Forgets the states of these parameters: they begin again. */
  drop(match: (path: string) => boolean = () => true): void {
    for (const path of this.paths.filter(match)) {
      for (const array of this.#states.get(path)!) this.#arena.give(array)
      this.#states.delete(path)
    }
  }

  /** Takes states out, to be kept elsewhere until `put`. */
  take(match: (path: string) => boolean): Map<string, NDArray[]> {
    const taken = new Map(this.paths.filter(match).map((path) => [path, this.#states.get(path)!.map(copied)]))
    this.drop(match)
    return taken
  }

  put(states: ReadonlyMap<string, readonly NDArray[]>): void {
    for (const [path, arrays] of states)
      this.#states.set(
        path,
        arrays.map((array) => this.#arena.adopt(array, 'optimizer')),
      )
  }

  #once(name: string, make: () => ArrayFunction): ArrayFunction {
    if (!this.#programs.has(name)) this.#programs.set(name, make())
    return this.#programs.get(name)!
  }

  /** The sum, in the place of the first. */
  async accumulate(total: Gradients, more: Gradients): Promise<Gradients> {
    const arrays = [...total.values()]
    const program = this.#once(`add ${shapesOf(arrays)}`, () => accumulation(arrays.map(likeOf)))
    const into = arrays.map((array) => this.#arena.take(array, 'gradients'))
    const sums = await program.run([...arrays, ...[...total.keys()].map((path) => more.get(path)!)], into)
    const paths = [...total.keys()]
    release(this.#arena, total)
    release(this.#arena, more)
    return new Map(paths.map((path, i) => [path, sums[i]]))
  }

  /** The norm of all gradients together. Each is squared by itself, so that no pattern of them has a program of its own. */
  async norm(gradients: Gradients): Promise<number> {
    let total = 0
    for (const array of gradients.values()) {
      const [sum] = await this.#once(`norm ${shapesOf([array])}`, () => squares([likeOf(array)])).run([array])
      total += sum.data[0]
    }
    return Math.sqrt(total)
  }

  /** Updates parameters by their gradients, part by part, and gives the gradients back. */
  async update(parts: readonly Part[], weights: Map<string, NDArray>, gradients: Gradients, options: UpdateOptions): Promise<void> {
    for (const part of parts) {
      const paths = part.paths.filter((path) => gradients.has(part.prefix + path))
      if (paths.length > 0) await this.#updatePart(part, paths, weights, gradients, options)
    }
    release(this.#arena, gradients)
  }

  async #updatePart(
    { prefix, signature }: Part,
    paths: readonly string[],
    weights: Map<string, NDArray>,
    gradients: Gradients,
    { step, factor }: UpdateOptions,
  ): Promise<void> {
    const full = paths.map((path) => prefix + path)
    const old = full.map((path) => weights.get(path)!)
    const leaves = paths.map((path, i) => ({ path, like: likeOf(old[i]) }))
    const program = this.#once(`update ${signature} ${paths}`, () => updateProgram(this.#optimizer, leaves))
    const states = await Promise.all(full.map((path, i) => this.#stateOf(path, leaves[i], old[i])))
    const args = [
      ...old,
      ...full.map((path) => gradients.get(path)!),
      ...states.flat(),
      number(step),
      ...full.map((path) => number(factor(path))),
    ]
    const into = program.results.map((aval, i) => this.#arena.take(aval, i < full.length ? 'weights' : 'optimizer'))
    const results = await program.run(args, into)
    for (const array of [...old, ...states.flat()]) this.#arena.give(array)
    let next = full.length
    full.forEach((path, i) => {
      weights.set(path, results[i])
      this.#states.set(path, results.slice(next, next + states[i].length))
      next += states[i].length
    })
  }

  /** The state of a parameter; a fresh one is written into arrays of the arena at once, so that nothing is left for the garbage collector. */
  async #stateOf(path: string, { path: own, like }: Leaf, weight: NDArray): Promise<NDArray[]> {
    const found = this.#states.get(path)
    if (found) return found
    const init = () => arrayFunction((w: Tensor) => withoutStep(this.#optimizer.init({ [own]: w })), [like], 'optimizer state')
    const program = this.#once(`init ${own} ${shapesOf([weight])}`, init)
    const into = program.results.map((aval) => this.#arena.take(aval, 'optimizer'))
    this.#states.set(path, await program.run([weight], into))
    return this.#states.get(path)!
  }

  /** States by name; `states.<path>.<number>`. */
  toArrays(): [string, NDArray][] {
    return [...this.#states].flatMap(([path, arrays]) => arrays.map((array, i): [string, NDArray] => [`states.${i}.${path}`, array]))
  }

  fromArrays(arrays: Readonly<Record<string, NDArray>>, weights: ReadonlyMap<string, NDArray>): void {
    this.drop()
    for (const name of Object.keys(arrays)) {
      const [, place, path] = /^states\.(\d+)\.(.*)$/.exec(name) ?? []
      if (path === undefined) continue
      if (!weights.has(path)) throw new InputError(`the checkpoint has a state of '${path}', which the model has not`)
      const own = this.#states.get(path) ?? []
      own[Number(place)] = this.#arena.adopt(arrays[name], 'optimizer')
      this.#states.set(path, own)
    }
  }
}

const copied = (array: NDArray): NDArray => ({ ...array, data: array.data.slice() })
const likeOf = ({ shape, dtype }: NDArray): Tensor => zeros(shape, dtype)
const shapesOf = (arrays: readonly NDArray[]): string => arrays.map(({ shape, dtype }) => `${dtype}[${shape}]`).join()
const number = (value: number): NDArray => ndarray(Float32Array.of(value), [], 'float32')
