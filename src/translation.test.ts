import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/*
 * README.zh-CN.md says what README.md says. Words cannot be compared; what can is all that does not depend on a language: how deep headings are,
 * code, rows of tables, pictures, links and numbers, each in its section.
 */

interface Section {
  readonly level: number
  /** Code by block, without comments, which are translated. */
  readonly code: readonly string[]
  readonly rows: number
  readonly pictures: readonly string[]
  /** Where links lead, sorted: sentences put them in an order of their own. */
  readonly links: readonly string[]
  /** Numbers in prose and tables, and code in a line of prose, sorted. */
  readonly numbers: readonly string[]
}

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([whole, part]) => part ?? whole)

const withoutComments = (code: string): string => code.replace(/\s+(?:#|\/\/) .*$/gm, '')

function sectionOf(text: string): Section {
  const prose = text.replace(/^```.*?^```/gms, '')
  return {
    level: /^#*/.exec(text)![0].length,
    code: all(text, /^```.*?^```/gms).map(withoutComments),
    rows: all(prose, /^\|/gm).length,
    pictures: all(prose, /!\[[^\]]*\]\(([^)]*)\)/g),
    links: all(prose, /(?<!!)\[[^\]]*\]\(([^)]*)\)/g).sort(),
    numbers: [...all(prose.replace(/\]\([^)]*\)/g, ']'), /`[^`]+`|\d+(?:[.,]\d+)*/g)].sort(),
  }
}

/** The sections of a text in Markdown: each heading and what follows it. */
const sectionsOf = (file: string): Section[] => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  // A line of a shell script that begins with # is no heading.
  const fenced = text.replace(/^```.*?^```/gms, (block) => block.replace(/^#/gm, '\u0000#'))
  return fenced
    .split(/^(?=#+ )/m)
    .filter(Boolean)
    .map((part) => sectionOf(part.replaceAll('\u0000', '')))
}

const toOther = (links: readonly string[], other: string): string[] => links.filter((link) => link !== other)

test('README.zh-CN.md says the same as README.md, section by section', () => {
  const english = sectionsOf('README.md')
  const chinese = sectionsOf('README.zh-CN.md')
  expect(chinese.map(({ level }) => level)).toEqual(english.map(({ level }) => level))
  for (const [k, section] of chinese.entries()) {
    expect({ ...section, links: toOther(section.links, 'README.md') }).toEqual({
      ...english[k]!,
      links: toOther(english[k]!.links, 'README.zh-CN.md'),
    })
  }
})

test('each leads to the other at once, and every file that they name is there', () => {
  const [first, ...rest] = sectionsOf('README.md')
  expect(first!.links).toContain('README.zh-CN.md')
  expect(sectionsOf('README.zh-CN.md')[0]!.links).toContain('README.md')
  const files = [first!, ...rest].flatMap(({ links, pictures }) => [...links, ...pictures]).filter((link) => !link.startsWith('https://'))
  expect(files.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([])
})
