import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'
import { generateDigits } from './digits.ts'
import { type Draws, draws, seedKey, uses } from './draws.ts'
import { kindOf, writeAtomically } from './files.ts'
import { generateText } from './generated-text.ts'
import { sceneLines, sceneSchema, smilesLines } from './graph-samples.ts'
import { writeGreyImage } from './images.ts'
import { policyYaml, webLines, writeContinual } from './language-samples.ts'
import { countedDots } from './optdigits.ts'
import { generateIntents } from './text-corpora/generated-programs.ts'

const { join } = builtin('node:path')

/* Small files of the kinds that people bring, drawn by generators, to try a command on before one's own are at hand. Always the same bytes. */

const digitCount = 600

async function writeDigitFolder(folder: string): Promise<void> {
  const { images, labels } = generateDigits({ count: digitCount, seed: sampleSeed })
  const [, height, width] = images.shape
  for (const [i, label] of labels.data.entries()) {
    const pixels = Uint8Array.from(images.data.subarray(i * height * width, (i + 1) * height * width))
    await writeGreyImage(join(folder, String(label), `${String(i).padStart(3, '0')}.png`), pixels, { height, width })
  }
}

function digitTable(): string {
  const { images, labels } = generateDigits({ count: digitCount, seed: sampleSeed })
  const dots = countedDots(images)
  const header = [...Array.from({ length: 64 }, (_, i) => `pixel_${Math.floor(i / 8)}_${i % 8}`), 'class']
  const rows = [...labels.data].map((label, i) => [...dots.subarray(i * 64, (i + 1) * 64), label])
  return csv([header, ...rows])
}

/** Borrowers who default by their debt, delays and income, through a logistic law. */
function creditTable(random: Draws): string {
  const header = 'income,debt,delays,age,years_employed,savings,children,loans,home,purpose,default'.split(',')
  const rows = Array.from({ length: 400 }, () => {
    const [income, debt, delays] = [15 + random.integer(100), random.integer(60), Math.floor(6 * random.uniform() ** 2)]
    const person = [18 + random.integer(60), random.integer(30), random.integer(40), random.integer(4), random.integer(5)]
    const kind = [['owned', 'rented', 'family'][random.integer(3)], ['car', 'house', 'study'][random.integer(3)]]
    const score = debt / 8 + 1.5 * delays - income / 12
    return [income, debt, delays, ...person, ...kind, random.uniform() < 1 / (1 + Math.exp(-score)) ? 'yes' : 'no']
  })
  return csv([header, ...rows])
}

const intentLines = (): string =>
  generateIntents({ count: 400, seed: sampleSeed })
    .map(({ intent, snippet, question }) => `${JSON.stringify({ intent, code: snippet, question })}\n`)
    .join('')

/** What a model may have answered to the requests: two thirds of the first answers are right, some are no Python. */
function answerLines(random: Draws): string {
  return generateIntents({ count: 400, seed: sampleSeed })
    .map(({ intent, snippet, question }) => {
      const wrong = [`${snippet})`, snippet.replace(/\w+/, 'data'), `result = ${snippet}`][random.integer(3)]
      const predictions = random.integer(3) > 0 ? [snippet, wrong] : [wrong, random.integer(2) > 0 ? snippet : 'pass']
      return `${JSON.stringify({ intent, code: snippet, predictions, question })}\n`
    })
    .join('')
}

const csv = (rows: readonly (readonly (string | number)[])[]): string => `${rows.map((row) => row.join(',')).join('\n')}\n`

const sampleSeed = 7

const write = (content: () => string) => (path: string) => writeAtomically(path, new TextEncoder().encode(content()))

/** What each sample is, and how it is written. */
const samples: Readonly<Record<string, { readonly about: string; readonly write: (path: string) => Promise<void> }>> = {
  'digits/': { about: `${digitCount} drawn digits of 28 × 28 pixels, one folder a class`, write: writeDigitFolder },
  'digits.csv': { about: 'the same as 8 × 8 counts of dots, in the column class their digit', write: write(digitTable) },
  'credit.csv': {
    about: '400 drawn borrowers, in the column default whether they failed to pay',
    write: write(() => creditTable(draws(seedKey(sampleSeed, uses.tables)))),
  },
  'story.txt': { about: '60,000 characters of drawn sentences', write: write(() => generateText({ length: 60_000, seed: sampleSeed })) },
  'intents.jsonl': {
    about: '400 drawn requests and the line of Python that each asks for, in the fields intent and code',
    write: write(intentLines),
  },
  'answers.jsonl': {
    about: 'two drawn answers to each of these requests, in the field predictions',
    write: write(() => answerLines(draws(seedKey(sampleSeed, uses.programs)))),
  },
  'continual/': { about: 'stories in three invented languages, and a plan to train on them in two stages', write: writeContinual },
  'policy.yaml': { about: 'a safety policy about objects that do not exist', write: write(() => policyYaml) },
  'molecules.smi': { about: 'molecules of 4 to 9 heavy atoms, put together from groups, as SMILES', write: write(smilesLines) },
  'scenes.jsonl': {
    about: '300 drawn scenes of 5 to 8 vehicles as graphs; edges carry distance and difference of speeds',
    write: write(() => sceneLines(draws(seedKey(sampleSeed, uses.tables)))),
  },
  'scenes.schema.json': { about: 'what the numbers of these graphs mean', write: write(() => sceneSchema) },
  'web.jsonl': { about: '50 documents as a crawl brings them, some of which a filter should leave out', write: write(webLines) },
}

/**
 * The names of the samples.
 *
 * @example
 * sampleNames.length > 0 // true
 */
export const sampleNames: readonly string[] = Object.keys(samples)

/**
 * One line on a sample.
 *
 * @example
 * sampleAbout(sampleNames[0]).length > 0 // true
 */
export const sampleAbout = (name: string): string => samples[name].about

/**
 * Writes a sample into a folder and returns its path. Nothing in it is real.
 *
 * @throws InputError where something of that name is there already.
 * @example await writeSample('digits.csv', '.')
 */
export async function writeSample(name: string, folder: string): Promise<string> {
  const path = join(folder, name)
  if ((await kindOf(path)) !== 'absent')
    throw new InputError('is there already', { where: path, fix: 'go to another folder, or remove it' })
  await samples[name].write(path)
  return path
}
