import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { beforeAll, describe, expect, test } from 'vitest'
import { runExperiment } from '../run/run.ts'
import { comparable, scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import { messages } from './messages.ts'
import { makeReport, type Report } from './report.ts'

const about = { title: 'On <walking> & "standing"', arxiv: '0000.00000', summary: { en: 'Walks.', zh: '行走。' } }
let folder = ''
let report: Report
let html = ''
let markdown = ''

beforeAll(async () => {
  const run = await runExperiment(walk({ real: false }), {
    preset: 'small',
    folder: join(scratch(), 'run'),
    about,
    settings: { noise: { scale: 0.2 } },
  })
  folder = run.folder
  report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))
  html = readFileSync(join(folder, 'report.html'), 'utf8')
  markdown = readFileSync(join(folder, 'report.md'), 'utf8')
})

const isNumber = expect.any(Number)
const pair = [isNumber, isNumber]

test('report.json is what other programs were promised', () => {
  expect(report).toMatchObject({
    method: 'walk',
    preset: 'small',
    seeds: [0, 1, 2],
    data: { name: 'nothing', real: false, source: 'none', sha256: 'abc' },
    cost: { seconds: isNumber, peakBytes: isNumber, flops: 600, parameters: 1 },
  })
  expect(report.claims).toHaveLength(2)
  expect(report.claims[0]).toMatchObject({
    id: 'moves',
    statement: 'The walk moves at 0.8 or more',
    paper: { value: 1, unit: 'm/s', where: 'Table 1' },
    measured: { mean: isNumber, ci95: pair, n: 3, values: [isNumber, isNumber, isNumber] },
    baseline: { name: 'a slow walk', mean: isNumber, ci95: pair, values: [isNumber, isNumber, isNumber] },
    threshold: 0.8,
    verdict: 'holds',
  })
  expect(report.claims[0]).toMatchObject({
    statistic: 'mean',
    interval: 'student-t',
    measured: { estimate: report.claims[0].measured.mean },
    control: { id: 'no-drift', arm: 'straight/no-drift', measured: { mean: isNumber }, verdict: 'fails', failsAsItShould: true },
  })
  expect(report.controls).toHaveLength(2)
  expect(report.controls[0]).toMatchObject({ id: 'no-drift', broken: 'the drift is zero', claim: 'moves', failsAsItShould: true })
})

test('it can be made again from the stored files, to the same bytes', async () => {
  const before = { ...comparable(folder), html, markdown }
  await makeReport(walk(), folder)
  const [again, page] = [readFileSync(join(folder, 'report.md'), 'utf8'), readFileSync(join(folder, 'report.html'), 'utf8')]
  expect({ ...comparable(folder), html: page, markdown: again }).toEqual(before)
})

describe('report.md', () => {
  test.each([
    ['the statement and the paper', '| The walk moves at 0.8 or more | 1 m/s (Table 1) |'],
    ['the bar and how it is applied', '≥ 0.8 (every seed)'],
    ['the verdict and the bar before', '**holds**; the bar was provisional; before the first run it was 0.9'],
    ['what came after the first run', 'added after the first run: the first run was slow'],
    ['the control', '| no-drift | the drift is zero | moves |'],
    ['that the data are generated', '> **GENERATED, NOT REAL.**'],
    ['how to repeat it', 'quire run walk --preset small --seeds 3 --set noise.scale=0.2'],
    ['where it differs', '- Nobody walks'],
    ['the figure', '![The walk gets farther](artifacts/place.svg)'],
    ['the paper', 'https://arxiv.org/abs/0000.00000'],
    ['the statistic', 'Student-t 95 % interval'],
  ])('says %s', (_, text) => expect(markdown).toContain(text))

  test('its figures exist', () => {
    for (const [, file] of markdown.matchAll(/\]\((artifacts\/[^)]+)\)/g)) expect(existsSync(join(folder, file))).toBe(true)
  })
})

describe('report.html', () => {
  const page = () => parseHTML(html).document

  test('fetches nothing: every address is a plain link to the paper', () => {
    expect(html).not.toMatch(/<(link|iframe|img|object|embed|base)\b/)
    expect(html).not.toMatch(/\bsrc\s*=|@import|url\(|fetch\(|XMLHttpRequest|import\(/)
    const addresses = [...html.matchAll(/https?:\/\/[^\s"'<>)]+/g)].map(([address]) => address)
    const allowed = ['https://arxiv.org/abs/0000.00000', 'http://www.w3.org/2000/svg']
    expect(addresses.filter((address) => !allowed.includes(address))).toEqual([])
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"`)
  })

  test('says everything in both languages', () => {
    const [english, chinese] = ['en', 'zh'].map((language) => page().querySelectorAll(`body [lang=${language}]`).length)
    expect(english).toBeGreaterThan(50)
    expect(chinese).toBe(english)
    for (const text of ['行走速度不低于 0.8', '首次运行后添加', '首次运行较慢', '漂移为零', '负对照', '无人行走', '生成数据', '路程'])
      expect(html).toContain(text)
  })

  test('shows one language at a time, and can switch', () => {
    expect(html).toContain('<html lang="en" data-language="en">')
    expect(html).toContain(':root[data-language=en] [lang=zh],:root[data-language=zh] [lang=en]{display:none}')
    expect(page().querySelectorAll('button[data-choose]')).toHaveLength(2)
  })

  test('every chart is described, and has its numbers in a table', () => {
    const figures = [...page().querySelectorAll('figure')]
    expect(figures).toHaveLength(1)
    for (const figure of figures) {
      for (const svg of figure.querySelectorAll('div > svg')) {
        expect(svg.getAttribute('aria-label')).toBeTruthy()
        expect(svg.getAttribute('aria-description')).toBeTruthy()
        expect(svg.getAttribute('role')).toBe('img')
      }
      expect(figure.querySelectorAll('details table tbody tr').length).toBe(40)
    }
  })

  test('names the generated data before the verdict', () =>
    expect(html.indexOf('class="warning"')).toBeLessThan(html.indexOf('class="outcome')))
  test('text is text, not markup', () => expect(html).toContain('On &lt;walking&gt; &amp; &quot;standing&quot;'))
  test('is dark in the dark, and prints', () => {
    expect(html).toContain('prefers-color-scheme:dark')
    expect(html).toContain('@media print')
  })
  test('is small', () => expect(html.length).toBeLessThan(150_000))
})

test('no text is missing in a language', () => {
  for (const [key, text] of Object.entries(messages)) {
    expect(text.en.trim(), key).not.toBe('')
    expect(text.zh, key).toMatch(/[一-鿿]/)
  }
})
