import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { languages } from '../experiment/text.ts'
import { methods } from '../methods/index.ts'
import { captions } from './papers/captions.ts'
import { entriesTo13 } from './papers/entries-01-13.ts'
import { entriesFrom14 } from './papers/entries-14-26.ts'
import { papers } from './papers.ts'

/** Numbers and names of the catalogue, which commands, folders and addresses rely on. */
const catalogue =
  '1 rl-mul, 2 aurora-m, 3 lisa, 4 ramda, 5 forward-frank-wolfe, 6 codeultrafeedback, 7 cognitive-security, 8 fgbert, 9 autommlab, 10 omnipred, ' +
  '11 diffv2iqa, 12 maxmin-rlhf, 13 joint-graph, 14 place-by-picking, 15 kg-llm, 16 tapis, 17 step-adaptive, 18 prgd, 19 ono, 20 estable-net, ' +
  '21 pfami, 22 peft-code, 23 u-turn, 24 mert, 25 patch-mix, 26 r2et'

describe('the catalogue', () => {
  it('has all papers by number', () => {
    expect(papers.map(({ number, name }) => `${number} ${name}`).join(', ')).toBe(catalogue)
  })

  it('takes from a card all that the card says', () => {
    for (const { number, name, title, arxiv, area, summary } of methods) {
      expect(papers.find((paper) => paper.name === name)).toMatchObject({ number, title, arxiv, area: { en: area }, summary })
    }
  })

  it('says of no method what its card says', () => {
    const twice = [...entriesTo13, ...entriesFrom14].filter(({ name, card }) => card && methods.some((method) => method.name === name))
    expect(twice.map(({ name }) => name)).toEqual([])
  })

  it('repeats nothing: titles, arXiv ids and texts are each paper’s own', () => {
    for (const key of ['title', 'arxiv'] as const) expect(new Set(papers.map((paper) => paper[key])).size).toBe(papers.length)
    for (const language of languages) {
      const texts = papers.flatMap(({ summary, purpose, text }) => [summary[language], purpose[language], ...text[language].split('\n\n')])
      expect(new Set(texts).size).toBe(texts.length)
    }
  })

  it.each(papers)('$number $name is complete in both languages', ({ title, arxiv, area, summary, purpose, text }) => {
    expect(title).toMatch(/^\S.{10,}\S$/)
    expect(arxiv).toMatch(/^\d{4}\.\d{5}$/)
    for (const { en, zh } of [area, summary, purpose, text]) {
      expect(en).toMatch(/[A-Za-z]{4}/)
      expect(en).not.toMatch(/\p{Script=Han}/u)
      expect(zh).toMatch(/\p{Script=Han}/u)
    }
    // One sentence, as tables and lists show it: no full stop, and not longer than a line or two.
    for (const { en, zh } of [summary, purpose]) {
      expect(en).not.toMatch(/\.$|\n/)
      expect(zh).not.toMatch(/。|\n/)
      expect(en.length).toBeLessThanOrEqual(180)
      expect(zh.length).toBeLessThanOrEqual(90)
    }
    const paragraphs = languages.map((language) => text[language].split('\n\n'))
    expect(paragraphs.map(({ length }) => length)).toEqual([2, 2])
    for (const paragraph of paragraphs[0]!) expect(paragraph).toMatch(/^[^\s].{150,}\.$/s)
    for (const paragraph of paragraphs[1]!) expect(paragraph).toMatch(/^[^\s].{60,}。$/s)
  })

  it('writes Chinese with Chinese punctuation, and a space between the scripts', () => {
    const all = papers.flatMap(({ summary, purpose, text }) => [summary.zh, purpose.zh, ...text.zh.split('\n\n')])
    const wrong = all.flatMap(
      (text) => text.match(/.{0,6}(?:\p{Script=Han}[,;:!?(]|\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}).{0,6}/gu) ?? [],
    )
    expect(wrong).toEqual([])
  })

  it('has a Chinese caption for every picture of the READMEs, and for no other', () => {
    const pictures = methods.flatMap(({ name }) => {
      const readme = readFileSync(join(import.meta.dirname, '..', 'methods', name, 'README.md'), 'utf8')
      return Array.from(readme.matchAll(/!\[[^\]]*\]\([^)]*docs\/images\/([\w.-]+)\)/g), ([, file]) => file)
    })
    expect(Object.keys(captions).sort()).toEqual([...new Set(pictures)].sort())
  })
})
