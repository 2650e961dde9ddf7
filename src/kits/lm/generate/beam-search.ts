import type { Finish } from './generation.ts'
import { largestOf } from './sample.ts'

export interface BeamSettings {
  /** Sequences that are followed at a time. */
  readonly beams: number
  readonly maxNewTokens: number
  /** Hypotheses are ranked by log-probability / length^penalty: above 0 it favours long ones. */
  readonly lengthPenalty: number
  /** End as soon as there are as many finished hypotheses as beams; otherwise also only when none that runs can become better. */
  readonly earlyStopping: boolean
  readonly end: ReadonlySet<number>
}

/** log p(next token) of each beam [V]. `parents` and `ids`: what each beam was before, and the token that it got; absent at the first step. */
export type NextLogProbabilities = (step?: { parents: readonly number[]; ids: readonly number[] }) => Promise<readonly Float32Array[]>

export interface Hypothesis {
  /** Without the token that ended it. */
  readonly ids: readonly number[]
  /** Sum of the log-probabilities, that of the end included. */
  readonly logprob: number
  /** logprob / length^lengthPenalty; the length counts the end. */
  readonly score: number
  readonly finish: Finish
}

interface Running {
  readonly ids: readonly number[]
  readonly logprob: number
}

interface Candidate {
  readonly beam: number
  readonly id: number
  readonly logprob: number
}

/** So that at the first step, where all beams are equal, only the first counts. */
const never = -1e9

/**
 * Beam search as in Hugging Face's transformers: of the 2 · beams best continuations (more where there are several end tokens) those that end, and are among
 * the first `beams`, become hypotheses; the best others run on. The hypotheses found, best first, at most as many as beams.
 */
export async function searchBeams(next: NextLogProbabilities, settings: BeamSettings): Promise<Hypothesis[]> {
  const { beams, maxNewTokens, earlyStopping, lengthPenalty, end } = settings
  const kept = Math.max(2, 1 + end.size) * beams
  const score = (logprob: number, length: number) => logprob / length ** lengthPenalty
  let running: Running[] = Array.from({ length: beams }, (_, beam) => ({ ids: [], logprob: beam === 0 ? 0 : never }))
  let finished: Hypothesis[] = []
  const keep = (...found: Hypothesis[]) => {
    finished = [...finished, ...found].sort((a, b) => b.score - a.score).slice(0, beams)
  }
  const isDone = (length: number) =>
    finished.length === beams && (earlyStopping || score(running[0].logprob, length) <= finished[beams - 1].score)

  let tables = await next()
  for (let length = 1; ; length++) {
    const candidates = bestOf(running, tables, kept)
    for (const { beam, id, logprob } of candidates.slice(0, beams))
      if (end.has(id)) keep({ ids: running[beam].ids, logprob, score: score(logprob, length), finish: 'stop' })
    const chosen = candidates.filter(({ id }) => !end.has(id)).slice(0, beams)
    running = chosen.map(({ beam, id, logprob }) => ({ ids: [...running[beam].ids, id], logprob }))
    if (running.length === 0 || isDone(length)) break
    if (length === maxNewTokens) {
      keep(...running.map(({ ids, logprob }): Hypothesis => ({ ids, logprob, score: score(logprob, length), finish: 'length' })))
      break
    }
    tables = await next({ parents: chosen.map(({ beam }) => beam), ids: chosen.map(({ id }) => id) })
  }
  return finished
}

/** The best continuations over all beams, best first; earlier beams and smaller ids first among equals. */
function bestOf(running: readonly Running[], tables: readonly Float32Array[], count: number): Candidate[] {
  return running
    .flatMap(({ logprob }, beam) => largestOf(tables[beam], count).map((id) => ({ beam, id, logprob: logprob + tables[beam][id] })))
    .sort((a, b) => b.logprob - a.logprob || a.beam - b.beam || a.id - b.id)
    .slice(0, count)
}
