import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tensor } from '../engine/index.ts'
import { type Kept, trainedOnce } from './kept.ts'

const model = (train: () => Promise<number>): Kept<{ w: ReturnType<typeof tensor> }> => ({
  prefix: 'model',
  recorded: { version: 1 },
  like: { w: tensor([0]) },
  announce: 'training',
  train: async () => ({ w: tensor([await train()]) }),
})
const emptyFolder = () => mkdtempSync(join(tmpdir(), 'kept-'))
const soon = (value: number) => new Promise<number>((resolve) => setTimeout(resolve, 400, value))

test('of several that ask at a time one trains, and all have its model', async () => {
  const cache = emptyFolder()
  const trained: number[] = []
  const ask = (value: number) =>
    trainedOnce(
      model(() => {
        trained.push(value)
        return soon(value)
      }),
      { cache },
    )
  const models = await Promise.all([ask(1), ask(2), ask(3)])
  expect(trained).toHaveLength(1)
  for (const { params } of models) expect(await params.w.array()).toEqual(trained)
  expect(readdirSync(cache).filter((name) => name.endsWith('.claim'))).toEqual([])
})

test('who fails leaves the way free, and so does who was killed some time ago', async () => {
  const cache = emptyFolder()
  const failing = model(() => Promise.reject(new Error('no')))
  await expect(trainedOnce(failing, { cache })).rejects.toThrow('no')
  const lines: string[] = []
  const first = await trainedOnce(
    model(() => soon(4)),
    { cache: emptyFolder(), log: (line) => lines.push(line) },
  )
  const claim = `${lines[0].slice(lines[0].indexOf('kept in ') + 8).replace(/.*\//, '')}.claim`
  writeFileSync(join(cache, claim), '')
  utimesSync(join(cache, claim), new Date(0), new Date(0))
  expect(
    (
      await trainedOnce(
        model(() => soon(5)),
        { cache },
      )
    ).name,
  ).toBe(first.name)
})

test('who waits may give up', async () => {
  const cache = emptyFolder()
  let begin = () => {}
  let end = (_: number) => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const trained = new Promise<number>((resolve) => {
    end = resolve
  })
  const training = trainedOnce(
    model(() => {
      begin()
      return trained
    }),
    { cache },
  )
  await begun
  const waiting = () => {
    throw new Error('interrupted')
  }
  await expect(
    trainedOnce(
      model(() => soon(7)),
      { cache, waiting },
    ),
  ).rejects.toThrow('interrupted')
  end(6)
  expect(await (await training).params.w.array()).toEqual([6])
})
