import { expect, test } from 'vitest'
import { compareAddress, fileSource, paperAddress, routeOf, runAddress, startAddress } from './route.ts'

const routeOfAddress = (address: string) => {
  const { pathname, search } = new URL(address, 'http://lab')
  return routeOf(pathname, search)
}

test.each([
  ['/', { view: 'catalogue' }],
  ['/papers/ramda', { view: 'paper', name: 'ramda' }],
  ['/runs', { view: 'runs' }],
  ['/runs/', { view: 'runs' }],
  ['/runs/ramda/20261126-1', { view: 'run', path: 'ramda/20261126-1' }],
  ['/compare?run=a/1&run=b/2&run=a/1', { view: 'compare', runs: ['a/1', 'b/2'] }],
  ['/start/lisa', { view: 'start', name: 'lisa' }],
  ['/demos/digit', { view: 'demo', name: 'digit' }],
  ['/engine?lang=zh', { view: 'engine' }],
  ['/elsewhere', { view: 'nothing' }],
  ['/papers/a/b', { view: 'nothing' }],
  ['/papers/%E0%A4%A', { view: 'nothing' }],
])('%s', (address, route) => {
  expect(routeOfAddress(address)).toEqual(route)
})

test('names of any kind come back from their addresses', () => {
  const name = 'a b/#?%<i>é'.replace('/', '')
  expect(routeOfAddress(paperAddress(name))).toEqual({ view: 'paper', name })
  expect(routeOfAddress(startAddress(name))).toEqual({ view: 'start', name })
  expect(routeOfAddress(runAddress(`${name}/${name}`))).toEqual({ view: 'run', path: `${name}/${name}` })
  expect(routeOfAddress(compareAddress([name, 'x/y']))).toEqual({ view: 'compare', runs: [name, 'x/y'] })
})

test('a file of a run stays below the run', () => {
  expect(fileSource('m/1', 'artifacts/a#b.png')).toBe('/api/runs/m/1/files/artifacts/a%23b.png')
})
