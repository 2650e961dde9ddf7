import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StoppingText } from './stops.ts'

/** A text in pieces through the stops: what comes out at once, and in all. */
function passed(pieces: readonly string[], stops: readonly string[]): { at: string[]; whole: string; stopped: boolean } {
  const text = new StoppingText(stops)
  const at = pieces.map((piece) => text.push(piece))
  return { at, whole: at.join('') + text.end(), stopped: text.stopped }
}

test('gives the text up to the first stop text, however it comes in pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }), { maxLength: 8 }),
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }), { maxLength: 3 }),
      (pieces, stops) => {
        const all = pieces.join('')
        const { whole, stopped } = passed(pieces, stops)
        // The piece that completes a stop text may complete others; the text ends before the first of those.
        const prefixes = pieces.map((_, i) => pieces.slice(0, i + 1).join(''))
        const read = prefixes.find((prefix) => stops.some((stop) => prefix.includes(stop)))
        const cut = read === undefined ? undefined : Math.min(...stops.map((stop) => read.indexOf(stop)).filter((i) => i >= 0))
        expect(stopped).toBe(cut !== undefined)
        expect(whole).toBe(all.slice(0, cut))
      },
    ),
  )
})

test('holds back no more than what may become a stop text', () => {
  expect(passed(['one#', '#two', '###', ' more'], ['###']).at).toEqual(['one', '##two', '', ''])
  expect(passed(['a', 'b', 'c'], []).at).toEqual(['a', 'b', 'c'])
  expect(passed(['ab', 'ab', 'ac'], ['abac'])).toEqual({ at: ['', 'ab', ''], whole: 'ab', stopped: true })
})
