import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { OneOfRuns, RunEvent } from '../../api.ts'
import { followRun } from './follow.ts'

/** Streams as a browser opens them, which say what a test lets them say. */
class Stream {
  static all: Stream[] = []
  onmessage?: (message: { data: string; lastEventId: string }) => void
  onerror?: () => void
  isOpen = true
  readonly runs: string[]
  readonly from: string[]
  constructor(address: string) {
    const words = new URL(address, 'http://lab').searchParams
    this.runs = words.getAll('run')
    this.from = words.getAll('from')
    Stream.all.push(this)
  }
  close() {
    this.isOpen = false
  }
  say(event: OneOfRuns, id = '0') {
    this.onmessage?.({ data: JSON.stringify(event), lastEventId: id })
  }
}

const page = Object.assign(new EventTarget(), { hidden: false })
const see = (hidden: boolean) => {
  page.hidden = hidden
  page.dispatchEvent(new Event('visibilitychange'))
  vi.runAllTimers()
}
const open = () => Stream.all.filter(({ isOpen }) => isOpen)
const leave: (() => void)[] = []
const follow = (path: string, on: (event: RunEvent) => void = () => {}) => void leave.push(followRun(path, on))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', page)
  vi.stubGlobal('EventSource', Stream)
})
afterEach(() => {
  for (const end of leave.splice(0)) end()
  Stream.all = []
  page.hidden = false
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('all runs of a tab come in one stream, each to whoever follows it', () => {
  const told: string[] = []
  for (const path of ['a/1', 'a/2', 'b/3']) follow(path, ({ kind }) => told.push(`${path} ${kind}`))
  vi.runAllTimers()
  expect(Stream.all.map(({ runs }) => runs)).toEqual([['a/1', 'a/2', 'b/3']])
  const [stream] = Stream.all
  stream.say({ run: 'a/2', kind: 'anew' })
  for (const run of ['a/1', 'b/3']) stream.say({ run, kind: 'end' })
  expect(told).toEqual(['a/2 anew', 'a/1 end', 'b/3 end'])
  expect(stream.isOpen).toBe(true)
  stream.say({ run: 'a/2', kind: 'gone' })
  expect(open()).toEqual([])
})

test('nobody who does not see the page has a stream; it goes on from where it was', () => {
  follow('a/1')
  follow('a/2')
  vi.runAllTimers()
  Stream.all[0].say({ run: 'a/1', kind: 'observations', series: [] }, '120-7')
  see(true)
  expect(open()).toEqual([])
  see(false)
  expect(open()).toMatchObject([{ runs: ['a/1', 'a/2'], from: ['120-7', '0'] }])
})

test('a stream that broke is opened again, from where it was; what has ended is not asked for again', () => {
  follow('a/1')
  follow('a/2')
  vi.runAllTimers()
  Stream.all[0].say({ run: 'a/1', kind: 'end' }, '9')
  Stream.all[0].say({ run: 'a/2', kind: 'observations', series: [] }, '5')
  Stream.all[0].onerror?.()
  expect(open()).toEqual([])
  vi.runAllTimers()
  expect(open()).toMatchObject([{ runs: ['a/2'], from: ['5'] }])
})

test('places that no address could hold are left out', () => {
  follow('a/1')
  vi.runAllTimers()
  Stream.all[0].say({ run: 'a/1', kind: 'observations', series: [] }, `tasks:${'0.1.2 '.repeat(1200)}`)
  see(true)
  see(false)
  expect(open()).toMatchObject([{ from: ['0'] }])
})
