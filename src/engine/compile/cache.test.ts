import { afterEach, expect, test, vi } from 'vitest'
import { cacheLimits, exp, jit, matmul, mul, sub, sum, type Tensor, tensor, zeros } from '../index.ts'
import { cacheReport, compileStatistics } from '../inspect/index.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('the report says who asked for a compilation, and which argument changed', async () => {
  const scaledTotal = jit(function scaledTotal(x: Tensor) {
    return sum(mul(x, 0.123))
  })
  for (const shape of [[3], [3], [5]]) await scaledTotal(zeros(shape)).data()
  const own = cacheReport().filter(({ what }) => what.startsWith('jit(scaledTotal)'))
  expect(own.map(({ why }) => why)).toEqual(['first call', '0=float32[3] became 0=float32[5]'])
  expect(own[0].what).toMatch(/cache\.test\.ts:\d+$/)
  expect(own[0].milliseconds).toBeGreaterThan(0)
})

test('a second function of the same structure finds the first one compiled', async () => {
  const make = () => jit((x: Tensor) => sum(mul(x, 0.456)))
  await make()(zeros([7])).data()
  await make()(zeros([7])).data()
  const reused = cacheReport().filter(({ what, reused }) => what.includes('cache.test') && reused > 0)
  expect(reused).toHaveLength(1)
})

test('a function that compiles for every call warns once, naming what changes', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const growing = jit((x: Tensor) => sum(x))
  for (let length = 1; length <= 10; length++) growing(zeros([length]))
  expect(warn.mock.calls).toHaveLength(1)
  expect(warn.mock.calls[0][0]).toMatch(/compiles for the 8th time: 0=float32\[7\] became 0=float32\[8\]/)
})

test('equal structures share a session, in whatever order their data were made', async () => {
  const difference = (a: Tensor, b: Tensor) => sum(mul(a, sub(b, 0.789)))
  const row = () => tensor([1, 2, 3])
  const column = () => tensor([[1], [2]])
  const [first, second] = [row(), column()]
  const { compiled, reused } = compileStatistics
  await difference(first, second).data()
  const [later, sooner] = [column(), row()]
  await difference(sooner, later).data()
  expect(compileStatistics).toMatchObject({ compiled: compiled + 1, reused: reused + 1 })
})

test('sessions used longest ago are forgotten when they keep too many bytes; who holds a function can still call it', async () => {
  // Each keeps a product of [n, n] float32 between its runs.
  const make = (n: number) => jit((x: Tensor) => sum(exp(matmul(x, x))))(zeros([n, n]))
  const kept = () => cacheReport().filter(({ what, bytes }) => what.includes('cache.test') && bytes >= 4 * 300 ** 2).length
  const limits = { ...cacheLimits }
  try {
    cacheLimits.bytes = 3 * 4 * 310 ** 2
    const held = jit((x: Tensor) => sum(exp(matmul(x, x))))
    expect(await held(zeros([300, 300])).item()).toBe(300 ** 2)
    for (const n of [301, 302, 303, 304]) await make(n).item()
    expect(kept()).toBe(3)
    expect(await held(zeros([300, 300])).item()).toBe(300 ** 2)
  } finally {
    Object.assign(cacheLimits, limits)
  }
})
