import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../../engine/errors.ts'
import { readSafetensors } from '../../../engine/safetensors.ts'
import { pathsOf } from '../../run/run-folder.ts'
import { type Histogram, histogramOf } from './histogram.ts'

/** Larger checkpoints take long to read, and a histogram of them says little. */
const largest = 64 * 2 ** 20

export interface WeightHistograms {
  readonly step: number
  readonly histograms: Readonly<Record<string, Histogram>>
}

/**
 * How the weights of a unit's last checkpoint are spread, tensor by tensor: those under `params`, or all where nothing is called so. Undefined where there is no
 * checkpoint, or one that is large or damaged.
 */
export function weightHistograms(folder: string, unit: string): WeightHistograms | undefined {
  const { checkpoints } = pathsOf(folder)
  if (!existsSync(checkpoints)) return undefined
  const prefix = `${unit}--step-`
  const name = readdirSync(checkpoints)
    .filter((file) => file.startsWith(prefix) && file.endsWith('.safetensors'))
    .sort()
    .at(-1)
  if (!name || statSync(join(checkpoints, name)).size > largest) return undefined
  try {
    const { tensors } = readSafetensors(readFileSync(join(checkpoints, name)), name)
    return { step: Number.parseInt(name.slice(prefix.length), 10), histograms: histogramsOf(tensors) }
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

function histogramsOf(tensors: ReturnType<typeof readSafetensors>['tensors']): Record<string, Histogram> {
  const floats = Object.entries(tensors).filter(([, { dtype }]) => dtype === 'float32' || dtype === 'float64')
  const weights = floats.filter(([name]) => name.startsWith('params.'))
  return Object.fromEntries(
    (weights.length > 0 ? weights : floats).flatMap(([name, { data }]) => {
      const histogram = histogramOf(data)
      return histogram ? [[name.replace(/^params\./, ''), histogram]] : []
    }),
  )
}
