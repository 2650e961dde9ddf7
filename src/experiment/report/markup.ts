import { type Label, languages, type Text } from '../text.ts'

/* Pieces of HTML that the pages are made of. Every text is there in all languages; the style sheet shows the chosen one. */

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A text in all languages. */
export const both = (text: Text): string =>
  text.en === text.zh
    ? escaped(text.en)
    : languages.map((language) => `<span lang="${language}">${escaped(text[language])}</span>`).join('')

export const label = (text: Label): string => (typeof text === 'string' ? escaped(text) : both(text))

/** For screen readers alone. */
export const unseen = (text: Text): string => `<span class="unseen">${both(text)}</span>`

export const small = (html: string): string => (html ? `<small>${html}</small>` : '')

/** A name that can stand in an address. */
export const anchorOf = (kind: string, name: string): string => `${kind}-${name.replace(/[^\w.-]+/g, '-')}`

/** The link that one copies to point at a place of the page. */
export const anchor = (id: string, title: Text): string =>
  `<a class="anchor" href="#${id}"><span aria-hidden="true">#</span>${unseen(title)}</a>`

export interface TableRow {
  readonly id?: string
  readonly cells: readonly string[]
}

export interface TableOptions {
  /** The first cell of a row names it. */
  readonly named?: boolean
  /** Rows become cards on a narrow screen; then each cell says its column. */
  readonly cards?: boolean
  /** What the table holds, for whoever cannot see where it stands. */
  readonly title?: Text
}

const roleOf = (role: string, { cards }: TableOptions): string => (cards ? ` role="${role}"` : '')

/** A table that scrolls by itself where it is too wide. */
export function table(head: readonly Text[], rows: readonly (TableRow | readonly string[])[], options: TableOptions = {}): string {
  const role = (name: string) => roleOf(name, options)
  const isRow = (row: TableRow | readonly string[]): row is TableRow => 'cells' in row
  const cellOf = (cell: string, i: number) => {
    const column = options.cards && head[i] ? languages.map((language) => ` data-${language}="${escaped(head[i][language])}"`).join('') : ''
    return options.named && i === 0
      ? `<th scope="row"${role('rowheader')}${column}>${cell}</th>`
      : `<td${role('cell')}${column}>${cell}</td>`
  }
  const rowOf = (row: TableRow | readonly string[]) => {
    const { id, cells } = isRow(row) ? row : { id: undefined, cells: row }
    return `<tr${id ? ` id="${id}"` : ''}${role('row')}>${cells.map(cellOf).join('')}</tr>`
  }
  const headRow = head.length
    ? `<thead${role('rowgroup')}><tr${role('row')}>${head.map((cell) => `<th scope="col"${role('columnheader')}>${both(cell)}</th>`).join('')}</tr></thead>`
    : ''
  const title = options.title ? `<caption class="unseen">${both(options.title)}</caption>` : ''
  return `<div class="wide"><table${options.cards ? ' class="cards"' : ''}${role('table')}>${title}${headRow}<tbody${role('rowgroup')}>${rows.map(rowOf).join('')}</tbody></table></div>`
}

/** Names and values, without a head. */
export const namedValues = (rows: readonly (readonly [Text, string])[]): string =>
  table(
    [],
    rows.map(([name, value]) => [both(name), value]),
    { named: true },
  )

export const list = (items: readonly string[]): string =>
  items.length === 1 ? `<p>${items[0]}</p>` : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`

/** What is folded away at first; `printed` things are unfolded on paper. */
export const folded = (title: Text, html: string, { printed = false }: { printed?: boolean } = {}): string =>
  `<details class="${printed ? 'printed' : 'unprinted'}"><summary>${both(title)}</summary>${html}</details>`
