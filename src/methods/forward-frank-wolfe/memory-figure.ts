import type { Figure } from '../../experiment/index.ts'

export const modes = ['forward', 'reverse'] as const

export interface Row {
  readonly depth: number
  readonly mode: (typeof modes)[number]
  readonly activationBytes: number
}

const labels = {
  forward: { en: 'forward mode', zh: '前向模式' },
  reverse: { en: 'reverse mode', zh: '反向模式' },
} as const

/** Activations against depth. */
export const memoryFigure = (rows: readonly Row[]): Figure => ({
  id: 'memory',
  title: { en: 'Activations held at the worst moment of a step', zh: '一步中最多同时保存的激活' },
  kind: 'line',
  xLabel: { en: 'hidden layers', zh: '隐藏层数' },
  yLabel: 'MiB',
  series: modes.map((mode) => ({
    label: labels[mode],
    points: rows.filter((row) => row.mode === mode).map(({ depth, activationBytes }) => [depth, activationBytes / 2 ** 20] as const),
  })),
  ariaDescription: {
    en: 'Memory of the activations against depth, for forward and reverse mode',
    zh: '前向与反向模式下激活内存随深度的变化',
  },
})
