import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBfloats, fromHalves, toBfloats, toHalves } from './half.ts'

const all = new Uint8Array(Uint16Array.from({ length: 2 ** 16 }, (_, i) => i).buffer)
const wordsOf = (bytes: Uint8Array) => new Uint16Array(bytes.buffer)

/** The nearest of all finite values and infinity, found by looking at each of those beside it; ties to the even code. */
function nearest(sorted: readonly { value: number; code: number }[], x: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (sorted[middle].value <= x) low = middle
    else high = middle
  }
  const [below, above] = [x - sorted[low].value, sorted[high].value - x]
  if (below === above) return sorted[low].code % 2 === 0 ? sorted[low].code : sorted[high].code
  return below < above ? sorted[low].code : sorted[high].code
}

/** Non-negative codes in the order of their values; infinity stands where the next value would be. */
const table = (values: Float32Array, infinity: number, next: number) =>
  Array.from({ length: infinity + 1 }, (_, code) => ({ code, value: code === infinity ? next : values[code] }))

const formats = {
  F16: { to: toHalves, from: fromHalves, infinity: 0x7c00, next: 65536 },
  BF16: { to: toBfloats, from: fromBfloats, infinity: 0x7f80, next: 2 ** 128 },
}

for (const [name, { to, from, infinity, next }] of Object.entries(formats)) {
  test(`${name}: every code is read and written again as it was, NaN as NaN`, () => {
    const values = from(all)
    const again = wordsOf(to(values))
    for (let code = 0; code < 2 ** 16; code++)
      if (Number.isNaN(values[code])) expect(from(new Uint8Array(again.slice(code, code + 1).buffer))[0]).toBeNaN()
      else if (again[code] !== code) throw new Error(`${code} became ${again[code]}`)
  })

  test(`${name}: a float32 is written as the nearest value, ties to even`, () => {
    const sorted = table(from(all), infinity, next)
    const ties = sorted.slice(0, -1).map(({ value }, code) => (value + sorted[code + 1].value) / 2)
    const check = (x: number) => {
      const [code] = wordsOf(to(Float32Array.of(x)))
      expect(code & 0x7fff).toBe(x >= next ? infinity : nearest(sorted, Math.abs(x)))
      expect(code >>> 15).toBe(Object.is(x, -0) || x < 0 ? 1 : 0)
    }
    for (const x of ties.filter((x, i) => i % 97 === 0 && Math.fround(x) === x)) check(x)
    check(Math.fround(65519.996))
    check(-0)
    fc.assert(
      fc.property(
        fc.float({
          min: name === 'F16' ? -70000 : undefined,
          max: name === 'F16' ? 65535 : undefined,
          noNaN: true,
          noDefaultInfinity: true,
        }),
        (x) => {
          if (Math.abs(x) < next) check(x)
        },
      ),
    )
  })
}

test('a view that is not aligned is read too', () => {
  const bytes = new Uint8Array([0, 0, 0x3c, 0, 0xc0]).subarray(1)
  expect([...fromHalves(bytes)]).toEqual([1, -2])
  expect([...fromBfloats(Uint8Array.from([0, 0x80, 0x3f]).subarray(1))]).toEqual([1])
  expect([...fromBfloats(Uint8Array.from([0x80, 0x3f]))]).toEqual([1])
})
