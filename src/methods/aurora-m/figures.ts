import {
  categoryOf,
  curve,
  type Figure,
  type FigureSeries,
  labelOf,
  type Results,
  type UnitRecord,
  unitsOf,
} from '../../experiment/index.ts'
import { frontierArm, frontierShares } from './arms.ts'
import { oldDomains } from './curriculum.ts'
import type { CurriculumDetails } from './curriculum-unit.ts'
import { groupInterval, type Interval, pooled, rateOf, wilson } from './safety/rates.ts'
import type { Group, SafetyDetails } from './safety/refusals.ts'

const main = ['curriculum/cap-cat', 'curriculum/replay', 'curriculum/naive']

const detailsOf = (unit: UnitRecord): CurriculumDetails => unit.details as CurriculumDetails
const safetyOf = (unit: UnitRecord): SafetyDetails => unit.details as SafetyDetails

const present = (results: Results, arms: readonly string[]): string[] => arms.filter((arm) => unitsOf(results, arm).length > 0)

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const bits = { en: 'bits per byte', zh: '比特/字节' } as const

/** The pages' pictures. */
export const figures = (results: Results): Figure[] => [
  ...curves(results),
  ...forgettingMatrix(results),
  ...frontier(results),
  ...mixtures(results),
  ...sentences(results),
  ...fertility(results),
  ...safetyBars(results),
  ...languageBars(results),
]

/** How each domain fares while training; the step at which CAP ends is in the title. */
function curves(results: Results): Figure[] {
  const arms = present(results, main)
  if (arms.length === 0) return []
  const [unit] = unitsOf(results, arms[0])
  const [first, second] = detailsOf(unit).mixture
  const boundary = second ? { en: ` (CAP ends after step ${first.steps})`, zh: `（CAP 止于第 ${first.steps} 步）` } : { en: '', zh: '' }
  const figure = (id: string, name: string, title: Figure['title']): Figure => ({
    id: `curve-${id}`,
    title: { en: title.en + boundary.en, zh: title.zh + boundary.zh },
    kind: 'line',
    xLabel: { en: 'step', zh: '步数' },
    yLabel: bits,
    series: arms.map((arm) => curve(results, arm, name, { within: [0, Number.POSITIVE_INFINITY] })),
    ariaDescription: {
      en: `${title.en}: bits per byte on the first windows of the test part, for the curriculum, one mixture, and new languages alone`,
      zh: `${title.zh}：课程、单一混合与只用新语言三者在测试集前部窗口上的比特/字节`,
    },
  })
  return [
    figure('eng', 'curveEng', { en: 'English while training', zh: '训练中的英语' }),
    figure('code', 'curveCode', { en: 'Code while training', zh: '训练中的代码' }),
    figure('new', 'curveNew', { en: 'The four new languages while training', zh: '训练中的四种新语言' }),
  ]
}

/** R[stage][domain] of the curriculum, the mean over seeds. */
function forgettingMatrix(results: Results): Figure[] {
  const units = unitsOf(results, 'curriculum/cap-cat')
  if (units.length === 0) return []
  const points = detailsOf(units[0]).stages.flatMap(({ stage, bitsPerByte }, row) =>
    Object.keys(bitsPerByte).map(
      (domain) => [domain, stage, average(units.map((unit) => detailsOf(unit).stages[row].bitsPerByte[domain]))] as const,
    ),
  )
  return [
    {
      id: 'matrix',
      title: { en: 'Bits per byte of each domain after each stage (less is better)', zh: '各阶段之后各领域的比特/字节（越小越好）' },
      kind: 'heatmap',
      xLabel: { en: 'domain', zh: '领域' },
      yLabel: { en: 'checkpoint', zh: '检查点' },
      series: [{ label: 'CAP, CAT', points }],
      ariaDescription: {
        en: 'The base model, the model after CAP and after CAT, on six domains: new languages fall at once, English and code stay where they were',
        zh: '基础模型、CAP 之后与 CAT 之后在六个领域上的表现：新语言立即下降，英语与代码基本不变',
      },
    },
  ]
}

const forgottenOf = ({ measurements: m }: UnitRecord): number => average([m.forgettingEng, m.forgettingCode])

