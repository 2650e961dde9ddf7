import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merged } from './merge.ts'

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

describe('several sources as one', () => {
  test('nothing is lost, and each keeps its order', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.nat(9), { maxLength: 8 }), { maxLength: 6 }), async (delays) => {
        const sources = delays.map(async function* (own) {
          for (const [i, delay] of own.entries()) {
            await turns(delay)
            yield i
          }
        })
        const seen = delays.map((): number[] => [])
        for await (const { index, value } of merged(sources, new AbortController().signal)) seen[index].push(value)
        expect(seen).toEqual(delays.map((own) => [...own.keys()]))
      }),
    ))

  test('asks for nothing that nobody takes: of each source at most one value waits', async () => {
    let made = 0
    async function* endless() {
      for (;;) yield made++
    }
    const all = merged([endless(), endless(), endless()], new AbortController().signal)
    await all.next()
    await turns(1000)
    expect(made).toBeLessThanOrEqual(4)
    await all.return(undefined)
  })

  test('the first error ends all', async () => {
    const ended: number[] = []
    async function* source(i: number) {
      try {
        yield i
        if (i === 1) throw new Error('broken')
        for (;;) yield i
      } finally {
        ended.push(i)
      }
    }
    const all = merged([source(0), source(1)], new AbortController().signal)
    await expect(
      (async () => {
        for await (const _ of all);
      })(),
    ).rejects.toThrow('broken')
    await turns(20)
    expect(ended.toSorted()).toEqual([0, 1])
  })

  test('the signal ends it while it waits', async () => {
    const controller = new AbortController()
    async function* never() {
      await new Promise(() => {})
      yield 0
    }
    const next = merged([never()], controller.signal).next()
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })
})
