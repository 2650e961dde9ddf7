import { InputError } from '../../../engine/index.ts'
import type { NoiseProcess, ProcessConfig } from '../process.ts'
import { chain } from './chain.ts'
import { edm } from './edm.ts'
import { varianceExploding } from './variance-exploding.ts'
import { variancePreserving } from './variance-preserving.ts'

/**
 * The process that a config describes.
 *
 * @throws InputError for steps, β or σ that describe none.
 * @example
 * const process = processOf({ kind: 'discrete', steps: 1000, schedule: 'cosine' })
 * process.at(500).signal // 0.702740
 */
export function processOf(config: ProcessConfig): NoiseProcess {
  switch (config.kind) {
    case 'discrete':
      return chain(config)
    case 'vp':
    case 'subVp':
      return variancePreserving(config)
    case 've':
      return varianceExploding(config)
    case 'edm':
      return edm(config)
    default:
      throw new InputError(`there is no noise process '${(config as { kind: string }).kind}'`, {
        fix: 'choose one of discrete, vp, subVp, ve, edm',
      })
  }
}
