import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateText } from '../src/data/generated-text.ts'
import { byteTokenizer, parseGpt2Files, parseTokenizerJson, type Tokenizer, trainTokenizer } from '../src/kits/lm/tokenizers/index.ts'
import { fixtureTexts } from '../src/kits/lm/tokenizers/testing/fixture-texts.ts'
import { keep, python, workFolder } from './python.ts'

/* Our reader of tokenizer.json against Hugging Face's tokenizers, on files of every kind that it makes and trains. */

const dataFolder = [process.env.QUIRE_DATA, join(import.meta.dirname, '..', '..', 'shared', 'data')].find(
  (root) => root && existsSync(root),
)
const at = (...path: string[]): string | undefined => {
  const found = dataFolder && join(dataFolder, ...path)
  return found && existsSync(found) ? found : undefined
}
const linesOf = (path: string | undefined): string[] => (path ? readFileSync(path, 'utf8').replaceAll('\r', '').split('\n') : [])

/** Every line of five languages and of Python code; or text that is made up. */
function corpora(): string[] {
  const languages = ['eng', 'fin', 'hin', 'jpn', 'vie'].flatMap((name) => linesOf(at('ntrex-128-5lang', `${name}.txt`)))
  const code = linesOf(at('mbpp', 'mbpp.jsonl'))
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { code: string }).code)
  const real = [...languages, ...code]
  return [...(real.length > 0 ? real : generateText({ length: 100_000, seed: 0 }).split('\n')), ...fixtureTexts, ...noise(2000)]
}

/** Characters that tokenizers treat in some special way, in any order. */
function noise(count: number): string[] {
  const characters = [...new Set(fixtureTexts.join(''))]
  let state = 1
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return Array.from({ length: count }, () => Array.from({ length: random(30) }, () => characters[random(characters.length)]).join(''))
}

interface Answers {
  readonly plain: readonly (readonly number[])[]
  readonly framed: readonly (readonly number[])[]
  readonly decoded: readonly string[]
  readonly skipped: readonly string[]
}

function ask(work: string, texts: readonly string[], size: number): { version: string; names: readonly string[] } {
  writeFileSync(join(work, 'texts.json'), JSON.stringify(texts))
  return python('tokenizer_files.py', work, String(size)) as { version: string; names: readonly string[] }
}

const answersIn = (work: string, name: string): Answers => JSON.parse(readFileSync(join(work, `${name}.answers.json`), 'utf8')) as Answers

function streamed(tokenizer: Tokenizer, ids: readonly number[]): string {
  const stream = tokenizer.stream()
  return ids.map((id) => stream.push(id)).join('') + stream.end()
}

/** How many texts come out otherwise, and the first that does. */
function differences(tokenizer: Tokenizer, texts: readonly string[], { plain, framed, decoded, skipped }: Answers) {
  const wrong = texts.filter(
    (text, i) =>
      `${tokenizer.encode(text)}` !== `${plain[i]}` ||
      `${tokenizer.encode(text, { special: true })}` !== `${framed[i]}` ||
      tokenizer.decode(framed[i]) !== decoded[i] ||
      tokenizer.decode(framed[i], { skipSpecial: true }) !== skipped[i] ||
      streamed(tokenizer, framed[i]) !== decoded[i],
  )
  return { texts: texts.length, tokens: plain.reduce((sum, { length }) => sum + length, 0), wrong: wrong.length, first: wrong[0] }
}

test('ids, templates, decoded and streamed texts are those of tokenizers', () => {
  const work = workFolder('tokenizers')
  const texts = corpora()
  const vocabulary = join(work, 'vocabulary')
  rmSync(vocabulary, { recursive: true, force: true })
  const [encoder, merges] = [at('gpt2-bpe', 'encoder.json'), at('gpt2-bpe', 'vocab.bpe')]
  if (encoder && merges) {
    mkdirSync(vocabulary)
    writeFileSync(join(vocabulary, 'vocab.json'), readFileSync(encoder))
    writeFileSync(join(vocabulary, 'merges.txt'), readFileSync(merges))
  }
  const { version, names } = ask(work, texts, 2000)
  const own: Record<string, Tokenizer> = Object.fromEntries(
    names.map((name) => [name, parseTokenizerJson(readFileSync(join(work, `${name}.json`), 'utf8'))]),
  )
  const rows = names.map((name) => ({ name, ...differences(own[name], texts, answersIn(work, name)) }))
  if (encoder && merges) {
    const pair = parseGpt2Files(readFileSync(encoder, 'utf8'), readFileSync(merges, 'utf8'))
    rows.push({ name: 'gpt2, two files', ...differences(pair, texts, answersIn(work, 'gpt2')) })
  }
  keep('tokenizers', { version, rows })
  expect(rows.filter(({ wrong }) => wrong > 0)).toEqual([])
})

test('files that we write are read by tokenizers, with the same ids', () => {
  const work = workFolder('tokenizers-written')
  const texts = [...fixtureTexts, ...noise(500)]
  const trained = {
    bytes: byteTokenizer,
    words: trainTokenizer(texts, { size: 600 }),
    digits: trainTokenizer(texts, { size: 600, digits: true }),
  }
  for (const [name, tokenizer] of Object.entries(trained)) writeFileSync(join(work, `${name}.json`), tokenizer.files()['tokenizer.json'])
  writeFileSync(join(work, 'texts.json'), JSON.stringify(texts))
  python('tokenizer_files.py', work, ...Object.keys(trained))
  for (const [name, tokenizer] of Object.entries(trained))
    expect(differences(tokenizer, texts, answersIn(work, name)), name).toMatchObject({ wrong: 0 })
})

/** Those of which small ones are kept for the tests that have no Python. */
const kept = ['starcoder', 'llama2', 'llama3', 'cl100k', 'metaspace first', 'words', 'ends of words', 'replaced']
const fixtures = join(import.meta.dirname, '..', 'src', 'kits', 'lm', 'tokenizers', 'testing', 'fixtures.jsonl')

test('the fixtures hold what tokenizers answers (QUIRE_UPDATE=1 makes them anew)', () => {
  const work = workFolder('tokenizers-fixtures')
  for (const file of readdirSync(work)) rmSync(join(work, file), { recursive: true })
  if (process.env.QUIRE_UPDATE === '1') {
    ask(work, fixtureTexts, 460)
    const made = kept.map((name) =>
      JSON.stringify({ name, tokenizer: JSON.parse(readFileSync(join(work, `${name}.json`), 'utf8')), answers: answersIn(work, name) }),
    )
    writeFileSync(fixtures, `${made.join('\n')}\n`)
  }
  const files = linesOf(fixtures).filter((line) => line !== '')
  const held = files.map((line) => JSON.parse(line) as { name: string; tokenizer: unknown; answers: Answers })
  for (const { name, tokenizer } of held) writeFileSync(join(work, `${name}.json`), JSON.stringify(tokenizer))
  writeFileSync(join(work, 'texts.json'), JSON.stringify(fixtureTexts))
  python('tokenizer_files.py', work, ...held.map(({ name }) => name))
  const wrong = held.filter(({ name, answers }) => JSON.stringify(answers) !== JSON.stringify(answersIn(work, name)))
  expect(wrong.map(({ name }) => name)).toEqual([])
})
