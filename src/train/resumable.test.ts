import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { add, mul, NotFiniteError, scalar, type Tensor } from '../engine/index.ts'
import { type ResumableTraining, trainResumably, unfinishedFile } from './resumable.ts'

const folderOf = () => mkdtempSync(join(tmpdir(), 'resumable-'))

/** x ← x · 0.9 + k, which forgets neither its start nor a step; `dies` after so many steps. */
const training = (folder: string, dies = Number.POSITIVE_INFINITY, recipe: unknown = { a: 1 }): ResumableTraining<{ x: Tensor }> => ({
  folder,
  recipe,
  steps: 20,
  seconds: -1,
  start: () => ({ x: scalar(1) }),
  async step({ x }, k) {
    if (k >= dies) throw new Error('killed')
    const next = add(mul(x, 0.9), k)
    return { state: { x: next }, loss: await next.item() }
  },
})

test('what is interrupted ends as if it had not been', async () => {
  const whole = await trainResumably(training(folderOf()))
  const folder = folderOf()
  for (const dies of [3, 3, 11]) await expect(trainResumably(training(folder, dies))).rejects.toThrow('killed')
  const resumed = await trainResumably(training(folder))
  expect(resumed.resumedAt).toBe(11)
  expect(await resumed.state.x.item()).toBe(await whole.state.x.item())
  expect(resumed.losses).toEqual(whole.losses)
})

test('what a user interrupts between two saves is kept to its last step', async () => {
  const whole = await trainResumably(training(folderOf()))
  const folder = folderOf()
  const interrupted = trainResumably({
    ...training(folder),
    seconds: 1e6,
    onStep(k) {
      if (k === 7) throw new Error('interrupted')
    },
  })
  await expect(interrupted).rejects.toThrow('interrupted')
  const resumed = await trainResumably(training(folder))
  expect(resumed.resumedAt).toBe(8)
  expect(await resumed.state.x.item()).toBe(await whole.state.x.item())
  expect(resumed.losses).toEqual(whole.losses)
})

test('a loss that is not finite is told with its step', async () => {
  const stopped = trainResumably({
    ...training(folderOf()),
    async step() {
      throw new NotFiniteError('the loss is NaN', { fix: 'lower the learning rate' })
    },
  })
  await expect(stopped).rejects.toThrow('step 1 of 20: the loss is NaN; lower the learning rate')
})

test('another recipe is not gone on with, and what was reached stays', async () => {
  const folder = folderOf()
  await expect(trainResumably(training(folder, 5))).rejects.toThrow('killed')
  await expect(trainResumably(training(folder, 9, { a: 2 }))).rejects.toThrow(/unfinished training with other options or data/)
  expect(existsSync(join(folder, unfinishedFile))).toBe(true)
})
