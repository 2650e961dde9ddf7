import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../testing/comparable.ts'
import { codeChanges, codeOf, codeVersion, commitOf } from './code.ts'

let root = ''

function write(name: string, content: string | object): void {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
}

beforeEach(() => {
  root = scratch()
})

describe('the commit, read from files, is what git says', () => {
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: root, encoding: 'utf8' }).trim()

  const hasGit = (() => {
    try {
      execFileSync('git', ['--version'])
      return true
    } catch {
      return false
    }
  })()

  test.runIf(hasGit)('on a branch, packed, detached, and in a second worktree', () => {
    git('init', '--quiet')
    expect(commitOf(root)).toBeUndefined()
    git('commit', '--quiet', '--allow-empty', '-m', 'one')
    const one = git('rev-parse', 'HEAD')
    expect(commitOf(root)).toBe(one)
    git('pack-refs', '--all')
    expect(commitOf(root)).toBe(one)
    git('commit', '--quiet', '--allow-empty', '-m', 'two')
    expect(commitOf(root)).toBe(git('rev-parse', 'HEAD'))
    const tree = join(scratch(), 'tree')
    git('worktree', 'add', '--quiet', '-b', 'other', tree, one)
    expect(commitOf(tree)).toBe(one)
    git('checkout', '--quiet', '--detach', one)
    expect(commitOf(root)).toBe(one)
  })

  test('no checkout, or one that is damaged, has none', () => {
    expect(commitOf(root)).toBeUndefined()
    write('.git/HEAD', 'ref: refs/heads/none')
    expect(commitOf(root)).toBeUndefined()
    write('.git/HEAD', 'nonsense')
    expect(commitOf(root)).toBeUndefined()
  })
})

/** A package with one dependency that has one of its own, and an optional one that is not installed. */
function installPackages(version = '2.0.0'): void {
  write('package.json', {
    name: 'own',
    version: '1.0.0',
    dependencies: { left: '*' },
    optionalDependencies: { absent: '*' },
    devDependencies: { dev: '*' },
  })
  write('node_modules/left/package.json', { name: 'left', version: '1.1.0', dependencies: { pad: '*' } })
  write('node_modules/left/node_modules/pad/package.json', { name: 'pad', version })
  write('node_modules/pad/package.json', { name: 'pad', version: '9.9.9' })
  write('node_modules/dev/package.json', { name: 'dev', version: '1.0.0' })
  write('dist/a.js', 'a')
  write('dist/deep/b.js', 'b')
}

describe('what a code is known by', () => {
  const code = () => codeOf(root, join(root, 'dist'))

  test('changes with a module and with a package behind a package, and with nothing else', () => {
    installPackages()
    const before = code()
    expect(before.packages).toEqual({ left: '1.1.0' })
    for (const name of ['dist/a.test.js', 'dist/a.d.ts', 'dist/testing/c.js', 'dist/a.js.map']) write(name, 'else')
    write('node_modules/dev/package.json', { name: 'dev', version: '2.0.0' })
    write('node_modules/pad/package.json', { name: 'pad', version: '9.9.10' })
    expect(code()).toEqual(before)
    expect(codeChanges(before, code())).toEqual([])

    write('dist/deep/b.js', 'c')
    expect(code().dependencies).toBe(before.dependencies)
    expect(codeChanges(before, code())).toEqual([expect.stringMatching(/^modules: [0-9a-f]{12} → [0-9a-f]{12}$/)])

    installPackages('2.0.1')
    expect(code().sha256).toBe(before.sha256)
    expect(codeChanges(before, code())).toEqual([expect.stringMatching(/^dependencies: [0-9a-f]{12} → [0-9a-f]{12}$/)])
    write('node_modules/left/package.json', { name: 'left', version: '1.2.0', dependencies: { pad: '*' } })
    expect(codeChanges(before, code())).toEqual(['left: 1.1.0 → 1.2.0'])
  })

  test('a name moved into another module counts', () => {
    installPackages()
    const before = code()
    write('dist/a.js', '')
    write('dist/deep/b.js', 'ab')
    expect(code().sha256).not.toBe(before.sha256)
  })

  test('of this program it holds no path of the machine', () => {
    const text = JSON.stringify(codeVersion())
    expect(text).not.toContain(process.cwd())
    expect(text).not.toMatch(/"\//)
    expect(codeVersion().packages.zod).toMatch(/^\d+\.\d+\.\d+/)
  })
})
