import { InputError } from '../../engine/errors.ts'
import { lock } from './lock.ts'
import { Interrupted, type RunControl } from './request.ts'

/** Of a run whose folder is locked. */
export type Held = RunControl & { readonly signal: AbortSignal }

/** Works in a run folder that no other process works in meanwhile; where one takes it over all the same, work stops. */
export async function alone<T>(folder: string, control: RunControl, action: (held: Held) => Promise<T>): Promise<T> {
  const lost = new AbortController()
  const release = lock(folder, () => lost.abort())
  const signal = AbortSignal.any([control.signal ?? lost.signal, lost.signal])
  try {
    return await action({ ...control, signal })
  } catch (error) {
    if (lost.signal.aborted)
      throw new InputError('its lock was removed or taken over, so this process stopped', {
        where: folder,
        fix: `if nobody works in it, go on with --resume ${folder}`,
      })
    throw signal.aborted ? new Interrupted(folder, signal.reason) : error
  } finally {
    release()
  }
}
