import { expect, test } from 'vitest'
import { seriesOf } from '../../../experiment/run/metrics.ts'
import { Curves } from './curves.ts'

const observed = (unit: string, steps: number[], values: (number | null)[]) => ({ unit, name: 'loss', steps, values })

test('pieces of a stream are put together, by quantity and unit', () => {
  const curves = new Curves()
  curves.add([observed('a', [0, 1], [3, 2]), { unit: 'a', name: 'accuracy', steps: [1], values: [0.5] }])
  curves.add([observed('a', [2], [1]), observed('b', [0], [null])])
  expect(curves.names()).toEqual(['loss', 'accuracy'])
  expect(curves.of('loss').get('a')).toEqual({ steps: [0, 1, 2], values: [3, 2, 1] })
  expect(curves.of('loss').get('b')).toEqual({ steps: [0], values: [Number.NaN] })
  expect(curves.of('nothing').size).toBe(0)
})

test('a unit that goes on from a checkpoint says some steps again; the curve is the one that the run itself keeps', () => {
  const steps = [0, 10, 20, 30, 10, 20, 30, 40, 0, 10]
  const values = steps.map((_, i) => i)
  const curves = new Curves()
  curves.add([observed('a', steps.slice(0, 5), values.slice(0, 5))])
  curves.add([observed('a', steps.slice(5), values.slice(5))])
  const lines = steps.map((step, i) => ({ unit: 'a', name: 'loss', step, value: values[i], time: 0 }))
  const { x, y } = seriesOf(lines, 'a').loss
  expect(curves.of('loss').get('a')).toEqual({ steps: x, values: y })
})

test('each change has a version of its own', () => {
  const curves = new Curves()
  curves.add([observed('a', [0], [1])])
  const { version } = curves
  curves.clear()
  expect(curves.version).toBeGreaterThan(version)
  expect(curves.names()).toEqual([])
})
