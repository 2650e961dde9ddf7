import { type CsvOptions, parseCsv, type Table } from './csv.ts'
import { type Draws, draws, seedKey, uses } from './draws.ts'
import { decodeText, sha256 } from './files.ts'
import { type LocateOptions, locate } from './locate.ts'
import { adultHeader, adultSource, type Provenance, type Source, wdbcHeader, wdbcSource } from './sources.ts'

/* Two real tables, one of measurements and one of mixed columns. Where they are not to be had, rows with the same columns are drawn. */

export type SourcedTable = Table & { readonly provenance: Provenance }

/**
 * Breast Cancer Wisconsin (Diagnostic): 569 rows, 30 measurements (x is not standardised; see `standardize`), classes B (benign) and M (malignant).
 * Found, or generated with `real: false`, as by `loadMnist`.
 * @example
 * const { x, y, classes, provenance } = await loadWdbc()
 */
export const loadWdbc = (options: LocateOptions = {}): Promise<SourcedTable> =>
  loadTable(wdbcSource, { target: 'diagnosis', drop: ['id'] }, options, generateWdbc)

/**
 * Adult: 32,561 people, income `<=50K` or `>50K`; numbers as they are, texts as 0/1 features, '?' as a level of its own. The census weight and the
 * textual double of `education_num` are left out. Found, or generated with `real: false`, as by `loadMnist`.
 * @example
 * const { x, y, featureNames } = await loadAdult()
 */
export const loadAdult = (options: LocateOptions = {}): Promise<SourcedTable> =>
  loadTable(adultSource, { target: 'income', drop: ['fnlwgt', 'education'], missingValues: [''] }, options, generateAdult)

/** A table from where its source is found, or generated; `select` leaves out rows of its text. */
export async function loadTable(
  source: Source,
  csv: CsvOptions,
  options: LocateOptions,
  generate: (random: Draws) => string,
  select: (text: string) => string = (text) => text,
): Promise<SourcedTable> {
  const found = await locate(source, options)
  if (found) {
    const where = `${found.provenance.source}: ${source.files[0].names[0]}`
    return { ...(await parseCsv(select(decodeText(found.contents[0], where)), { ...csv, where })), provenance: found.provenance }
  }
  options.log?.(`${source.name}: not available; rows are generated instead (real: false)`)
  const text = generate(draws(seedKey(0, uses.tables)))
  const sum = sha256(new TextEncoder().encode(text))
  const provenance = { name: `generated-${source.name}`, real: false, source: `rows drawn like ${source.name}, seed 0`, sha256: sum }
  return { ...(await parseCsv(select(text), csv)), provenance }
}

/** Positive, correlated measurements: one hidden severity moves them all, each in its own measure, and decides the diagnosis with some noise. */
function generateWdbc(random: Draws): string {
  const columns = wdbcHeader
    .slice(2)
    .map(() => ({ scale: 10 ** random.uniform(-2, 2), loading: random.uniform(0, 0.35), spread: random.uniform(0.1, 0.3) }))
  const lines = Array.from({ length: 569 }, (_, i) => {
    const severity = random.normal()
    const values = columns.map(({ scale, loading, spread }) => scale * Math.exp(loading * severity + spread * random.normal()))
    return [900_000 + i, severity + 0.25 * random.normal() > 0.32 ? 'M' : 'B', ...values.map((value) => value.toPrecision(4))].join(',')
  })
  return `${[wdbcHeader.join(','), ...lines].join('\n')}\n`
}

const groups = {
  workclass: ['Private', 'Self-emp-not-inc', 'Local-gov', '?'],
  marital: ['Married-civ-spouse', 'Never-married', 'Divorced', 'Widowed'],
  occupation: ['Exec-managerial', 'Craft-repair', 'Sales', 'Adm-clerical', 'Other-service', '?'],
  relationship: ['Husband', 'Not-in-family', 'Own-child', 'Wife'],
  race: ['White', 'Black', 'Asian-Pac-Islander', 'Other'],
  sex: ['Male', 'Female'],
  country: ['United-States', 'Mexico', 'Philippines', '?'],
} as const

/** People whose income follows from age, education, hours, marriage and work through a logistic law. */
function generateAdult(random: Draws): string {
  // The first entries are the commonest, as in the census.
  const pick = (list: readonly string[]) => list[Math.floor(list.length * random.uniform() ** 2)]
  const lines = Array.from({ length: 8000 }, () => {
    const [age, education, hours] = [17 + random.integer(60), 1 + random.integer(16), 10 + random.integer(60)]
    const gain = random.uniform() < 0.08 ? 1000 + random.integer(20_000) : 0
    const [work, marital, occupation] = [pick(groups.workclass), pick(groups.marital), pick(groups.occupation)]
    const score =
      0.03 * (age - 40) + 0.3 * (education - 10) + 0.03 * (hours - 40) + gain / 5000 + (marital === 'Married-civ-spouse' ? 1.4 : -0.8) - 1.5
    const rich = random.uniform() < 1 / (1 + Math.exp(-score - (occupation === 'Exec-managerial' ? 0.8 : 0)))
    const person = [pick(groups.relationship), pick(groups.race), pick(groups.sex)]
    const fields = [
      age,
      work,
      100_000,
      `level-${education}`,
      education,
      marital,
      occupation,
      ...person,
      gain,
      0,
      hours,
      pick(groups.country),
    ]
    return [...fields, rich ? '>50K' : '<=50K'].join(',')
  })
  return `${[adultHeader.join(','), ...lines].join('\n')}\n`
}
