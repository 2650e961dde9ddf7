import { bars, curve, type Figure, type FigureSeries, frontier, type Results, type Text, unitsOf } from '../../experiment/index.ts'
import { ranks } from './answers.ts'
import { labels, rivals, shots } from './arms.ts'
import { type RateName, rateNames } from './config.ts'

const bitsLabel: Text = { en: 'bits a byte of the answers', zh: '答案每字节的比特数' }

/** What is compared on CoNaLa, the best known first. */
const compared = ['full', 'lora-all', 'lora', 'nf4', 'slm', ...rivals].map((name) => `conala/${name}`)

/** What a run shows: of one that chooses learning rates these, of the others the comparison. */
export function figures(results: Results): Figure[] {
  if (results.arms.some(({ id }) => id.startsWith('tune/'))) return [ratesFigure(results)]
  return [qualityFigure, sizeFigure, memoryFigure, shotsFigure, validationFigure, ranksFigure, pairsFigure].flatMap((draw) => draw(results))
}

const qualityFigure = (results: Results): Figure[] => [
  {
    id: 'quality',
    title: { en: 'Bits a byte of 250 unseen answers, untuned and tuned in each way', zh: '250 个未见答案的每字节比特数' },
    kind: 'bar',
    xLabel: { en: 'method', zh: '方法' },
    yLabel: bitsLabel,
    series: [bars(results, ['conala/zero-shot', ...shots.map((k) => `conala/icl-${k}`), 'conala/bm25-1', ...compared], 'bpb')],
    ariaDescription: {
      en: 'The untuned model and examples in its prompt need the most bits, the model with all weights tuned the fewest; LoRA lies between',
      zh: '未微调与提示示例所需比特最多，全参数微调最少，LoRA 居中',
    },
  },
]

const sizeFigure = (results: Results): Figure[] => [
  {
    id: 'trained',
    title: { en: 'Quality against how many numbers are trained', zh: '质量与可训练参数量' },
    kind: 'scatter',
    xLabel: { en: 'trained numbers', zh: '可训练参数' },
    yLabel: bitsLabel,
    xScale: 'log',
    series: frontier(results, compared, 'trainable', 'bpb'),
    ariaDescription: {
      en: 'More trained numbers, fewer bits: prompts at one end, all weights at the other',
      zh: '训练的参数越多，比特越少',
    },
  },
]

const parts = {
  weightBytes: { en: 'weights', zh: '权重' },
  adapterBytes: { en: 'adapter and gradients', zh: '适配器与梯度' },
  optimizerBytes: { en: 'optimizer', zh: '优化器' },
  activationBytes: { en: 'activations (estimate)', zh: '激活（估计）' },
} as const

const memoryFigure = (results: Results): Figure[] => [
  {
    id: 'memory',
    title: { en: 'What training takes, in megabytes', zh: '训练所需内存（MB）' },
    kind: 'bar',
    xLabel: { en: 'method', zh: '方法' },
    yLabel: 'MB',
    series: (Object.keys(parts) as (keyof typeof parts)[]).map((name) => ({
      label: parts[name],
      points: compared.flatMap((arm) => {
        const [unit] = unitsOf(results, arm)
        return unit ? [[labelOf(results, arm), unit.measurements[name] / 1e6] as const] : []
      }),
    })),
    ariaDescription: {
      en: 'At this size activations are nearly all; adapters save the optimizer’s share, NF4 that of the weights',
      zh: '此规模下激活占绝大部分；适配器节省优化器，NF4 节省权重',
    },
  },
]

const labelOf = ({ arms }: Results, id: string): string => arms.find((arm) => arm.id === id)?.label ?? id

const shotsFigure = (results: Results): Figure[] => [
  {
    id: 'shots',
    title: { en: 'Examples in the prompt of the untuned model, three draws each', zh: '未微调模型的提示示例（各三次抽样）' },
    kind: 'scatter',
    xLabel: { en: 'bytes before the answer, on average', zh: '答案之前的平均字节数' },
    yLabel: bitsLabel,
    series: frontier(
      results,
      shots.map((k) => `conala/icl-${k}`),
      'promptTokens',
      'bpb',
    ),
    ariaDescription: { en: 'Each example makes the prompt longer by more than a hundred bytes', zh: '每个示例使提示增加一百多字节' },
  },
]

const validationFigure = (results: Results): Figure[] => [
  {
    id: 'validation',
    title: { en: 'Validation while training', zh: '训练过程中的验证' },
    kind: 'line',
    xLabel: { en: 'step', zh: '步' },
    yLabel: bitsLabel,
    series: compared.map((arm) => curve(results, arm, 'validation')),
    ariaDescription: { en: 'All fall; those that train more numbers fall faster', zh: '全部下降；训练参数越多下降越快' },
  },
]

function ranksFigure(results: Results): Figure[] {
  const series = ['conala/lora', 'conala/slm'].flatMap((arm): FigureSeries[] => {
    const unit = unitsOf(results, arm).find(({ measurements }) => measurements.em1 !== undefined)
    return unit ? [{ label: labelOf(results, arm), points: ranks.map((k) => [k, 100 * unit.measurements[`em${k}`]] as const) }] : []
  })
  if (series.length === 0) return []
  return [
    {
      id: 'ranks',
      title: { en: 'Answers that are right to the letter among the first k beams (%)', zh: '前 k 个束中逐字正确的答案（%）' },
      kind: 'line',
      xLabel: 'k',
      yLabel: 'EM@k',
      series,
      ariaDescription: { en: 'At this size next to nothing is right to the letter', zh: '此规模下几乎没有逐字正确的答案' },
    },
  ]
}

const pairsFigure = (results: Results): Figure[] => [
  {
    id: 'pairs',
    title: { en: 'LoRA on true pairs, and on pairs whose answers changed places', zh: 'LoRA：真实配对与打乱配对' },
    kind: 'bar',
    xLabel: { en: 'trained on', zh: '训练数据' },
    yLabel: bitsLabel,
    series: [bars(results, ['conala/zero-shot', 'conala/shuffled', 'conala/lora'], 'bpb')],
    ariaDescription: {
      en: 'Nearly all that is gained is gained without the right questions: this measure sees the style of answers',
      zh: '绝大部分收益无需正确的问题：该指标主要反映答案的风格',
    },
  },
]

/** Validation by learning rate, of a run that chooses them. */
function ratesFigure(results: Results): Figure {
  const series = rateNames.map((name: RateName) => ({
    label: labels[name],
    points: results.units
      .filter(({ arm }) => arm.startsWith(`tune/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}/`))
      .map(({ measurements }) => [measurements.learningRate, measurements.validation] as const)
      .sort(([a], [b]) => a - b),
  }))
  return {
    id: 'rates',
    title: { en: 'Validation by learning rate, three for each method', zh: '各方法三个学习率下的验证结果' },
    kind: 'line',
    xLabel: { en: 'learning rate', zh: '学习率' },
    yLabel: bitsLabel,
    xScale: 'log',
    series,
    ariaDescription: { en: 'Each method has a curve of three points', zh: '每种方法三个点' },
  }
}
