import { expect, test } from 'vitest'
import { closed, inFolder } from '../../data/testing/helpers.ts'
import { continualCorpora, continualDomains } from './corpora.ts'

/** Counted with another program (Python), carriage returns removed. */
const published = {
  eng: [206_227, 21_999, 21_516],
  fin: [234_950, 24_656, 24_652],
  hin: [559_555, 57_304, 55_843],
  jpn: [268_958, 27_825, 29_324],
  vie: [295_947, 30_950, 30_985],
  code: [390_085 + 103_970, 0, 43_188],
} as const

const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

test('the real corpora have the published sizes; carriage returns are gone', async () => {
  const { domains, provenance } = await continualCorpora({ offline: true })
  for (const { train, validation, test } of Object.values(domains))
    expect([train, validation, test].some((part) => part.includes(13))).toBe(false)
  if (provenance.some(({ real }) => !real)) return
  for (const [name, sizes] of Object.entries(published)) {
    const { train, validation, test } = domains[name as keyof typeof published]
    expect([name, train.length, validation.length, test.length]).toEqual([name, ...sizes])
  }
  expect(text(domains.code.test).startsWith('# Write a python function to remove first and last occurrence')).toBe(true)
  const { train, validation, test } = domains.shakespeare
  expect(train.length + validation.length + test.length).toBe(1_115_394)
})

test('without the data every domain is generated, says so, and has the shape of the real one', async () => {
  await inFolder({ 'work/x': '' }, async (folder) => {
    const once = await continualCorpora(closed(folder))
    expect(once.provenance.map(({ real }) => real)).toEqual([false, false, false, false])
    const again = await continualCorpora(closed(folder))
    for (const name of continualDomains) {
      const { train, test } = once.domains[name]
      expect(Buffer.compare(train, again.domains[name].train)).toBe(0)
      expect(train.length).toBeGreaterThan(50_000)
      expect(test.length).toBeGreaterThan(5000)
      expect(text(train).length).toBeGreaterThan(10_000)
    }
    const lines = (name: 'eng' | 'hin') => text(once.domains[name].train).split('\n')
    expect(lines('eng').length).toBe(lines('hin').length)
    expect(lines('eng')[0]).not.toEqual(lines('hin')[0])
  })
})
