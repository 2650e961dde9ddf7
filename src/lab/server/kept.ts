import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shellCommand } from '../../experiment/format.ts'
import type { Report } from '../../experiment/report/report.ts'
import { settingWords } from '../../experiment/report/rows.ts'
import { readJson } from '../../experiment/run/disk.ts'
import type { KeptFigure, KeptRun } from '../api.ts'
import { captions } from '../papers/captions.ts'
import { remembered } from './memo.ts'

/*
 * What is kept with each paper: the short report of its last run, pictures and a program of its README. `scripts/kept.mjs` writes them into the package.
 *
 *   METHOD/measured.json   as beside the method
 *   METHOD/paper.json      { snippet, figures }
 *   METHOD/figures/
 */

/** Where they lie in the package, whether this is dist/lab/server or src/lab/server. */
export const keptFolder = fileURLToPath(new URL('../../../dist/lab/kept', import.meta.url))

/** A section of measured.json. */
type Section = Pick<Report, 'method' | 'preset' | 'seeds' | 'settings' | 'id' | 'started' | 'outcome' | 'data'> &
  Pick<KeptRun, 'claims' | 'controls'>

interface PaperFile {
  readonly snippet?: string
  readonly figures: readonly (Omit<KeptFigure, 'alt'> & { readonly alt: string })[]
}

/** The section of the ordinary run comes first in the file, whatever else was measured besides. */
const readMeasured = remembered((path) => Object.values((readJson(path) ?? {}) as Record<string, Section>)[0])
const readPaper = remembered((path) => readJson(path) as PaperFile)

/** The run that is kept with a paper, if there is one. */
export function keptRun(folder: string, name: string): KeptRun | undefined {
  const section = readMeasured(join(folder, name, 'measured.json'))
  if (!section) return undefined
  const { id, preset, seeds, started, outcome, data, claims, controls } = section
  const figures = keptPaper(folder, name).figures.map((figure) => ({ ...figure, alt: captionOf(figure) }))
  return { id, preset, seeds, started, outcome, data, claims, controls, figures, command: commandOf(section) }
}

/** The README says it in English. */
const captionOf = ({ file, alt }: { readonly file: string; readonly alt: string }) => ({ en: alt, zh: captions[file] ?? alt })

/** What is taken from a paper's README. */
export const keptPaper = (folder: string, name: string): PaperFile => readPaper(join(folder, name, 'paper.json')) ?? { figures: [] }

const commandOf = ({ method, preset, settings }: Section): string =>
  shellCommand([
    ...['npx', 'quire', 'run', method],
    ...(preset === 'small' ? [] : ['--preset', preset]),
    ...settingWords(settings ?? {}).flatMap((word) => ['--set', word]),
  ])
