import { ones } from '../../../engine/index.ts'
import type { LinearPlace } from '../params.ts'
import type { AdapterBase, AdapterParams, MapAdapter } from './adapter.ts'
import type { Ia3Config } from './config.ts'
import { ia3Targets, targetedModules } from './modules.ts'

/** Factors of 1: of the outputs of attention's maps, of the inputs of the network's. */
export function initIa3({ targets, feedForward }: Ia3Config, { config }: AdapterBase): AdapterParams {
  const usual = ia3Targets[config.dialect]
  const modules = targetedModules(config, targets ?? usual.targets)
  const own = feedForward ?? (targets ? undefined : usual.feedForward)
  const inputScaled = own && new Set(targetedModules(config, own).map(({ path }) => path))
  const maps = Array.from({ length: config.layers }, (): Partial<Record<LinearPlace, MapAdapter>> => ({}))
  for (const { layer, place, path, inputs, outputs } of modules) {
    const scalesInput = inputScaled ? inputScaled.has(path) : place.startsWith('network.')
    maps[layer][place] = scalesInput ? { scaleInput: ones([inputs]) } : { scaleOutput: ones([outputs]) }
  }
  return { maps }
}
