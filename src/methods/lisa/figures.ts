import { curve, type Figure, type FigureSeries, type Results, summarize, type Text, unitOf, unitsOf } from '../../experiment/index.ts'
import { tuningArm } from './arms.ts'
import { extrapolation } from './extrapolation.ts'
import { type NormDefinition, normDefinitions, skew } from './layer-norms.ts'
import type { TuningDetails } from './tuning-unit.ts'

const detailsOf = (results: Results, arm: string): TuningDetails | undefined =>
  unitsOf(results, arm)[0]?.details as TuningDetails | undefined

const has = (results: Results, ...arms: string[]): boolean => arms.every((arm) => unitsOf(results, arm).length > 0)

/** Differences of the bits a byte of two arms, seed by seed. */
function differences(results: Results, a: string, b: string): number[] {
  return unitsOf(results, a).flatMap((unit) => {
    const other = unitOf(results, b, unit.seed)
    return other ? [unit.measurements.bpb - other.measurements.bpb] : []
  })
}

/** What the paper's own idea did here: the interval of LISA minus fixed blocks. */
function resamplingTitle(values: readonly number[]): Text {
  const { mean, ci95 } = summarize(values)
  const [low, high] = ci95 ?? [mean, mean]
  if (high < 0)
    return { en: 'Re-sampling helped here: LISA minus two random blocks that stay', zh: '此处重新抽样有帮助：LISA 减去固定的两个随机块' }
  if (low > 0)
    return { en: 'Re-sampling hurt here: LISA minus two random blocks that stay', zh: '此处重新抽样有害：LISA 减去固定的两个随机块' }
  return {
    en: 'Re-sampling made no difference here: LISA minus two random blocks that stay',
    zh: '此处重新抽样没有差别：LISA 减去固定的两个随机块',
  }
}

/** LISA against what claims leave out, each seed paired: fixed blocks first. */
function comparisons(results: Results): Figure[] {
  const lisa = tuningArm('far', 'lisa')
  const rivals = ['static', 'lora-ends', 'lora', 'ends', 'full'].filter((name) => has(results, lisa, tuningArm('far', name)))
  if (!rivals.includes('static')) return []
  const summaries = rivals.map((name) => ({ name, ...summarize(differences(results, lisa, tuningArm('far', name))) }))
  const title = resamplingTitle(differences(results, lisa, tuningArm('far', 'static')))
  return [
    {
      id: 'comparisons',
      title: { en: `${title.en}; and minus the others`, zh: `${title.zh}；以及减去其他方法` },
      kind: 'bar',
      xLabel: { en: 'compared with', zh: '比较对象' },
      yLabel: { en: 'difference, bits a byte (below 0: LISA is better)', zh: '差，比特/字节（低于 0：LISA 更好）' },
      series: [
        {
          label: { en: 'LISA minus the other', zh: 'LISA 减去对方' },
          points: summaries.map(({ name, mean }) => [name, mean] as const),
          band: summaries.flatMap(({ name, ci95 }) => (ci95 ? [[name, ci95[0], ci95[1]] as const] : [])),
        },
      ],
      ariaDescription: {
        en: 'Paired differences of the far shift with 95 % intervals, fixed blocks first',
        zh: '远迁移的配对差异及 95 % 区间，固定块在最前',
      },
    },
  ]
}

const arms = ['lisa', 'static', 'full', 'lora', 'lora-ends', 'ends', 'frozen-ends'] as const

function curves(results: Results, shift: 'far' | 'near'): Figure[] {
  const shown = arms.map((name) => tuningArm(shift, name)).filter((arm) => has(results, arm))
  if (shown.length < 2) return []
  const [en, zh] = shift === 'far' ? ['Vietnamese news', '越南语新闻'] : ['Python answers', 'Python 问答']
  return [
    {
      id: `curves-${shift}`,
      title: { en: `${en}: bits a byte while tuning`, zh: `${zh}：微调过程中的比特/字节` },
      kind: 'line',
      xLabel: { en: 'step', zh: '步' },
      yLabel: { en: 'bits a byte', zh: '比特/字节' },
      series: shown.map((arm) => ({ ...curve(results, arm, 'curve', { within: [0, Number.POSITIVE_INFINITY] }), seeds: undefined })),
      ariaDescription: {
        en: 'Test bits a byte against steps; methods that train the embedding fall fastest on the far shift',
        zh: '测试比特/字节随步数变化；远迁移下训练嵌入的方法下降最快',
      },
    },
  ]
}

/** Which block trained when. */
function schedule(results: Results): Figure[] {
  const details = detailsOf(results, tuningArm('far', 'lisa'))
  if (!details?.schedule.length) return []
  const blocks = [...new Set(details.schedule.flatMap(({ active }) => active))].sort((a, b) => a - b)
  return [
    {
      id: 'schedule',
      title: { en: 'Which block trained when (first seed)', zh: '各块何时训练（第一个种子）' },
      kind: 'heatmap',
      xLabel: { en: 'first step of the interval', zh: '区间的第一步' },
      yLabel: { en: 'block', zh: '块' },
      series: [
        {
          label: { en: 'active', zh: '激活' },
          points: details.schedule.flatMap(({ step, active }) =>
            blocks.map((block) => [String(step), String(block), active.includes(block) ? 1 : 0] as const),
          ),
        },
      ],
      ariaDescription: { en: 'In each interval two of the blocks are active, drawn at random', zh: '每个区间随机激活两个块' },
    },
  ]
}

