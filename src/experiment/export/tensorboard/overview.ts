import { join } from 'node:path'
import { type ExportedRun, endOf, figureFiles, runFile } from '../exported-run.ts'
import { verdictTable } from '../verdict-table.ts'
import type { EventFile } from './event-file.ts'

/** What belongs to the whole run: the verdicts and the report as texts, the figures as images. Returns how many images. */
export async function writeOverview(run: ExportedRun, file: EventFile): Promise<number> {
  const time = endOf(run) / 1000
  if (run.report) file.add(time, 0, { kind: 'text', tag: 'verdicts', text: verdictTable(run.report) })
  const report = runFile(run, 'report.md')
  if (report) file.add(time, 0, { kind: 'text', tag: 'report', text: withoutImages(report.toString('utf8')) })
  const figures = figureFiles(run)
  for (const name of figures) {
    const image = await pngOf(runFile(run, join('artifacts', name))!)
    file.add(time, 0, { kind: 'image', tag: `figures/${name.replace(/\.svg$/, '')}`, ...image })
  }
  return figures.length
}

/** The text page has no files beside it; the figures are under IMAGES. */
const withoutImages = (markdown: string): string => markdown.replace(/!\[([^\]]*)\]\(artifacts\/[^)]*\)/g, '*$1*')

async function pngOf(svg: Uint8Array): Promise<{ png: Uint8Array; width: number; height: number }> {
  const { default: sharp } = await import('sharp')
  const { data, info } = await sharp(svg, { density: 144 }).flatten({ background: 'white' }).png().toBuffer({ resolveWithObject: true })
  return { png: data, width: info.width, height: info.height }
}
