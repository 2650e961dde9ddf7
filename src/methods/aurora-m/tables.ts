import { aligned } from '../../experiment/index.ts'
import type { ContinualReport } from './plan/run.ts'

const bits = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(3))

/** The matrix of stages and domains, and what changed, as a table for people. */
export function matrixLines({ stages, forgetting, plan }: Pick<ContinualReport, 'stages' | 'forgetting' | 'plan'>): string[] {
  const domains = Object.keys(stages[0]?.bitsPerByte ?? {})
  if (!forgetting || domains.length === 0) return ['no domains are named under eval: nothing was measured']
  const rows = [
    ['bits per byte', ...domains],
    ...stages.map(({ stage, bitsPerByte }) => [stage, ...domains.map((domain) => bits(bitsPerByte[domain]))]),
    ['gain', ...domains.map((domain) => bits(forgetting.domains[domain].gain))],
    ['worst forgetting', ...domains.map((domain) => bits(forgetting.domains[domain].worstForgetting))],
  ]
  const transfer =
    plan.eval.old.length > 0 ? [`backward transfer ${bits(forgetting.backwardTransfer)} (above 0 the old domains have become worse)`] : []
  return [...aligned(rows), ...transfer]
}
