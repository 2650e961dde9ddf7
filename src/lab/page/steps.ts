/*
 * Work that would stop the page for long is done in small steps, a few between two frames: ten charts stop it ten times for a moment, and never once for
 * so long that somebody feels it.
 */

/** Something to be done in steps, of some milliseconds each. */
export type Steps = Iterator<void>

/** Milliseconds of a frame after which no other step is begun. */
const budget = 8

/** What is to be done, in the order in which it was asked for. */
const waiting = new Set<Steps>()
let isAwake = false
let isPrinting = false

// Paper waits for no frame.
globalThis.addEventListener?.('beforeprint', () => {
  isPrinting = true
  for (const steps of waiting) allSteps(steps)
  waiting.clear()
})
globalThis.addEventListener?.('afterprint', () => {
  isPrinting = false
})

function frame(): void {
  const until = performance.now() + budget
  for (const steps of waiting) {
    while (performance.now() < until) {
      if (!steps.next().done) continue
      waiting.delete(steps)
      break
    }
  }
  isAwake = waiting.size > 0
  if (isAwake) requestAnimationFrame(frame)
}

/** What comes of steps that are all done at once. */
export function allSteps<T>(steps: Iterator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** One thing to be done, as a single step. */
export const oneStep = (work: () => void): Steps => ({
  next() {
    work()
    return { done: true, value: undefined }
  },
})

/** Does something in steps, after what was asked for before; at once while the page is printed. @returns what calls it off */
export function inSteps(steps: Steps): () => void {
  if (isPrinting) {
    allSteps(steps)
    return () => {}
  }
  waiting.add(steps)
  if (!isAwake) requestAnimationFrame(frame)
  isAwake = true
  return () => waiting.delete(steps)
}
