import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The floors of docs/architecture.md: which other folders a folder may import from. */
const floors: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  nn: ['engine'],
  optim: ['engine'],
  data: ['engine'],
  train: ['engine', 'optim', 'data'],
  kits: ['engine', 'nn', 'optim', 'data', 'train'],
  experiment: ['engine', 'nn', 'optim', 'data', 'train'],
  methods: ['engine', 'nn', 'optim', 'data', 'train', 'kits', 'experiment'],
  lab: ['engine', 'nn', 'optim', 'data', 'train', 'kits', 'experiment', 'methods'],
  cli: ['engine', 'nn', 'optim', 'data', 'train', 'kits', 'experiment', 'methods', 'lab'],
  conformance: ['engine', 'experiment', 'methods', 'cli', 'data'],
}

/** Folders of the same height; tests may look sideways, never up. */
const beside = ['nn', 'optim', 'data', 'train']

const isTest = (path: string): boolean => /\.test(-d)?\.ts$/.test(path) || path.includes('/testing/')

const mayImport = (from: string, floor: string, target: string): boolean =>
  floors[floor].includes(target) || (isTest(from) && beside.includes(floor) && beside.includes(target))

const withoutComments = (source: string): string => source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

/** The relative modules that a source imports, statically, for its effects, or when asked. */
const importsOf = (source: string): string[] =>
  [...withoutComments(source).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)['"](\.{1,2}\/[^'"]+)['"]/g)].map(([, path]) => path)

/** `methods/ramda/x.ts` → `methods/ramda`; `methods/index.ts` → `methods` */
const methodOf = (path: string): string | undefined => /^methods\/[^/]+(?=\/)/.exec(path)?.[0]

/** What methods share: the type of a card, and the optimizers by name. */
const shared = ['methods/method.ts', 'methods/optimizers.ts']

/** Why one file may not import another, if it may not. Paths are relative to src/. */
function objection(from: string, to: string): string | undefined {
  const [floor, target] = [from.split('/')[0], to.split('/')[0]]
  if (!(floor in floors)) return `${from} stands on no floor`
  if (floor !== target) return mayImport(from, floor, target) ? undefined : `${from} imports ${to}, from a floor above or beside its own`
  if (floor !== 'methods' || !methodOf(from)) return undefined
  if (methodOf(to) ? methodOf(to) === methodOf(from) : shared.includes(to)) return undefined
  return `${from} imports ${to}: a method imports no other method`
}

/** All objections to a tree of sources. */
const objections = (sources: Readonly<Record<string, string>>): string[] =>
  Object.entries(sources).flatMap(([from, source]) =>
    importsOf(source).flatMap(
      (path) =>
        objection(
          from,
          normalize(join(dirname(from), path))
            .split(sep)
            .join('/'),
        ) ?? [],
    ),
  )

function sourcesUnder(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.split(sep).join('/'))
  return Object.fromEntries(
    names
      .filter((name) => name.includes('/') && /\.(tsx?|mts|js|mjs)$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

describe('the floors', () => {
  const sources = sourcesUnder(import.meta.dirname)

  test('there are sources to look at', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(50)
    expect(Object.values(sources).flatMap(importsOf).length).toBeGreaterThan(100)
  })

  test('every file imports only from its own floor or below, and methods never each other', () => expect(objections(sources)).toEqual([]))
})

describe('the check can fail', () => {
  test.each([
    ['the engine looking up', { 'engine/a.ts': "import { x } from '../nn/index.ts'" }],
    ['layers looking at optimizers', { 'nn/a.ts': "export * from '../optim/adam.ts'" }],
    ['data looking at training', { 'data/csv/a.ts': "import '../../train/index.ts'" }],
    ['an experiment looking at a method', { 'experiment/a.ts': "const x = await import('../methods/ramda/index.ts')" }],
    ['a method looking at the command line', { 'methods/ramda/a.ts': "import type { Shell } from '../../cli/cli.ts'" }],
    ['a method looking at another', { 'methods/ramda/a.ts': "import { lisa } from '../lisa/index.ts'" }],
    ['a method looking at the list', { 'methods/ramda/a.ts': "import { methods } from '../index.ts'" }],
    ['a type is an import too', { 'optim/a.ts': "type X = import('../train/index.ts').X" }],
    ['a test looking up', { 'train/a.test.ts': "import { x } from '../experiment/index.ts'" }],
    ['imports over several lines', { 'engine/a.ts': "import {\n  x,\n  y,\n} from '../cli/cli.ts'" }],
    ['a folder that is no floor', { 'utils/a.ts': "import { x } from '../engine/index.ts'" }],
    ['a folder outside', { 'engine/a.ts': "import x from '../../package.json'" }],
  ])('%s', (_, sources) => expect(objections(sources)).toHaveLength(1))

  test.each([
    ['its own folder', { 'engine/graph/a.ts': "import { x } from '../tensor.ts'" }],
    ['the floor below', { 'train/a.ts': "import { adam } from '../optim/index.ts'" }],
    ['the list naming methods', { 'methods/index.ts': "import { card } from './ramda/card.ts'" }],
    ['a method and its card type', { 'methods/ramda/a.ts': "import type { Method } from '../method.ts'" }],
    ['a method asking for an optimizer by name', { 'methods/ramda/a.ts': "import { optimizerNamed } from '../optimizers.ts'" }],
    ['a test looking sideways', { 'train/a.test.ts': "import { mlp } from '../nn/index.ts'" }],
    ['packages', { 'engine/a.ts': "import { z } from 'zod'" }],
    ['what only a comment says', { 'engine/a.ts': "/** @example import { x } from '../cli/cli.ts' */\n// import '../cli/main.ts'" }],
  ])('but not over %s', (_, sources) => expect(objections(sources)).toEqual([]))
})
