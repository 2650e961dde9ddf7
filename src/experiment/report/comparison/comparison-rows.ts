import { formatBytes, formatFlops, formatNumber, formatSeconds } from '../../format.ts'
import { countText, type Label, type Text } from '../../text.ts'
import { messages } from '../messages.ts'
import { measuredText } from '../rows.ts'
import type { Comparison } from './comparison.ts'
import { comparisonMessages as say } from './comparison-messages.ts'
import type { MeanDifference } from './difference.ts'

/** `+0.012 [-0.003, 0.027]` */
export const differenceText = (difference: MeanDifference): string => {
  if (difference.mean === null) return 'NaN'
  return `${difference.mean > 0 ? '+' : ''}${measuredText(difference)}`
}

type CostName = Comparison['cost'][number]['name']

const costs: Readonly<Record<CostName, { readonly name: Text; readonly show: (value: number) => Label }>> = {
  seconds: { name: messages.time, show: formatSeconds },
  wallSeconds: { name: messages.clock, show: formatSeconds },
  peakBytes: { name: messages.memory, show: formatBytes },
  flops: { name: messages.flops, show: formatFlops },
  parameters: { name: messages.parameters, show: (value) => countText(value) },
}

/** What both cost, for people. */
export const costValues = ({ cost }: Comparison): { name: Text; a: Label; b: Label; ratio: string }[] =>
  cost.map(({ name, a, b }) => {
    const shown = (value: number | null): Label => (value === null ? say.absent : costs[name].show(value))
    return { name: costs[name].name, a: shown(a), b: shown(b), ratio: a && b ? formatNumber(b / a, 3) : '' }
  })