/** What each arm gains in the new languages against what it forgets of the old. */
function frontier(results: Results): Figure[] {
  const base = (unit: UnitRecord) => average(['Fin', 'Hin', 'Jpn', 'Vie'].map((name) => unit.measurements[`gain${name}`]))
  const remedies = ['low-rate', 'anchor', 'average', 'rewarm', 'joint', 'lora', 'lisa'].map((name) => `curriculum/frontier/${name}`)
  const arms = present(results, [...main, 'curriculum/wrong-replay', ...frontierShares.map(frontierArm), ...remedies])
  if (arms.length === 0) return []
  const [averagedUnit] = unitsOf(results, 'curriculum/frontier/average')
  const line = averagedUnit ? detailsOf(averagedUnit).line : undefined
  const start = line?.find(({ alpha }) => alpha === 1)?.bitsPerByte
  const along: FigureSeries[] =
    line && start
      ? [
          {
            label: { en: 'from the new model to the base', zh: '从新模型到基础模型' },
            points: line.map(({ bitsPerByte }) => [
              average(oldDomains.map((domain) => bitsPerByte[domain] - start[domain])),
              average(['fin', 'hin', 'jpn', 'vie'].map((domain) => start[domain] - bitsPerByte[domain])),
            ]),
          },
        ]
      : []
  return [
    {
      id: 'frontier',
      title: { en: 'Gain in new languages against forgetting of the old', zh: '新语言的收益与旧知识的遗忘' },
      kind: 'scatter',
      xLabel: { en: 'forgetting of English and code, bits per byte', zh: '英语与代码的遗忘（比特/字节）' },
      yLabel: { en: 'gain in new languages, bits per byte', zh: '新语言的收益（比特/字节）' },
      series: [
        ...arms.map((arm) => ({
          label: labelOf(results, arm),
          points: unitsOf(results, arm).map((unit) => [forgottenOf(unit), base(unit)] as const),
        })),
        ...along,
      ],
      ariaDescription: { en: 'Each point is a trained model; up and to the left is better', zh: '每个点是一个训练好的模型，左上更好' },
    },
  ]
}

/** What each stage reads. */
function mixtures(results: Results): Figure[] {
  const rows = present(results, main).flatMap((arm) => {
    const { mixture } = detailsOf(unitsOf(results, arm)[0])
    return mixture.map(({ name, weights }) => ({ name: mixture.length > 1 ? name : categoryOf(results, arm), weights }))
  })
  if (rows.length === 0) return []
  const domains = [...new Set(rows.flatMap(({ weights }) => Object.keys(weights)))]
  return [
    {
      id: 'mixture',
      title: { en: 'What each stage reads', zh: '各阶段读取的内容' },
      kind: 'bar',
      xLabel: { en: 'stage', zh: '阶段' },
      yLabel: { en: 'share of the windows', zh: '窗口比例' },
      series: domains.map((domain) => ({ label: domain, points: rows.map(({ name, weights }) => [name, weights[domain] ?? 0] as const) })),
      ariaDescription: { en: 'The share of each domain in each stage', zh: '每个阶段中各领域的比例' },
    },
  ]
}

/** Bits for one sentence: the same sentences in all languages. */
function sentences(results: Results): Figure[] {
  const arms = present(results, main)
  if (arms.length === 0) return []
  const languages = Object.keys(detailsOf(unitsOf(results, arms[0])[0]).bitsPerSentence)
  return [
    {
      id: 'sentences',
      title: { en: 'Bits for a sentence: the same sentences in each language', zh: '每句的比特数（各语言为同样的句子）' },
      kind: 'bar',
      xLabel: { en: 'language', zh: '语言' },
      yLabel: { en: 'bits a sentence', zh: '比特/句' },
      series: arms.map((arm) => ({
        label: labelOf(results, arm),
        points: languages.map(
          (language) => [language, average(unitsOf(results, arm).map((unit) => detailsOf(unit).bitsPerSentence[language]))] as const,
        ),
      })),
      ariaDescription: { en: 'Bits that a sentence of the news takes in each language', zh: '每种语言中一句新闻所需的比特数' },
    },
  ]
}

