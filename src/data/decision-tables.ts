import type { Draws } from './draws.ts'
import type { LocateOptions } from './locate.ts'
import type { Source } from './sources.ts'
import { loadTable, type SourcedTable } from './tables.ts'

/* Two tables on which decisions about people are studied. Where they are not to be had, rows with the same columns are drawn. */

/**
 * 45,211 calls of a bank, and whether the client subscribed.
 *
 * @example
 * bankSource.name // 'uci-bank-marketing'
 */
export const bankSource: Source = {
  name: 'uci-bank-marketing',
  folder: 'uci-bank-marketing',
  real: true,
  licence: 'CC BY 4.0 (S. Moro, P. Rita, P. Cortez, doi:10.24432/C5K306)',
  files: [
    { names: ['bank-full.csv'], urls: [], bytes: 3_706_094, sha256: 'b44507c26634736d4a0619ec2d7c4b6ff56a2c63cbeb5176d3134e7b25e416f0' },
  ],
}

/**
 * 7,214 defendants, and whether they were charged again within two years.
 *
 * @example
 * compasSource.name // 'compas-two-years'
 */
export const compasSource: Source = {
  name: 'compas-two-years',
  folder: 'compas-two-years',
  real: true,
  licence: 'public records, published by ProPublica in 2016',
  files: [
    {
      names: ['compas-two-years.csv'],
      urls: [],
      bytes: 407_749,
      sha256: '922b7810782552a60fa980a2b76a5f43f5fe0adca9c846d170e3499878b894f2',
    },
  ],
}

/**
 * Bank Marketing: numbers as they are, texts as 0/1 features, `unknown` as a level of its own; classes no and yes. Found, or generated with `real: false`.
 * @example
 * const { x, y, featureNames } = await loadBank()
 */
export const loadBank = (options: LocateOptions = {}): Promise<SourcedTable> =>
  loadTable(bankSource, { target: 'y' }, options, generateBank)

/**
 * COMPAS with ProPublica's filter of rows (6,172 of them), without the columns that COMPAS itself or the outcome wrote. Age, sex and race are protected
 * attributes: a set to study explanations on, not to decide by. Found, or generated with `real: false`.
 * @example
 * const { x, y, featureNames } = await loadCompas()
 */
export const loadCompas = (options: LocateOptions = {}): Promise<SourcedTable> =>
  loadTable(compasSource, { target: 'two_year_recid', drop: [...compasOutputs] }, options, generateCompas, screened)

const compasOutputs = ['days_b_screening_arrest', 'is_recid', 'decile_score', 'score_text'] as const

/** Arrests within 30 days of the screening, with a case, a charge that is no traffic offence, and a score. The file quotes nothing. */
function screened(text: string): string {
  const [header, ...lines] = text.split(/\r?\n/).filter(Boolean)
  const names = header.split(',')
  const [days, recid, degree, score] = ['days_b_screening_arrest', 'is_recid', 'c_charge_degree', 'score_text'].map((name) =>
    names.indexOf(name),
  )
  const kept = lines.filter((line) => {
    const cells = line.split(',')
    return (
      cells[days] !== '' && Math.abs(Number(cells[days])) <= 30 && cells[recid] !== '-1' && cells[degree] !== 'O' && cells[score] !== 'N/A'
    )
  })
  return `${[header, ...kept].join('\n')}\n`
}

const oneOf = (random: Draws, list: readonly string[]): string => list[random.integer(list.length)]

const yes = (random: Draws, score: number): boolean => random.uniform() < 1 / (1 + Math.exp(-score))

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Calls that succeed by their length, the time since the last one and the client's means, through a logistic law. */
function generateBank(random: Draws): string {
  const header = 'age,job,marital,education,default,balance,housing,loan,contact,day,month,duration,campaign,pdays,previous,poutcome,y'
  const lines = Array.from({ length: 8000 }, () => {
    const [age, balance, day, duration] = [
      18 + random.integer(60),
      random.integer(5000) - 500,
      1 + random.integer(28),
      random.integer(1200),
    ]
    const [campaign, pdays, previous] = [1 + random.integer(6), random.uniform() < 0.8 ? -1 : random.integer(400), random.integer(4)]
    const [housing, outcome] = [oneOf(random, ['yes', 'no']), oneOf(random, ['failure', 'success', 'other', 'unknown'])]
    const score = duration / 300 + balance / 4000 - campaign / 4 + (outcome === 'success' ? 1.5 : 0) - (housing === 'yes' ? 0.7 : 0) - 3
    const person = [oneOf(random, ['admin.', 'technician']), oneOf(random, ['married', 'single', 'divorced'])]
    const loans = [oneOf(random, ['primary', 'secondary', 'tertiary', 'unknown']), oneOf(random, ['yes', 'no']), balance, housing]
    const call = [oneOf(random, ['yes', 'no']), oneOf(random, ['cellular', 'telephone', 'unknown']), day, oneOf(random, months), duration]
    return [age, ...person, ...loans, ...call, campaign, pdays, previous, outcome, yes(random, score) ? 'yes' : 'no'].join(',')
  })
  return `${[header, ...lines].join('\n')}\n`
}

/** Defendants whose return follows from age and earlier charges through a logistic law. */
function generateCompas(random: Draws): string {
  const header =
    'age,age_cat,sex,race,juv_fel_count,juv_misd_count,juv_other_count,priors_count,c_charge_degree,days_b_screening_arrest,is_recid,decile_score,score_text,two_year_recid'
  const lines = Array.from({ length: 6000 }, () => {
    const [age, priors, juvenile] = [18 + random.integer(50), Math.floor(20 * random.uniform() ** 3), random.integer(3)]
    const group = age < 25 ? 'Less than 25' : age > 45 ? 'Greater than 45' : '25 - 45'
    const person = [oneOf(random, ['Male', 'Female']), oneOf(random, ['African-American', 'Caucasian', 'Hispanic', 'Other'])]
    const again = yes(random, priors / 5 + juvenile / 3 - (age - 18) / 15) ? 1 : 0
    return [
      age,
      group,
      ...person,
      juvenile,
      random.integer(2),
      random.integer(2),
      priors,
      oneOf(random, ['F', 'M']),
      0,
      again,
      5,
      'Low',
      again,
    ].join(',')
  })
  return `${[header, ...lines].join('\n')}\n`
}
