import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { pythonOf } from '../bench/install.mjs'
import { type Draws, draws } from '../src/data/draws.ts'
import { loadConala, loadMbpp } from '../src/data/index.ts'
import { bleu, bm25, type CodeBleu, chrf, codeBleu, inSyntax, isPython } from '../src/kits/codegen/index.ts'
import { folder, keep, workFolder } from './python.ts'

const count = 1500

/** What damage looks like: a name changed, a token lost, the end lost, two tokens exchanged, another's answer. */
function damaged(code: string, others: readonly string[], random: Draws): string {
  const tokens = code.split(/(\W)/)
  const [i, j] = [random.integer(tokens.length), random.integer(tokens.length)]
  switch (random.integer(6)) {
    case 0:
      return tokens.map((token) => (token === tokens[i] && /^[a-z]\w*$/.test(token) ? 'other' : token)).join('')
    case 1:
      return tokens.toSpliced(i, 1).join('')
    case 2:
      return code.slice(0, random.integer(code.length + 1))
    case 3:
      return tokens.with(i, tokens[j]).with(j, tokens[i]).join('')
    case 4:
      return others[random.integer(others.length)]
    default:
      return code
  }
}

interface Theirs {
  readonly corpus: CodeBleu
  readonly single: readonly CodeBleu[]
  readonly chrf: number
  readonly chrfWords: number
  readonly isPython: readonly boolean[]
  readonly isSame: readonly boolean[]
  readonly isCode: readonly boolean[]
  readonly unparsed: readonly string[]
  readonly bm25: readonly (readonly number[])[]
}

/** The packages' answers under a seed of Python's hashes, on which codebleu's data flow depends: it iterates over sets. */
function theirsAt(seed: number, path: string): Theirs {
  const run = (...args: string[]) =>
    spawnSync(pythonOf(folder), args, {
      encoding: 'utf8',
      env: { ...process.env, PYTHONHASHSEED: String(seed) },
      maxBuffer: 2 ** 28,
    })
  const { status, stdout, stderr } = run(join(folder, 'code_metrics.py'), path, '--plain')
  if (status !== 0) throw new Error(stderr.slice(-2000))
  return JSON.parse(stdout)
}

let pairs: [string, string][]
let theirs: Theirs[]
const documents = [
  'sort a list of lists by a key',
  'open a file',
  'a list of files in a folder',
  'reverse a string',
  'read a file into a list',
]
const queries = ['sort list of files', 'a file', 'nothing like it', 'list list list']

