import type { Figure } from '../../experiment/index.ts'
import { drawFigures } from '../../experiment/report/draw.ts'
import { scoresOf } from './exact.ts'
import type { FittedPlane } from './fit-plane.ts'

/** Pictures of a fit, as SVG in English: where the examples lie, and how the margin came to be. */
export async function fitPictures(fitted: FittedPlane): Promise<{ file: string; svg: string }[]> {
  const figures = [histogram(fitted), ...(fitted.result.trajectory ? [gapCurve(fitted.result)] : [])]
  return (await drawFigures(figures)).files.filter(({ file }) => !file.includes('.zh.'))
}

const binCount = 40

/** Edges of bins of one width on both sides of the empty band of a separating plane, which is a bin of its own. */
function edgesOf(distances: Float64Array, margin: number): number[] {
  const [low, high] = [distances.reduce((a, b) => Math.min(a, b)), distances.reduce((a, b) => Math.max(a, b))]
  const width = (high - low) / binCount || 1
  // The closest examples lie on the band's edges, up to rounding.
  const band = Math.max(0, margin) * (1 - 1e-9)
  const side = (reach: number) => Array.from({ length: Math.max(1, Math.ceil((reach - band) / width) + 1) }, (_, k) => band + k * width)
  return [
    ...side(-low)
      .reverse()
      .map((edge) => -edge),
    ...side(high),
  ]
}

/** How many examples of each class lie how far from the plane, in the scale that margins are measured in. */
export function histogram({ result: { weights, margin }, examples: { y, positive, negative }, z }: FittedPlane): Figure {
  const distances = scoresOf(z, weights).map((score, i) => score * y[i])
  const edges = edgesOf(distances, margin)
  const outline = (sign: number): [number, number][] => {
    const counts = new Array<number>(edges.length - 1).fill(0)
    distances.forEach((distance, i) => {
      if (y[i] === sign) counts[Math.max(0, Math.min(counts.length, edges.findLastIndex((edge) => edge <= distance) + 1) - 1)]++
    })
    const steps = counts.flatMap((count, k): [number, number][] => [
      [edges[k], count],
      [edges[k + 1], count],
    ])
    return [[edges[0], 0], ...steps, [edges.at(-1)!, 0]]
  }
  const most = Math.max(...[1, -1].flatMap((sign) => outline(sign).map(([, count]) => count)))
  const band: [number, number][] = [
    [-margin, 0],
    [-margin, most],
    [margin, most],
    [margin, 0],
  ]
  return {
    id: 'margins',
    title: { en: 'Where the examples lie', zh: '样本的位置' },
    kind: 'line',
    xLabel: { en: 'signed distance to the plane', zh: '到分类面的有符号距离' },
    yLabel: { en: 'examples', zh: '样本数' },
    series: [
      { label: positive, points: outline(1) },
      { label: negative, points: outline(-1) },
      ...(margin > 0 ? [{ label: { en: 'margin', zh: '间隔' }, points: band }] : []),
    ],
    ariaDescription: {
      en: `The examples of ${positive} lie to the right, those of ${negative} to the left; the closest of both are ${margin.toPrecision(3)} from the plane`,
      zh: `${positive} 的样本在右，${negative} 的样本在左；最近的样本距分类面 ${margin.toPrecision(3)}`,
    },
  }
}

/** A gap below is rounding. */
const floor = 1e-12

/** What is missing from the proven bound at each step: a straight line where it falls exponentially. */
function gapCurve({ trajectory, upperBound }: FittedPlane['result']): Figure {
  const { margin } = trajectory!
  const stride = Math.ceil(margin.length / 500)
  const points = Array.from(margin, (value, t) => [t, Math.max(floor, 1 - value / upperBound)] as const)
  return {
    id: 'curve',
    title: { en: 'What is missing from the largest margin that is possible', zh: '与可能的最大间隔之差' },
    kind: 'line',
    xLabel: { en: 'step', zh: '步' },
    yLabel: { en: 'relative gap to the proven bound', zh: '与已证上界的相对差' },
    yScale: 'log',
    series: [{ label: 'gap', points: points.filter(([t]) => t > 0 && (t % stride === 0 || t === margin.length - 1)) }],
    ariaDescription: {
      en: 'Falls along a straight line where the rate is exponential, and bends where it is a power of t',
      zh: '指数速率时沿直线下降，幂律时变缓',
    },
  }
}
