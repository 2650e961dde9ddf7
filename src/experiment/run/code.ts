import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { sha256 } from './disk.ts'
import { changes } from './machine.ts'

/** Which code ran: what a repeat must have besides the config, the data and the machine. Holds no path of the machine. */
export interface Code {
  /** The commit of the git checkout that Quire ran from, if it ran from one. Changes that were not committed do not show in it: they do in `sha256`. */
  readonly commit?: string
  /** Of Quire's own modules, one after another by name; tests left out. */
  readonly sha256: string
  /** Versions of the packages that Quire names itself, as installed. */
  readonly packages: Readonly<Record<string, string>>
  /** sha256 of `name@version` of every installed package that Quire loads, directly or through others, one a line, sorted. */
  readonly dependencies: string
}

const modules = join(import.meta.dirname, '..', '..')

let known: Code | undefined

/** The code of this process; read once. */
export const codeVersion = (): Code => (known ??= codeOf(dirname(modules), modules))

/** The code of a package whose modules lie in `folder`. */
export function codeOf(root: string, folder: string): Code {
  const { direct, all } = installedPackages(root)
  const commit = commitOf(root)
  return { ...(commit && { commit }), sha256: hashOfModules(folder), packages: direct, dependencies: sha256(all.join('\n')) }
}

const isModule = (name: string): boolean => /\.(js|ts)$/.test(name) && !/\.(test|d)\.|(^|[\\/])testing[\\/]/.test(name)

function hashOfModules(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isModule).sort()
  return sha256(names.map((name) => `${name.split(sep).join('/')} ${sha256(readFileSync(join(folder, name)))}\n`).join(''))
}

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined)

/** The commit that a checkout stands on, read from git's files: HEAD, and the branch that it names, loose or packed. */
export function commitOf(root: string): string | undefined {
  const own = gitFolder(root)
  if (!own) return undefined
  const head = textOf(join(own, 'HEAD'))
  const branch = head?.startsWith('ref: ') ? head.slice(5) : undefined
  if (!branch) return head && isCommit(head) ? head : undefined
  const common = resolve(own, textOf(join(own, 'commondir')) ?? '.')
  const loose = textOf(join(own, branch)) ?? textOf(join(common, branch))
  const packed = textOf(join(common, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${branch}`))
  const commit = loose ?? packed?.split(' ')[0]
  return commit && isCommit(commit) ? commit : undefined
}

const isCommit = (text: string): boolean => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)

/** `.git` is a folder, or, in a second worktree, a file that names one. */
function gitFolder(root: string): string | undefined {
  const path = join(root, '.git')
  if (!existsSync(path)) return undefined
  if (existsSync(join(path, 'HEAD'))) return path
  const named = /^gitdir: (.+)$/m.exec(textOf(path) ?? '')?.[1]
  return named && resolve(root, named)
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifestOf = (folder: string): Manifest | undefined => {
  const text = textOf(join(folder, 'package.json'))
  return text === undefined ? undefined : (JSON.parse(text) as Manifest)
}

/** Where a package finds another one, as Node looks for it: in node_modules beside it or further up. */
function folderOf(name: string, from: string): string | undefined {
  const here = join(from, 'node_modules', name)
  if (existsSync(join(here, 'package.json'))) return here
  return dirname(from) === from ? undefined : folderOf(name, dirname(from))
}

const needs = ({ dependencies, optionalDependencies }: Manifest): string[] =>
  Object.keys({ ...dependencies, ...optionalDependencies }).sort()

/** What a package loads, whoever installed it: read from the packages themselves, not from a lock file. Optional ones may be missing. */
function installedPackages(root: string): { direct: Record<string, string>; all: string[] } {
  const direct: Record<string, string> = {}
  const all = new Set<string>()
  const seen = new Set<string>()
  const visit = (folder: string) => {
    for (const name of needs(manifestOf(folder)!)) {
      const found = folderOf(name, folder)
      if (!found) continue
      const { version } = manifestOf(found)!
      if (folder === root) direct[name] = version
      all.add(`${name}@${version}`)
      if (seen.has(found)) continue
      seen.add(found)
      visit(found)
    }
  }
  if (manifestOf(root)) visit(root)
  return { direct, all: [...all].sort() }
}

/** What differs between two codes, as `name: before → now` lines; a hash only where no name says it. */
export function codeChanges(before: Code | undefined, now: Code): string[] {
  if (!before) return ['code: not recorded then']
  const packages = changes(before.packages, { ...mapped(before.packages, () => 'not installed'), ...now.packages })
  const short = ({ commit = 'none', sha256: code, dependencies }: Code) => ({
    ...(before.commit === now.commit ? {} : { commit: commit.slice(0, 12) }),
    modules: code.slice(0, 12),
    ...(packages.length ? {} : { dependencies: dependencies.slice(0, 12) }),
  })
  return [...changes(short(before), short(now)), ...packages]
}

const mapped = <T>(record: Readonly<Record<string, T>>, to: (value: T) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]))
