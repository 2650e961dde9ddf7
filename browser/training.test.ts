import { expect, inject, test } from 'vitest'
import type { Losses } from './digits.ts'

const native = inject('native')

/**
 * The share of the time while `busy` runs that the page spends in tasks of 50 ms and more, as the browser counts them: those of a machine that is busy
 * with other things are few. And the longest time between two frames, in milliseconds.
 */
async function blocked(busy: () => Promise<unknown>): Promise<{ share: number; longestFrame: number }> {
  let inTasks = 0
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) inTasks += duration
  })
  observer.observe({ type: 'longtask' })
  let [last, longestFrame, over] = [performance.now(), 0, false]
  requestAnimationFrame(function frame(now) {
    longestFrame = Math.max(longestFrame, now - last)
    last = now
    if (!over) requestAnimationFrame(frame)
  })
  const begun = performance.now()
  await busy()
  const time = performance.now() - begun
  await new Promise((resolve) => setTimeout(resolve, 50)) // entries come a moment later
  over = true
  observer.disconnect()
  return { share: inTasks / time, longestFrame }
}

test('a thread that is blocked is seen', async () => {
  const { share } = await blocked(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    for (const start = performance.now(); performance.now() - start < 500; );
  })
  expect(share).toBeGreaterThan(0.5)
})

const nextMessage = <T>(worker: Worker) =>
  new Promise<T>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
  })

test.each([1, 2])('with %i threads a net trains in a worker as in Node, and the page stays free', async (threads) => {
  const worker = new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' })
  try {
    await nextMessage(worker)
    let trained: Losses | undefined
    const { share, longestFrame } = await blocked(async () => {
      worker.postMessage({ steps: native.losses.length, threads })
      trained = await nextMessage<Losses>(worker)
    })
    const { runtime, losses, millisecondsPerStep } = trained!
    const describe = (name: string, count: number, time: number) => `${name}, threads: ${count}, ms a step: ${time.toFixed(2)}`
    console.log(
      [
        describe(runtime, trained!.threads, millisecondsPerStep),
        describe(native.runtime, native.threads, native.millisecondsPerStep),
        `longest time between two frames of the page: ${longestFrame.toFixed(0)} ms`,
      ].join('\n'),
    )
    expect(runtime).toContain('wasm')
    expect(trained!.threads).toBe(Math.min(threads, navigator.hardwareConcurrency))
    expect(losses.length).toBe(native.losses.length)
    expect(losses.at(-1)!).toBeLessThan(losses[0] / 4)
    losses.forEach((loss, i) => {
      expect(Math.abs(loss - native.losses[i]), `step ${i}: ${loss} against ${native.losses[i]}`).toBeLessThanOrEqual(1e-4)
    })
    expect(share).toBeLessThan(0.25)
  } finally {
    worker.terminate()
  }
})
