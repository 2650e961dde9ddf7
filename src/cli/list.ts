import type { Shell } from './cli.ts'
import { aligned, painter } from './style.ts'

/** `quire list` */
export function list({ terminal, methods }: Shell, { json }: { json?: boolean }): number {
  const sorted = [...methods].sort((a, b) => a.number - b.number)
  if (json) {
    terminal.out(
      JSON.stringify(
        sorted.map(({ number, name, title, arxiv, area, summary }) => ({ number, name, title, arxiv, area, summary })),
        null,
        2,
      ),
    )
    return 0
  }
  const paint = painter(terminal)
  const rows = sorted.map(({ number, name, area, summary, arxiv }) => [
    String(number).padStart(2, '0'),
    name,
    area,
    `${summary.en} arXiv ${arxiv}`,
  ])
  for (const [i, line] of aligned(rows).entries()) terminal.out(line.replace(sorted[i].name, paint('bold', sorted[i].name)))
  return 0
}
