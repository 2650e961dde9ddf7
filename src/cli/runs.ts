import { formatSeconds } from '../experiment/format.ts'
import { withQueues } from '../experiment/launch/queue.ts'
import { listRuns, type RunSummary } from '../experiment/run/run-list.ts'
import type { Shell } from './cli.ts'
import { aligned } from './style.ts'

const verdictsText = ({ verdicts }: RunSummary): string =>
  Object.entries(verdicts ?? {})
    .map(([claim, verdict]) => `${claim} ${verdict}`)
    .join(', ')

const cells = (run: RunSummary): string[] => [
  run.folder,
  run.status,
  run.preset ?? '',
  run.seeds ? `${run.seeds.length} seeds` : '',
  run.seconds === undefined ? '' : formatSeconds(run.seconds),
  run.problem ?? ([run.real === false ? 'generated data' : '', verdictsText(run)].filter(Boolean).join('; ') || ''),
]

/** `quire runs` */
export function runs({ terminal }: Shell, dir: string | undefined, { json }: { json?: boolean }): number {
  const root = dir ?? 'runs'
  const found = withQueues(listRuns(root))
  if (json) terminal.out(JSON.stringify(found, null, 2))
  else if (found.length)
    for (const line of aligned([['run', 'status', 'preset', 'seeds', 'time', 'verdicts'], ...found.map(cells)])) terminal.out(line)
  else terminal.out(`no runs under ${root}; quire run <method> makes one`)
  return 0
}