beforeAll(async () => {
  // Without its dependencies: code_metrics.py says why.
  const installed = spawnSync(pythonOf(folder), ['-m', 'pip', 'install', '--quiet', '--no-deps', 'codebleu==0.7.0'], { encoding: 'utf8' })
  if (installed.status !== 0) throw new Error(installed.stderr)
  const random = draws([3, 5])
  const { train, test: tested } = await loadConala({ offline: true })
  const { tasks } = await loadMbpp({ offline: true })
  const codes = [...train, ...tested].map(({ snippet }) => snippet).concat(tasks.map(({ code }) => code))
  // Comments are left out of trees here, but stand in theirs; the words match, case and type are keywords in its list, not in that of 35.
  const usable = codes.filter((code) => !/#|\b(match|case|type)\b/.test(code))
  pairs = Array.from({ length: count }, () => usable[random.integer(usable.length)]).map((code) => [code, damaged(code, usable, random)])
  const path = join(workFolder('codebleu'), 'pairs.json')
  writeFileSync(path, JSON.stringify({ pairs, documents, queries }))
  theirs = [0, 1, 2].map((seed) => theirsAt(seed, path))
}, 600_000)

const away = (a: number, b: number): number => Math.abs(a - b)

test('n-gram scores, retrieval and syntax trees are those of the packages, data flow wherever theirs is one number', async () => {
  const [first] = theirs
  const far = { bleu: 0, weightedMatch: 0, astMatch: 0, dataFlowMatch: 0 }
  let unsteady = 0
  for (const [i, [reference, prediction]] of pairs.entries()) {
    const ours = await codeBleu([reference], [prediction])
    const official = await codeBleu([reference], [prediction], { mode: 'official' })
    // Their weighted match has no penalty for brevity, which is one of the quirks that `official` has.
    const values = { ...ours, weightedMatch: official.weightedMatch }
    const seeds = new Set(theirs.map(({ single }) => single[i].dataFlowMatch))
    if (seeds.size > 1) unsteady++
    for (const name of Object.keys(far) as (keyof typeof far)[]) {
      if (name === 'dataFlowMatch' && seeds.size > 1) continue
      if (away(values[name], first.single[i][name]) > 1e-9) far[name]++
    }
  }
  const [references, predictions] = [0, 1].map((side) => pairs.map((pair) => pair[side]))
  const corpus = bleu(
    pairs.map(([reference, prediction]) => ({
      hypothesis: prediction.split(/\s+/).filter(Boolean),
      references: [reference.split(/\s+/).filter(Boolean)],
    })),
  )
  keep('codebleu', { count, far, unsteady })
  expect(away(corpus.score, first.corpus.bleu)).toBeLessThan(1e-9)
  expect(away(chrf(predictions, references), first.chrf)).toBeLessThan(1e-8)
  expect(away(chrf(predictions, references, { wordOrder: 2 }), first.chrfWords)).toBeLessThan(1e-8)
  for (const [i, query] of queries.entries())
    for (const [j, score] of bm25(documents).scores(query).entries()) expect(away(score, first.bm25[i][j])).toBeLessThan(1e-10)
  expect(far).toMatchObject({ bleu: 0, weightedMatch: 0 })
  // Trees of damaged texts hold what the parser skipped, which web-tree-sitter does not tell as the Python binding does.
  expect(far.astMatch / count).toBeLessThan(0.005)
  expect(far.dataFlowMatch / count).toBeLessThan(0.005)
})

test("what is Python, and what is the same program, is so by Python's own parser", async () => {
  const [{ isPython: parses, isSame, isCode, unparsed }] = theirs
  const wrong = { isPython: [] as string[], isSame: [] as string[], unparsed: [] as string[] }
  for (const [i, [reference, prediction]] of pairs.entries()) {
    if ((await isPython(prediction)) !== parses[i]) wrong.isPython.push(prediction)
    if (!isCode[i]) continue
    const own = await inSyntax(reference)
    if (parses[i] && (own === (await inSyntax(prediction))) !== isSame[i]) wrong.isSame.push(`${reference} | ${prediction}`)
    if (own !== (await inSyntax(unparsed[i]))) wrong.unparsed.push(`${reference} | ${unparsed[i]}`)
  }
  const counts = Object.fromEntries(Object.entries(wrong).map(([name, texts]) => [name, texts.length]))
  keep('codebleu-python', { count, ...counts })
  writeFileSync(join(workFolder('codebleu'), 'disagreements.json'), JSON.stringify(wrong, null, 1))
  expect(wrong.isSame).toEqual([])
  // A compiler refuses more than a grammar: a positional argument behind one with a name.
  expect(counts.isPython / count).toBeLessThan(0.005)
  // Constants in another notation, such as raw strings.
  expect(counts.unparsed / count).toBeLessThan(0.03)
})

test("the committed values are the packages'", () => {
  const path = join(folder, '..', 'src', 'kits', 'codegen', 'testing', 'code-pairs.json')
  const fixture = JSON.parse(readFileSync(path, 'utf8'))
  const { corpus, chrf: score, chrfWords } = theirsAt(0, path)
  for (const name of ['bleu', 'weightedMatch', 'astMatch'] as const) expect(corpus[name]).toBeCloseTo(fixture.corpus[name], 9)
  expect([score, chrfWords]).toEqual([fixture.chrf, fixture.chrfWords])
})
