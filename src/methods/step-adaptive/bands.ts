import { drawFigures } from '../../experiment/report/draw.ts'
import type { NoiseProcess } from '../../kits/diffusion/index.ts'
import { type StepGroup, snrDbAt } from './groups.ts'

/** Points of the curve of the signal-to-noise ratio. */
const curvePoints = 100

/** The groups as a picture: the share that each keeps over the times, and the signal-to-noise ratio that makes them easy or hard. SVG. */
export async function bandsPicture(process: NoiseProcess, groups: readonly StepGroup[], shares: readonly number[]): Promise<string> {
  const times = Array.from({ length: curvePoints }, (_, i) => process.atShare((i + 0.5) / curvePoints))
  const decibels = times.map((time) => snrDbAt(process, time))
  const [least, most] = [Math.min(...decibels), Math.max(...decibels)]
  const { files } = await drawFigures([
    {
      id: 'groups',
      title: { en: 'Groups of time steps', zh: '时间步分组' },
      kind: 'line',
      xLabel: { en: 'time', zh: '时刻' },
      yLabel: { en: 'share', zh: '比例' },
      series: [
        {
          label: { en: 'operations kept', zh: '保留的计算量' },
          points: groups.flatMap(({ from, to }, i) => [[from, shares[i]] as const, [to, shares[i]] as const]),
        },
        {
          label: {
            en: `SNR, from ${least.toFixed(0)} to ${most.toFixed(0)} dB`,
            zh: `信噪比，${least.toFixed(0)} 至 ${most.toFixed(0)} dB`,
          },
          points: times.map((time, i) => [time, (decibels[i] - least) / (most - least)] as const),
        },
      ],
      ariaDescription: { en: 'Steps with little noise keep more', zh: '低噪声的时刻保留更多' },
    },
  ])
  return files[0].svg
}
