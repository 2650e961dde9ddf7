import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { beforeAll, describe, expect, test } from 'vitest'
import { runExperiment } from '../run/run.ts'
import { comparable, scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import { answers, questions, reasons } from './checklist-messages.ts'
import { comparisonMessages } from './comparison/comparison-messages.ts'
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
    baseline: { name: 'a slow walk', nameZh: '慢步', mean: isNumber, ci95: pair, values: [isNumber, isNumber, isNumber] },
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
    ['the figure in words', '![m against step. the walk: from 1'],
    ['what to look for', '_What to look for:_ The walk gets farther'],
    ['the control beside its claim', '| no-drift: '],
    ['the checklist', '## Reproducibility checklist'],
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
    for (const element of page().querySelectorAll('*'))
      for (const { name, value } of element.attributes)
        if (/^(href|xlink:href|action|poster|srcset|data)$/.test(name)) expect(value).toMatch(/^#|^data:text\/csv|^https:\/\/arxiv/)
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
      const svg = figure.querySelector('svg[role=img]')!
      for (const reference of ['aria-labelledby', 'aria-describedby'])
        expect(page().getElementById(svg.getAttribute(reference)!)?.textContent, reference).toBeTruthy()
      expect(figure.querySelectorAll('details table tbody tr').length).toBe(40)
    }
  })

  test('every figure can be downloaded, with each number as it was measured', () => {
    const address = page().querySelector('a[download="place.csv"]')!.getAttribute('href')!
    const csv = decodeURIComponent(address.slice(address.indexOf(',') + 1))
    const rows = csv.trimEnd().split('\r\n')
    expect(rows[0]).toBe('series,seed number,step,m,low,high')
    // Two arms: a mean and three seeds each, 20 steps.
    expect(rows).toHaveLength(1 + 2 * 4 * 20)
    const unit = JSON.parse(readFileSync(join(folder, 'units', 'straight_walk--seed-1.json'), 'utf8'))
    expect(rows).toContain(`the walk,2,20,${unit.series.place.y[19]},,`)
  })

  test('contents, claims and questions have anchors, and every link inside the page leads somewhere', () => {
    const ids = [...page().querySelectorAll('[id]')].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const targets = [...page().querySelectorAll('a[href^="#"]')].map((link) => link.getAttribute('href')!.slice(1))
    expect(targets.filter((id) => !ids.includes(id))).toEqual([])
    for (const id of ['claims', 'checklist', 'claim-moves', 'figure-place', 'checklist-errorBars']) expect(targets).toContain(id)
  })

  test('a claim is one row, with its control', () => {
    const row = page().getElementById('claim-moves')!
    const { measured } = report.controls.find(({ claim }) => claim === 'moves')!
    for (const text of [
      'The walk moves at 0.8 or more',
      'a slow walk',
      '慢步',
      'no-drift',
      '≥ 0.8',
      'holds',
      Number(measured.mean!.toPrecision(4)).toString(),
    ])
      expect(row.textContent).toContain(text)
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
  const catalogue = { ...messages, ...questions, ...answers, ...reasons, ...comparisonMessages }
  // Names and symbols are the same everywhere.
  const { a: _, b: __, ratio: ___, difference: ____, ...texts } = catalogue
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text === 'function') continue
    expect(text.en.trim(), key).not.toBe('')
    expect(text.zh, key).toMatch(/[一-鿿]/)
  }
})
