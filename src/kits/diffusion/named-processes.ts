import type { ProcessConfig } from './process.ts'

/**
 * Processes by a word each, with the settings of the papers.
 *
 * @example
 * processes.vp.betas // [0.1, 20]
 */
export const processes = {
  edm: { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] },
  cosine: { kind: 'discrete', steps: 1000, schedule: 'cosine' },
  linear: { kind: 'discrete', steps: 1000, schedule: 'linear' },
  vp: { kind: 'vp', betas: [0.1, 20] },
  subVp: { kind: 'subVp', betas: [0.1, 20] },
  ve: { kind: 've', sigmas: [0.01, 50] },
} as const satisfies Record<string, ProcessConfig>

export type ProcessName = keyof typeof processes

/**
 * Their names.
 *
 * @example
 * processNames[0] // 'edm'
 */
export const processNames = Object.keys(processes) as [ProcessName, ...ProcessName[]]
