import { type Figure, labelOf, type Results, unitsOf } from '../../experiment/index.ts'
import { armOf, comparedRules } from './arms.ts'
import type { Config } from './config.ts'
import { digitPairs, type GapAtRate } from './digits-unit.ts'

const meanLog = (gaps: readonly number[]): number => gaps.reduce((sum, gap) => sum + Math.log10(gap), 0) / gaps.length

/** What the digits show beside the curves. */
export const digitsFigures = (results: Results): Figure[] => [rivalsFigure(results), ratesFigure(results), accuracyFigure(results)]

/** The decimal places of the margin that each rule gets right on each pair, with the larger budget. */
function rivalsFigure(results: Results): Figure {
  const { digits } = results.config as { digits: Config['digits'] }
  const pairs = digitPairs.slice(0, digits.pairs).map((pair) => pair.join('-'))
  const places = (arm: string, pair: string): number =>
    -meanLog(unitsOf(results, arm).map(({ measurements }) => measurements[`gap${digits.longSteps}-${pair}`]))
  return {
    id: 'rivals',
    title: {
      en: `Digits: decimal places of the largest margin after ${digits.longSteps} steps, each rule at its best learning rate`,
      zh: `手写数字：${digits.longSteps} 步后最大间隔的正确位数（各方法取最佳步长）`,
    },
    kind: 'bar',
    xLabel: { en: 'pair of digits', zh: '数字对' },
    yLabel: { en: '−log₁₀ of the relative gap', zh: '相对间隔差的 −log₁₀' },
    series: comparedRules.map((rule) => ({
      label: labelOf(results, armOf('digits', rule)),
      points: pairs.map((pair) => [pair, places(armOf('digits', rule), pair)] as const),
    })),
    ariaDescription: {
      en: 'Dual momentum has the most places on every pair, PRGD the second most, gradient descent none',
      zh: '对偶动量在每一对上位数最多，PRGD 次之，梯度下降几乎没有',
    },
  }
}

/** What each rule comes to at one learning rate for all pairs: at 1 the rules hardly differ. */
function ratesFigure(results: Results): Figure {
  const { digits } = results.config as { digits: Config['digits'] }
  const gapsOf = (arm: string, rate: number): number[] =>
    unitsOf(results, arm)
      .flatMap(({ details }) => (details as { byRate: readonly GapAtRate[] }).byRate)
      .filter(({ steps, learningRate }) => steps === digits.longSteps && learningRate === rate)
      .map(({ gap }) => gap)
  return {
    id: 'rates',
    title: {
      en: `Digits: relative gap after ${digits.longSteps} steps by learning rate, geometric mean over the pairs`,
      zh: `手写数字：${digits.longSteps} 步后相对间隔差随步长的变化（各数字对的几何平均）`,
    },
    kind: 'line',
    xLabel: { en: 'learning rate η', zh: '步长 η' },
    yLabel: { en: 'relative gap', zh: '相对间隔差' },
    xScale: 'log',
    yScale: 'log',
    series: comparedRules.map((rule) => ({
      label: labelOf(results, armOf('digits', rule)),
      points: digits.learningRates.map((rate) => [rate, 10 ** meanLog(gapsOf(armOf('digits', rule), rate))] as const),
    })),
    ariaDescription: {
      en: 'At a learning rate of 1 PRGD and normalized gradient descent come to about the same; the larger the rate, the farther PRGD leads. A rule that diverges has no point there.',
      zh: '步长为 1 时 PRGD 与归一化梯度下降相近；步长越大，PRGD 领先越多。发散处没有点。',
    },
  }
}

/** Whether a larger margin is worth anything on examples that were held back. */
function accuracyFigure(results: Results): Figure {
  const { digits } = results.config as { digits: Config['digits'] }
  const units = comparedRules.flatMap((rule) => unitsOf(results, armOf('digits', rule)))
  return {
    id: 'accuracy',
    title: {
      en: 'Digits: test accuracy against the gap, all rules, seeds and budgets',
      zh: '手写数字：测试准确率与间隔差（全部方法、种子与步数）',
    },
    kind: 'scatter',
    xLabel: { en: 'relative gap', zh: '相对间隔差' },
    yLabel: { en: 'test accuracy', zh: '测试准确率' },
    xScale: 'log',
    series: digitPairs.slice(0, digits.pairs).map((pair) => {
      const name = pair.join('-')
      const points = units.flatMap(({ measurements }) =>
        [digits.steps, digits.longSteps].map(
          (steps) => [measurements[`gap${steps}-${name}`], measurements[`accuracy${steps}-${name}`]] as const,
        ),
      )
      return { label: name, points }
    }),
    ariaDescription: {
      en: 'No pair rises towards small gaps: more margin does not make more digits right, on 3-8 and 1-8 rather a few fewer',
      zh: '没有一对数字随间隔差减小而上升：更大的间隔并不提高准确率，3-8 与 1-8 反而略降',
    },
  }
}
