import { InputError } from '../../engine/errors.ts'

/** When a checkpoint is worth its time. */
export function savingClock(): { due(): boolean; saved(): void } {
  let last = performance.now()
  return {
    due: () => performance.now() - last >= checkpointEvery(),
    saved: () => {
      last = performance.now()
    },
  }
}

/** Milliseconds between checkpoints. How often is no part of the numbers: a unit resumes to the same ones from any of them. */
function checkpointEvery(): number {
  const given = process.env.QUIRE_CHECKPOINT_SECONDS
  const seconds = given ? Number(given) : 5
  if (seconds >= 0) return seconds * 1000
  throw new InputError(`'${given}' is no number of seconds`, {
    where: 'QUIRE_CHECKPOINT_SECONDS',
    fix: 'for example 30; 0 saves whenever it can',
  })
}
