import { z } from 'zod'
import { verb } from '../method.ts'
import { exactMaxMargin, provesInseparable } from './exact.ts'
import { signExamples } from './examples.ts'
import { measuredFeatures, scaleOf } from './fit-plane.ts'
import { type MarginResult, maxMargin, separatorNames } from './max-margin.ts'
import { dataOptions, readExamples } from './own-examples.ts'
import { optionsOf, trainingOptions } from './training-options.ts'

interface Row extends Pick<MarginResult, 'method' | 'margin' | 'upperBound' | 'status' | 'learningRate'> {
  readonly relativeGap: number
  readonly seconds: number
}

export const compareVerb = verb({
  name: 'compare',
  summary: {
    en: 'Every method on the same two classes, beside the exact largest margin',
    zh: '在同样两类数据上比较所有方法与精确最大间隔',
  },
  options: z.object({ ...dataOptions, ...trainingOptions }),
  positional: 'data',
  example: 'quire prgd compare digits.csv --target class --positive 3 --negative 8 --steps 2000',
  async run({ options, log, progress }) {
    const own = await readExamples(options)
    const { z } = signExamples(measuredFeatures(own.x, scaleOf(own.x, options)), own.y, options)
    const best = exactMaxMargin(z)
    const rows: Row[] = []
    for (const [i, method] of separatorNames.entries()) {
      log(method)
      const begun = performance.now()
      const within = (done: number, total: number) => progress(i + done / total, separatorNames.length, method)
      const { margin, upperBound, status, learningRate } = await maxMargin(z, { ...optionsOf(options), method, progress: within })
      rows.push({
        method,
        margin,
        relativeGap: 1 - margin / best.margin,
        upperBound,
        status,
        learningRate,
        seconds: (performance.now() - begun) / 1000,
      })
    }
    const separable = !provesInseparable(best)
    const line = ({ method, margin, relativeGap, status, learningRate, seconds }: Row) =>
      [
        method.padEnd(13),
        margin.toExponential(4).padStart(11),
        (separable ? relativeGap.toExponential(1) : '–').padStart(9),
        String(learningRate ?? '–').padStart(4),
        `${seconds.toFixed(2)} s`.padStart(9),
        ` ${status}`,
      ].join('  ')
    return {
      lines: [
        separable ? `largest margin ${best.margin.toPrecision(10)}` : 'nothing separates these classes',
        ['method'.padEnd(13), 'margin'.padStart(11), 'gap'.padStart(9), 'rate'.padStart(4), 'time'.padStart(9), ' status'].join('  '),
        ...rows.map(line),
      ],
      json: { examples: own.y.length, features: own.x.shape[1], separable, largestMargin: best.margin, rows },
    }
  },
})
