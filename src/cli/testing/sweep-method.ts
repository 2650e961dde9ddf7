import { parseSettings } from '../../experiment/config.ts'
import { type SweepOptions, type Swept, sweep } from '../../experiment/testing/sweep.ts'
import type { Method } from '../../methods/method.ts'
import { readingOnce, tiny, withArms } from './tiny.ts'

/** Faults at the file operations of a tiny run of a method, in this thread. */
export async function sweepMethod(method: Method, options: SweepOptions = {}): Promise<Swept> {
  process.env.QUIRE_CHECKPOINT_SECONDS = '0'
  const { workers: _, ...whole } = await method.experiment()
  const small = tiny[method.name] ?? { settings: [], arms: whole.arms({}).map(({ id }) => id) }
  const settings = parseSettings(whole.config, small.settings)
  return sweep(readingOnce(withArms(whole, small)), { preset: 'smoke', settings }, options)
}
