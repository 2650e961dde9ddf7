import { expect, test } from 'vitest'
import { datasetNames } from './config.ts'
import { loadSets, partsOf } from './examples.ts'

test('the tables have the published numbers of rows', async () => {
  const { provenance, sets } = await loadSets(datasetNames, { offline: true })
  const shape = (name: keyof typeof sets) => sets[name]!.examples.x.shape
  if (provenance.real) {
    expect([shape('compas'), shape('bank'), shape('adult')]).toEqual([
      [6172, 14],
      [45_211, 20],
      [30_162, 28],
    ])
  }
  for (const name of datasetNames) {
    const { x } = sets[name]!.examples
    expect(x.data.every(Number.isFinite)).toBe(true)
    expect(new Set(sets[name]!.examples.y.data)).toEqual(new Set([0, 1]))
  }
  const [one, other] = [0, 1].map((seed) => partsOf('compas', sets.compas!, { seed, limit: 1000 }))
  expect([one.train.x.shape[0], one.test.x.shape[0]]).toEqual([700, 200])
  expect(one.train.x.data).not.toEqual(other.train.x.data)
})
