import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Death, intercept } from './faults.ts'

/*
 * A disk that forgets. Data are durable once their file is synced, names once their folder is: this is all that POSIX promises. After a power cut
 * everything else is there, or not, or in part, each thing for itself.
 */

interface FileNode {
  readonly kind: 'file'
  /** Its bytes when it was last synced. */
  durable: Uint8Array
  /** Its bytes when it lost its last name; until then they are on the real disk. */
  last?: Uint8Array
}

interface FolderNode {
  readonly kind: 'folder'
  readonly names: Map<string, Node>
  /** Its names when it was last synced. */
  durable: Map<string, Node>
}

type Node = FileNode | FolderNode

function scan(path: string): Node {
  if (!statSync(path).isDirectory()) return { kind: 'file', durable: readFileSync(path) }
  const names = new Map(readdirSync(path).map((name) => [name, scan(join(path, name))]))
  return { kind: 'folder', names, durable: new Map(names) }
}

/** Watches what is done under a folder that exists; whatever is in it now is durable. */
class ForgetfulDisk {
  readonly #root: string
  readonly #tree: Node
  readonly #open = new Map<number, Node>()

  constructor(root: string) {
    this.#root = resolve(root)
    this.#tree = scan(root)
  }

  #find(path: string): Node | undefined {
    const inside = resolve(path).slice(this.#root.length).split('/').filter(Boolean)
    let node: Node | undefined = resolve(path).startsWith(this.#root) ? this.#tree : undefined
    for (const name of inside) node = node?.kind === 'folder' ? node.names.get(name) : undefined
    return node
  }

  #holder(path: string): FolderNode | undefined {
    const holder = this.#find(dirname(resolve(path)))
    return holder?.kind === 'folder' ? holder : undefined
  }

  #name(path: string, node: Node | undefined): void {
    const holder = this.#holder(path)
    const name = resolve(path).slice(dirname(resolve(path)).length + 1)
    if (node) holder?.names.set(name, node)
    else holder?.names.delete(name)
  }

  /** Before a name is taken away from what has it. */
  #keepBytes(path: string): void {
    const node = this.#find(path)
    if (node?.kind === 'file') node.last = readFileSync(path)
  }

  /** Does an operation, and remembers what it leaves undone. */
  perform(operation: string, given: unknown[], real: (...given: unknown[]) => unknown): unknown {
    const [path, other] = given as [string, string]
    if (operation === 'rename') this.#keepBytes(other)
    if (operation === 'remove') this.#keepBytes(path)
    const result = real(...given)
    if (operation === 'open') {
      if (other !== 'r' && !this.#find(path)) this.#name(path, { kind: 'file', durable: new Uint8Array() })
      const node = this.#find(path)
      if (node) this.#open.set(result as number, node)
    }
    if (operation === 'close') this.#open.delete(path as unknown as number)
    if (operation === 'sync') this.#sync(this.#open.get(path as unknown as number))
    if (operation === 'rename') {
      this.#name(other, this.#find(path))
      this.#name(path, undefined)
    }
    if (operation === 'link') this.#name(other, this.#find(path))
    if (operation === 'remove') this.#name(path, undefined)
    if (operation === 'makeFolder') this.#made(path)
    return result
  }

  #made(path: string): void {
    if (resolve(path) === this.#root || this.#find(path)) return
    this.#made(dirname(resolve(path)))
    this.#name(path, { kind: 'folder', names: new Map(), durable: new Map() })
  }

  #sync(node: Node | undefined): void {
    if (node?.kind === 'folder') node.durable = new Map(node.names)
    else if (node) node.durable = this.#bytesOf(node)
  }

  #bytesOf(file: FileNode): Uint8Array {
    const path = this.#pathOf(file, this.#tree, this.#root)
    return path ? readFileSync(path) : (file.last ?? file.durable)
  }

  #pathOf(file: FileNode, node: Node, path: string): string | undefined {
    if (node === file) return path
    if (node.kind === 'file') return undefined
    for (const [name, inner] of node.names) {
      const found = this.#pathOf(file, inner, join(path, name))
      if (found) return found
    }
    return undefined
  }

  /** What may be found after a power cut now, written to another folder. `random` draws from [0, 1). */
  cutTo(target: string, random: () => number): void {
    const write = (node: Node, path: string) => {
      if (node.kind === 'file') return writeFileSync(path, this.#survivor(node, random))
      mkdirSync(path, { recursive: true })
      for (const name of new Set([...node.durable.keys(), ...node.names.keys()])) {
        const [old, now] = [node.durable.get(name), node.names.get(name)]
        const found = random() < 0.5 ? old : now
        if (found) write(found, join(path, name))
      }
    }
    write(this.#tree, target)
  }

  #survivor(file: FileNode, random: () => number): Uint8Array {
    const now = this.#bytesOf(file)
    if (Buffer.compare(now, file.durable) === 0) return now
    const written = Math.floor(random() * (now.length + 1))
    const zeros = new Uint8Array(now.length)
    zeros.set(now.subarray(0, Math.max(written, file.durable.length)))
    return [file.durable, now, now.subarray(0, Math.max(written, file.durable.length)), zeros][Math.floor(random() * 4)]
  }
}

/** As `dieAt`, and the machine dies with the process: `cutTo` gives what its disk may hold then. */
export function powerCutAt(at: number, root: string) {
  const disk = new ForgetfulDisk(root)
  const count = intercept((k, name, given, real) => {
    if (k < at) return disk.perform(name, given, real)
    if (name === 'close') return real(...given)
    throw new Death(`the power went before operation ${k}`)
  })
  return { count, cutTo: (target: string, random: () => number) => disk.cutTo(target, random) }
}
