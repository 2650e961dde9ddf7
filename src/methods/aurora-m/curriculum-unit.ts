import { key } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import { initDecoder } from '../../kits/lm/init.ts'
import { type MixtureStage, mixtureSampler } from '../../kits/lm/mixture.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { byteTokenizer } from '../../kits/lm/tokenizers/bytes.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import type { Config } from './config.ts'
import { oldDomains, stagesOf } from './curriculum.ts'
import { type Data, measuredDomains, testWindows, textsOf } from './data.ts'
import { analyseFertility } from './fertility.ts'
import { forgettingOf, type StageScores } from './forgetting.ts'
import { averaged } from './remedies.ts'
import { sampleTexts } from './samples.ts'
import { continualRate } from './schedule.ts'
import { type DomainBits, domainScorer, named, newMean } from './scores.ts'
import { trainBy } from './training-methods.ts'

export type Context = UnitContext<Config, Data>

/** What a unit of the first experiment stores beside its measurements. */
export interface CurriculumDetails {
  /** R[stage][domain], the base first. */
  readonly stages: readonly StageScores[]
  readonly mixture: readonly MixtureStage[]
  /** Bits for one sentence of the test part, by language: the same sentences in all. */
  readonly bitsPerSentence: Readonly<Record<string, number>>
  /** Of the test parts, with a token a byte. */
  readonly tokensPerCharacter?: Readonly<Record<string, number>>
  /** Texts that the model goes on with, where they were asked for. */
  readonly samples?: Readonly<Record<string, string>>
  /** Points between the base and what was trained, where they were asked for. */
  readonly line?: readonly { readonly alpha: number; readonly bitsPerByte: DomainBits }[]
}

/** The parameters that a seed's training starts from. */
export const startOf = ({ config, data, seed }: Pick<Context, 'config' | 'data' | 'seed'>): DecoderParams => {
  const fresh = initDecoder(data.config, key(seed + config.firstSeed))
  return config.start === 'random' ? fresh : fromArrays(data.base, fresh)
}

/** Continual pre-training by one arm's curriculum. */
export async function curriculumUnit(context: Context): Promise<Findings> {
  const { config, data, seed, arm, checkpoint, progress, artifact } = context
  const stages = stagesOf(config)
  const lengths = stages.map(({ steps }) => steps)
  const sampler = mixtureSampler({
    corpora: Object.fromEntries(Object.entries(data.corpora).map(([name, { train }]) => [name, train])),
    stages,
    batch: config.batch,
    context: config.context,
    seed: seed + config.firstSeed,
  })
  const score = domainScorer(data.config, config)
  const tests = textsOf(data.corpora, 'test', measuredDomains)
  const whole = (params: DecoderParams) => score(params, tests, testWindows(config))
  const some = (params: DecoderParams) => score(params, tests, config.curveWindows)
  const watch = watcher(context, stages, { whole, some })
  if (!(await checkpoint.latest())) await watch.begin(startOf(context))
  const { trained, stepSeconds } = await trainBy(config.method, {
    config: data.config,
    start: startOf(context),
    rate: continualRate({ stages: lengths, peak: config.learningRate.continual, kind: config.schedule }),
    anchor: config.anchor,
    seed: seed + config.firstSeed,
    steps: sampler.steps,
    batchAt: sampler.at,
    memory: watch.memory,
    checkpoint,
    progress,
    after: watch.after,
  })
  const base = startOf({ ...context, config: { ...config, start: 'base' } })
  const params = config.average > 0 ? averaged(base, trained, config.average) : trained
  const fromBase = config.start === 'base'
  const before = { stage: fromBase ? 'base' : 'start', bitsPerByte: fromBase ? await data.baseBits() : await whole(startOf(context)) }
  const all = [before, ...watch.stages(), { stage: stages[stages.length - 1].name, bitsPerByte: await whole(params) }]
  await artifact('weights.safetensors', writeSafetensors(await toArrays(params)))
  const isShown = seed === 0 && arm.kind !== 'control'
  const samples = isShown ? await sampleTexts(data, params) : undefined
  if (samples) await artifact('samples.json', `${JSON.stringify({ base: await sampleTexts(data, base), [arm.id]: samples }, null, 2)}\n`)
  return {
    measurements: { ...measurementsOf(all), stepSeconds },
    details: {
      stages: all,
      mixture: stages,
      bitsPerSentence: bitsPerSentence(all[all.length - 1].bitsPerByte, data),
      ...(samples && { samples, tokensPerCharacter: tokensPerCharacter(tests) }),
      ...(config.average > 0 && { line: await lineOf(base, trained, whole) }),
    } satisfies CurriculumDetails,
  }
}

