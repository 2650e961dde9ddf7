import { expect, inject, test } from 'vitest'
import type { Losses } from './digits.ts'

const native = inject('native')

/**
 * The page's tasks of 50 ms and more while `busy` runs, in milliseconds, as the browser counts them; and the longest time between two frames, which
 * also grows when the whole machine is busy.
 */
async function blocked(busy: () => Promise<unknown>): Promise<{ tasks: number[]; longestFrame: number }> {
  const tasks: number[] = []
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
  observer.observe({ type: 'longtask' })
  let [last, longestFrame, over] = [performance.now(), 0, false]
  requestAnimationFrame(function frame(now) {
    longestFrame = Math.max(longestFrame, now - last)
    last = now
    if (!over) requestAnimationFrame(frame)
  })
  await busy()
  await new Promise((resolve) => setTimeout(resolve, 50)) // entries come a moment later
  over = true
  observer.disconnect()
  return { tasks, longestFrame }
}

test('a thread that is blocked is seen', async () => {
  const { tasks } = await blocked(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    for (const start = performance.now(); performance.now() - start < 60; );
  })
  expect(tasks).toHaveLength(1)
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
    const { tasks, longestFrame } = await blocked(async () => {
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
    expect(tasks).toEqual([])
  } finally {
    worker.terminate()
  }
})
