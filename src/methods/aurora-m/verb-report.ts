import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { type Figure, writeAtomically } from '../../experiment/index.ts'
import { drawFigures } from '../../experiment/report/draw.ts'
import { verb } from '../method.ts'
import type { ContinualReport } from './plan/run.ts'
import { matrixLines } from './tables.ts'

export const reportVerb = verb({
  name: 'report',
  summary: {
    en: 'Shows what a continual training gained and forgot, stage by stage, with a picture',
    zh: '逐阶段展示继续训练的所得与所忘，并附图',
  },
  options: z.object({
    run: z.string().describe('the folder that train wrote'),
    picture: z.string().optional().describe('an SVG file for the curves of all domains'),
  }),
  positional: 'run',
  example: 'quire aurora-m report runs/continual --picture curves.svg',
  async run({ options: { run, picture } }) {
    const report = readReport(run)
    if (picture !== undefined) {
      const { files } = await drawFigures([curvesOf(report)])
      writeAtomically(picture, files[0].svg)
    }
    const passes = Object.entries(report.passes).map(([domain, count]) => `${domain} was read ${count.toFixed(2)} times`)
    return { lines: [...matrixLines(report), ...passes, ...(picture === undefined ? [] : [`written: ${picture}`])], json: report }
  },
})

/** @throws InputError for a folder without a finished training. */
export function readReport(run: string): ContinualReport {
  const path = join(run, 'report.json')
  if (!existsSync(path))
    throw new InputError('holds no report.json of a finished training', { where: run, fix: 'give the folder that train wrote' })
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as ContinualReport
    if (Array.isArray(report.stages) && Array.isArray(report.curve) && report.plan) return report
  } catch {
    // Told below.
  }
  throw new InputError('is no report of a continual training', { where: path, fix: 'give the folder that quire aurora-m train wrote' })
}

/** Curves of all domains; where a stage ends is said in the title. */
function curvesOf({ curve, plan }: ContinualReport): Figure {
  let step = 0
  const ends = plan.stages.map(({ name, steps }) => `${name} → ${(step += steps)}`).join(', ')
  return {
    id: 'curves',
    title: { en: `Bits per byte while training (${ends})`, zh: `训练中的比特/字节（${ends}）` },
    kind: 'line',
    xLabel: { en: 'step', zh: '步数' },
    yLabel: { en: 'bits per byte', zh: '比特/字节' },
    series: Object.keys(curve[0]?.bitsPerByte ?? {}).map((domain) => ({
      label: domain,
      points: curve.map(({ step, bitsPerByte }) => [step, bitsPerByte[domain]] as const),
    })),
    ariaDescription: { en: 'Bits per byte of each domain at each measurement', zh: '每次测量时各领域的比特/字节' },
  }
}