interface Watched {
  readonly scores: readonly StageScores[]
  readonly loss: number
  readonly counted: number
}

/** Looks on while a unit trains: points of curves now and then, the whole test parts where a stage ends. */
function watcher(
  { config, log }: Context,
  stages: readonly MixtureStage[],
  { whole, some }: Record<'whole' | 'some', (params: DecoderParams) => Promise<DomainBits>>,
) {
  let end = 0
  const ends = new Map(stages.map(({ name, steps }) => [(end += steps), name]))
  const steps = end
  const every = Math.max(1, Math.round(steps / config.evaluations))
  let now: Watched = { scores: [], loss: 0, counted: 0 }
  const point = async (step: number, params: DecoderParams) => {
    const bits = await some(params)
    log(step, { ...(now.counted > 0 && { loss: now.loss / now.counted }), ...named('curve', bits), curveNew: newMean(bits) })
    now = { ...now, loss: 0, counted: 0 }
  }
  return {
    begin: (params: DecoderParams) => point(0, params),
    async after(step: number, params: DecoderParams, loss: number) {
      now = { ...now, loss: now.loss + loss, counted: now.counted + 1 }
      if (step % every === 0 || step === steps) await point(step, params)
      const stage = ends.get(step)
      if (stage !== undefined && step < steps) now = { ...now, scores: [...now.scores, { stage, bitsPerByte: await whole(params) }] }
    },
    memory: { keep: () => now, restore: (kept: Watched) => void (now = kept) },
    /** Those before the last. */
    stages: () => now.scores,
  }
}

/** Bits per byte at the end, and what changed since the beginning. */
function measurementsOf(stages: readonly StageScores[]): Record<string, number> {
  const end = stages[stages.length - 1].bitsPerByte
  const { domains, backwardTransfer } = forgettingOf(stages, oldDomains)
  const each = (change: 'gain' | 'forgetting' | 'worstForgetting') =>
    named(change, Object.fromEntries(Object.entries(domains).map(([domain, changes]) => [domain, changes[change]])))
  return {
    ...named('bpb', end),
    bpbNew: newMean(end),
    ...each('gain'),
    ...each('forgetting'),
    ...each('worstForgetting'),
    backwardTransfer,
  }
}

/** The test parts are the same sentences in all languages, so that these compare them whatever their scripts. */
const bitsPerSentence = (bits: DomainBits, { corpora, sentences }: Data): Record<string, number> =>
  Object.fromEntries(
    measuredDomains
      .filter((domain) => domain !== 'code')
      .map((domain) => [domain, (bits[domain] * corpora[domain].test.length) / sentences]),
  )

function tokensPerCharacter(tests: Readonly<Record<string, Uint8Array>>): Record<string, number> {
  const texts = Object.entries(tests).map(([domain, bytes]) => [domain, new TextDecoder().decode(bytes)])
  const table = analyseFertility(byteTokenizer, Object.fromEntries(texts))
  return Object.fromEntries(Object.entries(table).map(([domain, { tokensPerCharacter }]) => [domain, tokensPerCharacter]))
}

const alphas = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]

/** Bits per byte along the line from what was trained (0) to the base (1). */
async function lineOf(base: DecoderParams, trained: DecoderParams, score: (params: DecoderParams) => Promise<DomainBits>) {
  const found: { alpha: number; bitsPerByte: DomainBits }[] = []
  for (const alpha of alphas) found.push({ alpha, bitsPerByte: await score(averaged(base, trained, alpha)) })
  return found
}