/** Memory of processes, measured and planned. */
function memory(results: Results): Figure[] {
  const ways = ['full', 'lisa', 'lora'].filter((name) => has(results, `process/${name}`))
  if (ways.length === 0) return []
  const sizes = Object.keys(unitsOf(results, `process/${ways[0]}`)[0].measurements).flatMap(
    (name) => /^processMiB-(\d+)$/.exec(name)?.[1] ?? [],
  )
  const series = (what: 'processMiB' | 'plannedMiB', label: Text): FigureSeries => ({
    label,
    points: ways.flatMap((way) =>
      sizes.map((size) => [`${way} ${size}`, unitsOf(results, `process/${way}`)[0].measurements[`${what}-${size}`]] as const),
    ),
  })
  return [
    {
      id: 'memory',
      title: { en: 'Memory of a process that tunes, above that of a tiny model', zh: '微调进程的内存（高出微型模型的部分）' },
      kind: 'bar',
      xLabel: { en: 'method and width', zh: '方法与宽度' },
      yLabel: 'MiB',
      series: [series('processMiB', { en: 'measured', zh: '实测' }), series('plannedMiB', { en: 'planned', zh: '预测' })],
      ariaDescription: {
        en: 'Full tuning takes most at every width, LISA and LoRA about half of it',
        zh: '任何宽度下全量微调占用最多，LISA 与 LoRA 约为一半',
      },
    },
  ]
}

const definitionLabels: Record<NormDefinition, Text> = {
  weights: { en: 'weights', zh: '权重' },
  update: { en: 'change of the weights', zh: '权重的变化' },
  adapter: { en: 'adapter', zh: '适配器' },
}

/** The observation that the paper starts from, under each reading of it. */
function norms(results: Results): Figure[] {
  const ways = ['lora', 'full', 'lisa'].filter((name) => has(results, tuningArm('far', name)))
  if (ways.length === 0) return []
  return normDefinitions
    .filter((definition) => definition !== 'adapter')
    .map((definition) => ({
      id: `norms-${definition}`,
      title: {
        en: `Norm of the ${definitionLabels[definition].en} by layer, mean over steps`,
        zh: `各层${definitionLabels[definition].zh}的范数（各步平均）`,
      },
      kind: 'line' as const,
      xLabel: { en: 'layer (0: embedding, last: norm and head)', zh: '层（0：嵌入，末：归一化与输出头）' },
      yLabel: { en: 'norm', zh: '范数' },
      series: ways.map((way) => {
        const values = detailsOf(results, tuningArm('far', way))!.layerNorms[definition]
        return {
          label: { en: `${way}, largest over median ${skew(values).toFixed(1)}`, zh: `${way}，最大/中位 ${skew(values).toFixed(1)}` },
          points: values.map((value, layer) => [layer, value] as const),
        }
      }),
      ariaDescription: { en: 'The norm of each layer, for LoRA, full tuning and LISA', zh: 'LoRA、全量微调与 LISA 各层的范数' },
    }))
}

/** What was lost of what the base knew. */
function forgetting(results: Results): Figure[] {
  const shown = arms.filter((name) => has(results, tuningArm('far', name)))
  if (shown.length < 2) return []
  const series = (key: 'forgettingEnglish' | 'forgettingCode', label: Text): FigureSeries => ({
    label,
    points: shown.map(
      (name) => [name, summarize(unitsOf(results, tuningArm('far', name)).map(({ measurements }) => measurements[key])).mean] as const,
    ),
  })
  return [
    {
      id: 'forgetting',
      title: { en: 'What was forgotten while tuning to Vietnamese', zh: '调到越南语时遗忘了多少' },
      kind: 'bar',
      xLabel: { en: 'method', zh: '方法' },
      yLabel: { en: 'added bits a byte', zh: '增加的比特/字节' },
      series: [series('forgettingEnglish', { en: 'English', zh: '英语' }), series('forgettingCode', { en: 'code', zh: '代码' })],
      ariaDescription: {
        en: 'Bits a byte on English and on code after tuning, minus those before',
        zh: '微调后英语与代码的比特/字节减去微调前',
      },
    },
  ]
}

/** Settings of a sweep, or rates of the search. */
function settings(results: Results): Figure[] {
  const shown = results.arms.filter(({ id }) => id.includes('=') || id.startsWith('far/lisa/'))
  if (shown.length === 0 || !shown.some(({ id }) => has(results, id))) return []
  const name = shown[0].id.includes('rate=') ? 'validationBpb' : 'bpb'
  return [
    {
      id: 'settings',
      title: { en: 'Bits a byte by setting', zh: '各设置的比特/字节' },
      kind: 'bar',
      xLabel: { en: 'setting', zh: '设置' },
      yLabel: {
        en: name === 'bpb' ? 'bits a byte, test' : 'bits a byte, validation',
        zh: name === 'bpb' ? '测试比特/字节' : '验证比特/字节',
      },
      series: [
        {
          label: { en: 'bits a byte', zh: '比特/字节' },
          points: shown.flatMap(({ id }) => unitsOf(results, id).map(({ measurements }) => [id, measurements[name]] as const)),
        },
      ],
      ariaDescription: { en: 'One bar for each setting that was tried', zh: '每个设置一根柱' },
    },
  ]
}

export const figures = (results: Results): readonly Figure[] => [
  ...comparisons(results),
  ...curves(results, 'far'),
  ...curves(results, 'near'),
  ...settings(results),
  ...schedule(results),
  ...memory(results),
  ...extrapolation(results),
  ...norms(results),
  ...forgetting(results),
]