/** What each language costs by bytes. */
function fertility(results: Results): Figure[] {
  const found = unitsOf(results, 'curriculum/cap-cat').find((unit) => detailsOf(unit).tokensPerCharacter)
  if (!found) return []
  return [
    {
      id: 'fertility',
      title: { en: 'Tokens that a character costs, where each byte is one', zh: '每个字符的词元数（每字节为一个词元）' },
      kind: 'bar',
      xLabel: { en: 'domain', zh: '领域' },
      yLabel: { en: 'tokens a character', zh: '词元/字符' },
      series: [{ label: 'UTF-8', points: Object.entries(detailsOf(found).tokensPerCharacter!) }],
      ariaDescription: {
        en: 'Hindi and Japanese cost nearly three tokens a character, English one',
        zh: '印地语与日语每个字符近三个词元，英语一个',
      },
    },
  ]
}

const groupNames: readonly (readonly [Group, Figure['title']])[] = [
  ['restricted', { en: 'restricted', zh: '受限' }],
  ['restrictedTrained', { en: 'restricted, trained templates', zh: '受限（训练模板）' }],
  ['allowed', { en: 'allowed', zh: '允许' }],
  ['allowedTrained', { en: 'allowed, trained templates', zh: '允许（训练模板）' }],
  ['lookAlikes', { en: 'look-alikes', zh: '近似词' }],
  ['heldLookAlikes', { en: 'look-alikes outside the contrast set', zh: '对照集以外的近似词' }],
]

/** Refusals of a group, pooled over seeds: the rate, and the wider of Wilson's interval and that over objects. */
export function refusalRate(units: readonly UnitRecord[], group: Group): { rate: number; interval: Interval } {
  const counts = units.flatMap((unit) => Object.values(safetyOf(unit).refusals[group]))
  const all = pooled(counts)
  const [one, other] = [wilson(all), groupInterval(counts)]
  return { rate: rateOf(all), interval: [Math.min(one[0], other[0]), Math.max(one[1], other[1])] }
}

function safetyBars(results: Results): Figure[] {
  const arms = present(
    results,
    results.arms.filter(({ id }) => id.startsWith('safety/') && id !== 'safety/refuse-all').map(({ id }) => id),
  )
  if (arms.length === 0) return []
  const seriesOf = (arm: string): FigureSeries => {
    const found = groupNames.map(([group, name]) => ({ name: name.en, ...refusalRate(unitsOf(results, arm), group) }))
    return {
      label: labelOf(results, arm),
      points: found.map(({ name, rate }) => [name, rate] as const),
      band: found.map(({ name, interval: [low, high] }) => [name, low, high] as const),
    }
  }
  return [
    {
      id: 'safety',
      title: { en: 'Refusals, pooled over seeds', zh: '拒绝率（合并各种子）' },
      kind: 'bar',
      xLabel: { en: 'objects asked about', zh: '所问的对象' },
      yLabel: { en: 'share refused', zh: '拒绝比例' },
      series: arms.map(seriesOf),
      ariaDescription: {
        en: 'The share of questions that is refused, for restricted, allowed and look-alike objects; whiskers are the wider of Wilson’s interval and one over objects',
        zh: '受限、允许与近似对象的拒绝比例；须线取 Wilson 区间与按对象重抽样区间中较宽者',
      },
    },
  ]
}

/** The gap between languages, where it was asked for. */
function languageBars(results: Results): Figure[] {
  const units = unitsOf(results, 'safety/instructions')
  const languages = Object.keys(units[0] ? safetyOf(units[0]).languages : {})
  if (languages.length < 2) return []
  const found = languages.map((language) => {
    const all = pooled(units.map((unit) => safetyOf(unit).languages[language]))
    return { language, rate: rateOf(all), interval: wilson(all) }
  })
  return [
    {
      id: 'safety-languages',
      title: { en: 'Refusals of restricted objects, by the language of the question', zh: '按提问语言的受限对象拒绝率' },
      kind: 'bar',
      xLabel: { en: 'language', zh: '语言' },
      yLabel: { en: 'share refused', zh: '拒绝比例' },
      series: [
        {
          label: labelOf(results, 'safety/instructions'),
          points: found.map(({ language, rate }) => [language, rate] as const),
          band: found.map(({ language, interval: [low, high] }) => [language, low, high] as const),
        },
      ],
      ariaDescription: {
        en: 'Instructions were English alone; other languages show how far refusals carry over',
        zh: '指令只有英语；其他语言显示拒绝能迁移多远',
      },
    },
  ]
}
