import { formatBytes, formatFlops, formatInterval, formatNumber, formatSeconds } from '../format.ts'
import { countText, dateText, inEach, type Label, type Text } from '../text.ts'
import { messages, sentences } from './messages.ts'
import type { ClaimRow, JudgedMeasure, Measured, Report } from './report.ts'

/** Pieces of a report that Markdown, HTML and the terminal share. */

/** `0.578 [0.576, 0.581]` */
export const measuredText = ({ mean, ci95, estimate = mean }: Pick<Measured, 'mean' | 'ci95'> & Partial<JudgedMeasure>): string =>
  [formatNumber(estimate), formatInterval(ci95)].filter(Boolean).join(' ')

/** `≥ 0.5` */
export const barText = ({ threshold, direction }: Pick<ClaimRow, 'threshold' | 'direction'>): string =>
  `${direction === 'atLeast' ? '≥' : '≤'} ${formatNumber(threshold)}`

export const paperText = ({ paper: { value, unit } }: Pick<ClaimRow, 'paper'>): string =>
  unit === '%' ? `${formatNumber(value)} %` : `${formatNumber(value)} ${unit}`.trim()

/** The command that gives the same run again. */
export const repeatCommand = ({ method, preset, seeds, settings, dataFrom, device }: Omit<Report, 'checklist'>): string[] => {
  const counted = seeds.every((seed, i) => seed === i)
  return [
    'quire',
    'run',
    method,
    '--preset',
    preset,
    ...(counted ? ['--seeds', String(seeds.length)] : ['--seed', String(seeds[0])]),
    ...settingWords(settings).flatMap((word) => ['--set', word]),
    ...(dataFrom === undefined ? [] : ['--data', dataFrom]),
    ...(device === 'cpu' ? [] : ['--device', device]),
  ]
}

/** The command that repeats a run from its own record. */
export const likeCommand = ({ id }: Pick<Report, 'id'>): string[] => ['quire', 'run', '--like', id]

/** A layer of config as `key=value` words. */
export function settingWords(layer: object, prefix = ''): string[] {
  return Object.entries(layer).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingWords(value, `${prefix}${key}.`)
      : [`${prefix}${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`],
  )
}

/** Rows of name and value: what the run cost. `230 s / 2`: two units trained at a time. */
export const costRows = ({ cost }: Pick<Report, 'cost'>): [Text, Label][] => [
  [messages.time, formatSeconds(cost.seconds) + (cost.atATime > 1 ? ` / ${cost.atATime}` : '')],
  [messages.memory, formatBytes(cost.peakBytes)],
  [messages.flops, formatFlops(cost.flops)],
  [messages.parameters, countText(cost.parameters)],
]

/** Rows of name and value: on what it ran. */
export const setupRows = (report: Report): [Text, Label][] => {
  const { machine, versions, code, preset, seeds, started, finished, resumed, device } = report
  return [
    [messages.preset, preset],
    [messages.seeds, seeds.join(', ')],
    [
      messages.machine,
      inEach(
        (language) =>
          `${machine.cpu}, ${sentences.threads(machine.threads)[language]}, ${formatBytes(machine.memoryBytes)}, ${machine.platform}, ${device}`,
      ),
    ],
    [messages.versions, `quire ${versions.quire}, node ${versions.node}, ${versions.onnxruntime}`],
    ...(code?.commit ? [[messages.code, code.commit] satisfies [Text, Label]] : []),
    [messages.started, dateText(started)],
    ...(finished ? [[messages.ended, dateText(finished)] satisfies [Text, Label]] : []),
    [messages.resumed, String(resumed)],
  ]
}
