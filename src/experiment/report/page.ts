import type { Text } from '../text.ts'
import { anchor, both, escaped } from './markup.ts'
import { messages, sentences } from './messages.ts'
import { pageScript, pageStyle } from './page-style.ts'

export interface Section {
  /** Its anchor. */
  readonly id: string
  readonly title: Text
  readonly html: string
  /** What it begins with links to, where it is long. */
  readonly parts?: readonly { readonly id: string; readonly title: Text }[]
}

const entry = ({ id, title }: { readonly id: string; readonly title: Text }): string => `<li><a href="#${id}">${both(title)}</a></li>`

/** So many parts of a section are worth a list of their own. */
const manyParts = 3

const partsHtml = ({ parts = [] }: Section): string =>
  parts.length >= manyParts ? `<ul class="parts">${parts.map(entry).join('')}</ul>` : ''

const sectionHtml = (section: Section): string => {
  const { id, title, html } = section
  return `<section aria-labelledby="${id}-title"><h2 id="${id}"><span id="${id}-title">${both(title)}</span>${anchor(id, sentences.linkTo(title))}</h2>${partsHtml(section)}${html}</section>`
}

const contents = (sections: readonly Section[]): string =>
  `<nav class="contents" aria-labelledby="contents"><span class="unseen" id="contents">${both(messages.contents)}</span><ol>${sections.map(entry).join('')}</ol></nav>`

const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

/** One file with everything in it: nothing is fetched, and without scripts it shows English. */
export const htmlPage = ({
  title,
  header,
  sections,
}: {
  title: string
  header: string
  sections: readonly Section[]
}): string => `<!doctype html>
<html lang="en" data-language="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(title)} · Quire</title><style>${pageStyle}</style></head>
<body><header><div class="languages" role="group" aria-label="${messages.language.en} / ${messages.language.zh}"><button type="button" lang="en-GB" data-choose="en">English</button><button type="button" lang="zh-CN" data-choose="zh">中文</button></div>
${header}</header>
${contents(sections)}
<main>
${sections.map(sectionHtml).join('\n')}
</main><script>${pageScript}</script></body></html>
`
