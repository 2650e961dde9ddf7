import { formatBytes, formatFlops, formatInterval, formatNumber, formatSeconds } from '../format.ts'
import type { Text } from '../text.ts'
import { messages } from './messages.ts'
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
export const repeatCommand = ({ method, preset, seeds, settings, dataFrom, device }: Report): string[] => {
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

/** A layer of config as `key=value` words. */
export function settingWords(layer: object, prefix = ''): string[] {
  return Object.entries(layer).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingWords(value, `${prefix}${key}.`)
      : [`${prefix}${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`],
  )
}

/** Rows of name and value: what the run cost. `230 s / 2`: two units trained at a time. */
export const costRows = ({ cost }: Report): [Text, string][] => [
  [messages.time, formatSeconds(cost.seconds) + (cost.atATime > 1 ? ` / ${cost.atATime}` : '')],
  [messages.memory, formatBytes(cost.peakBytes)],
  [messages.flops, formatFlops(cost.flops)],
  [messages.parameters, formatNumber(cost.parameters, 6)],
]

/** Rows of name and value: on what it ran. */
export const setupRows = ({ machine, versions, preset, seeds, started, resumed, device }: Report): [Text, string][] => [
  [messages.preset, preset],
  [messages.seeds, seeds.join(', ')],
  [messages.machine, `${machine.cpu}, ${machine.threads} threads, ${formatBytes(machine.memoryBytes)}, ${machine.platform}, ${device}`],
  [messages.versions, `quire ${versions.quire}, node ${versions.node}, ${versions.onnxruntime}`],
  [messages.started, started],
  [messages.resumed, String(resumed)],
]
