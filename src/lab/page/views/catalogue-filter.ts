import { languages } from '../../../experiment/text.ts'
import type { PaperCard, PaperState } from '../../api.ts'

export interface Filter {
  /** Words that all have to be there, in either language. */
  readonly query: string
  /** English name of an area; empty for all. */
  readonly area: string
  /** Empty for all. */
  readonly state: PaperState | ''
}

const wordsOf = ({ number, name, title, arxiv, area, summary, purpose }: PaperCard): string =>
  [
    String(number).padStart(2, '0'),
    name,
    title,
    arxiv,
    ...languages.flatMap((language) => [area[language], summary[language], purpose[language]]),
  ]
    .join('\n')
    .toLowerCase()

/** The papers that somebody asks for. */
export function filtered(papers: readonly PaperCard[], { query, area, state }: Filter): PaperCard[] {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean)
  return papers.filter((paper) => {
    const words = asked.length ? wordsOf(paper) : ''
    return (!area || paper.area.en === area) && (!state || paper.state === state) && asked.every((word) => words.includes(word))
  })
}
