import { appendFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../../engine/array.ts'
import { scratch } from '../testing/comparable.ts'
import { checkpointStore } from './checkpoints.ts'

const snapshot = (step: number) => ({
  step,
  tensors: { w: ndarray(new Float32Array([step, 2]), [2], 'float32'), t: ndarray(new Float64Array([0.1 * step]), [], 'float64') },
  meta: { epoch: step },
  observations: step,
  seconds: 1,
})

function stored(...steps: number[]) {
  const folder = scratch()
  const notices: string[] = []
  const store = checkpointStore(
    folder,
    'a_b--seed-0',
    () => 1000,
    (line) => notices.push(line),
  )
  for (const step of steps) store.save(snapshot(step))
  return {
    folder,
    store,
    notices,
    file: (step: number, ending: string) => join(folder, `a_b--seed-0--step-${String(step).padStart(9, '0')}.${ending}`),
  }
}

test('returns what was saved', () => {
  const { store } = stored(5)
  const { step, tensors, meta } = store.newest()!
  expect({ step, meta }).toEqual({ step: 5, meta: { epoch: 5 } })
  expect(tensors.w).toMatchObject({ shape: [2], dtype: 'float32' })
  expect([...tensors.w.data, ...tensors.t.data]).toEqual([5, 2, 0.5])
})

test('keeps the last two', () => {
  const { folder, store } = stored(5, 10, 100)
  expect(readdirSync(folder).filter((name) => name.endsWith('.safetensors'))).toHaveLength(2)
  expect(readdirSync(folder)).toHaveLength(4)
  expect(store.newest()!.step).toBe(100)
})

test('of another unit there are none', () => {
  const { folder } = stored(5)
  expect(
    checkpointStore(
      folder,
      'a_b--seed-1',
      () => 1000,
      () => {},
    ).newest(),
  ).toBeUndefined()
})

describe('a damaged one is passed over for the one before it', () => {
  test.each<[string, (at: ReturnType<typeof stored>) => void]>([
    ['torn', ({ file }) => truncateSync(file(10, 'safetensors'), 40)],
    ['changed', ({ file }) => writeFileSync(file(10, 'safetensors'), 'garbage')],
    ['longer', ({ file }) => appendFileSync(file(10, 'safetensors'), 'x')],
    ['gone', ({ file }) => rmSync(file(10, 'safetensors'))],
    ['with a torn manifest', ({ file }) => truncateSync(file(10, 'json'), 10)],
    ['with an empty manifest', ({ file }) => writeFileSync(file(10, 'json'), '{}')],
  ])('%s', (_, damage) => {
    const at = stored(5, 10)
    damage(at)
    expect(at.store.newest()!.step).toBe(5)
    expect(at.notices[0]).toMatch(/step-000000010 is damaged/)
    expect(at.store.newest()!.step).toBe(5)
    expect(at.notices).toHaveLength(1)
  })

  test('without a manifest, silently: it was never complete', () => {
    const { store, file, notices } = stored(5, 10)
    rmSync(file(10, 'json'))
    expect(store.newest()!.step).toBe(5)
    expect(notices).toEqual([])
  })

  test('whose metrics are lost', () => {
    const { folder } = stored(5, 10)
    expect(
      checkpointStore(
        folder,
        'a_b--seed-0',
        () => 7,
        () => {},
      ).newest()!.step,
    ).toBe(5)
  })
})
