import {
  bars,
  categoryOf,
  curve,
  type Figure,
  type FigureSeries,
  frontier,
  labelOf,
  type Results,
  type Text,
  unitsOf,
} from '../../experiment/index.ts'
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
    title: { en: 'Bits a byte of unseen answers, untuned and tuned in each way', zh: '未见答案的每字节比特数' },
    kind: 'bar',
    xLabel: { en: 'method', zh: '方法' },
    yLabel: bitsLabel,
    series: [bars(results, ['conala/zero-shot', ...shots.map((k) => `conala/icl-${k}`), 'conala/bm25-1', ...compared], 'bpb')],
    ariaDescription: {
      en: 'A bar for the untuned model, for examples in its prompt, and for each way to tune; shorter is better',
      zh: '未微调、提示示例与各种微调方法各一条；越短越好',
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
      en: 'A point for each method and seed: trained numbers to the right, bits a byte upwards',
      zh: '每种方法每个种子一点：横轴为可训练参数，纵轴为每字节比特数',
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
        return unit ? [[categoryOf(results, arm), unit.measurements[name] / 1e6] as const] : []
      }),
    })),
    ariaDescription: {
      en: 'For each method a bar of the weights, of the adapter with its gradients, of the optimizer and of activations',
      zh: '每种方法的权重、适配器与梯度、优化器、激活各一条',
    },
  },
]

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
    ariaDescription: {
      en: 'Points for one, two and three examples: length to the right, bits a byte upwards',
      zh: '一、二、三个示例的点：横轴长度，纵轴每字节比特数',
    },
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
    ariaDescription: { en: 'A curve for each method, from the first validation to the last', zh: '每种方法一条曲线，从首次验证到最后一次' },
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
      ariaDescription: {
        en: 'A line for LoRA and one for the small model, from one beam to ten',
        zh: 'LoRA 与小模型各一条线，从 1 个束到 10 个束',
      },
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
      en: 'Three bars: untuned, shuffled pairs, true pairs; shorter is better',
      zh: '三条：未微调、打乱配对、真实配对；越短越好',
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
