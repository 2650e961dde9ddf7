/** The command line of `npm run bench`. */
import os from 'node:os'
import { parseArgs } from 'node:util'
import { measures } from './own/index.mjs'
import { peers } from './peers/index.mjs'
import { BATCHES, workloads } from './workloads.mjs'

export class UsageError extends Error {}

/** Everything that --workload can name: the workloads, and the measures of quire alone. */
export const parts = [...Object.keys(workloads), ...measures.map(({ id }) => id)]

/** What a run takes where the command line says nothing else. */
export const defaults = { rounds: 3, seconds: 4 }

export const usage = `npm run bench -- [options]
  --workload NAMES   of ${parts.join(', ')} (default: all)
  --peers NAMES      of ${peers.map(({ id }) => id).join(', ')} (default: all)
  --threads COUNTS   thread counts to try (default: all cores, and 1)
  --rounds N         measurements of each, interleaved (default ${defaults.rounds})
  --seconds S        timed seconds of each measurement (default ${defaults.seconds})
  --resume           measure only what .work/partial.json lacks
  --quick            one round of one second, all cores only, nothing kept: a look, not a result
  --no-build         measure the dist/ that is there`

export function readOptions() {
  const text = { type: 'string' }
  const flag = { type: 'boolean', default: false }
  const options = { workload: text, peers: text, threads: text, rounds: text, seconds: text }
  let values
  try {
    values = parseArgs({ options: { ...options, resume: flag, quick: flag, 'no-build': flag, help: flag } }).values
  } catch (error) {
    throw new UsageError(`${error.message.split('. ')[0]}; --help lists the options`)
  }
  const names = (given, known, what) => {
    const chosen = given?.split(',').map((name) => name.trim()) ?? known
    const unknown = chosen.find((name) => !known.includes(name))
    if (unknown !== undefined) throw new UsageError(`no ${what} is called "${unknown}"; there are ${known.join(', ')}`)
    return known.filter((name) => chosen.includes(name))
  }
  const number = (given, otherwise, what) => {
    const value = given === undefined ? otherwise : Number(given)
    if (!(value > 0)) throw new UsageError(`--${what} takes a number above zero, not "${given}"`)
    return value
  }
  if (values.quick && values.resume) throw new UsageError('--quick keeps nothing, so there is nothing to --resume')
  const cores = os.availableParallelism()
  const counts = values.threads?.split(',').map((count) => number(count, 0, 'threads')) ?? (values.quick ? [cores] : [cores, 1])
  const peerIds = peers.map(({ id }) => id)
  return {
    help: values.help,
    parts: names(values.workload, parts, 'workload'),
    peers: names(values.peers, peerIds, 'peer'),
    threads: [...new Set(counts)],
    cores,
    rounds: number(values.rounds, values.quick ? 1 : defaults.rounds, 'rounds'),
    seconds: number(values.seconds, values.quick ? 1 : defaults.seconds, 'seconds'),
    losses: values.quick ? 5 : BATCHES,
    resume: values.resume,
    quick: values.quick,
    build: !values['no-build'],
    /** Whether what is measured of a workload is all of it. */
    whole: values.peers === undefined && values.threads === undefined,
  }
}
