import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { evaluate, snapshot } from '../../../engine/index.ts'
import { makeFolder, writeAtomically, writeJson } from '../../../experiment/index.ts'
import { saveModel } from '../../../kits/lm/checkpoints/write.ts'
import { parameterCount } from '../../../kits/lm/config.ts'
import { requireContext } from '../../../kits/lm/context.ts'
import { scoredBytes, streamScorer } from '../../../kits/lm/evaluate.ts'
import type { LanguageModel } from '../../../kits/lm/model.ts'
import type { DecoderParams } from '../../../kits/lm/params.ts'
import { forgetUnfinished, stepResumably } from '../../../train/resumable.ts'
import type { Fertility } from '../fertility.ts'
import { type ForgettingReport, forgettingOf, type StageScores } from '../forgetting.ts'
import { averaged } from '../remedies.ts'
import { passesOf, planBatches } from './batches.ts'
import { type PlanCorpora, readCorpora } from './corpus.ts'
import { planModel, trainableIn } from './model.ts'
import type { Plan } from './schema.ts'
import { trainerOf } from './trainer.ts'

/** What was measured at one step. */
export interface Observation {
  /** Steps taken. */
  readonly step: number
  readonly bitsPerByte: Readonly<Record<string, number>>
}

/** What `report.json` holds. */
export interface ContinualReport {
  readonly plan: Plan
  readonly parameters: number
  readonly tokens: number
  /** R[stage][domain], the base first. */
  readonly stages: readonly StageScores[]
  readonly forgetting?: ForgettingReport
  readonly curve: readonly Observation[]
  /** How often each domain was read. */
  readonly passes: Readonly<Record<string, number>>
  readonly fertility: Readonly<Record<string, Fertility>>
  readonly firstLoss: number
  readonly lastLoss: number
  readonly tokensPerSecond: number
}

export interface Hooks {
  log(line: string): void
  progress(done: number, total: number, note?: string): Promise<void>
}

/** Reads everything that a plan needs, and says what is unusual about it. @throws InputError for what cannot be trained or measured. */
export async function preparePlan(plan: Plan, { log }: Pick<Hooks, 'log'>) {
  const { warnings, ...model } = await planModel(plan)
  for (const line of warnings) log(line)
  const trainable = trainableIn(plan, model)
  requireContext(model.config, plan.sequenceLength, { where: 'sequenceLength', log })
  const corpora = await readCorpora(plan, model.tokenizer, log)
  for (const [domain, passes] of Object.entries(passesOf(plan, corpora)))
    if (passes > 1)
      log(`${domain} will be repeated ${passes.toFixed(1)} times${passes > manyPasses ? ': more than 4 times helps little' : ''}`)
  const batches = planBatches(plan, corpora, model.tokenizer.pad ?? model.tokenizer.end ?? 0)
  return { model, corpora, batches, trainable }
}

/** Muennighoff et al. 2023: up to four passes are worth almost as much as new text. */
const manyPasses = 4

/**
 * Trains by a plan, from where an earlier call with the same plan and folder was interrupted. Each stage leaves a model directory of its name.
 *
 * @throws InputError for a plan whose texts, model or tokenizer do not fit each other.
 */
export async function runContinualPretraining(plan: Plan, out: string, hooks: Hooks): Promise<ContinualReport> {
  const prepared = await preparePlan(plan, hooks)
  return train(plan, out, prepared, hooks)
}

type Prepared = Awaited<ReturnType<typeof preparePlan>>

async function train(plan: Plan, out: string, { model, corpora, batches }: Prepared, hooks: Hooks): Promise<ContinualReport> {
  const trainer = trainerOf(plan, model)
  const recipe = { plan, corpora: corpora.sha256, config: model.config }
  makeFolder(out)
  const book = observations(out, recipe)
  const measure = measurer(plan, model, corpora)
  const ends = stageEnds(plan)
  const base = await snapshot(model.params)
  const began = performance.now()
  const { losses, resumedAt } = await stepResumably({
    folder: out,
    recipe,
    steps: batches.steps,
    // What a step leaves on the disk is there before the step counts, so that a training that dies in between does it again.
    async step(k) {
      if (k === 0) book.add(0, await measure(base))
      const loss = await trainer.step(k, batches.at(k))
      const stage = ends.find(({ step }) => step === k + 1)
      if (stage || (k + 1) % plan.eval.every === 0) book.add(k + 1, await measure((await trainer.model()).params))
      if (stage && stage !== ends.at(-1)) await saveModel(await trainer.model(), join(out, stage.name))
      return loss
    },
    save: trainer.save,
    restore: trainer.restore,
    onStep: (k, loss) => hooks.progress(k + 1, batches.steps, `${plan.stages[batches.stageOf(k)].name}, loss ${loss.toFixed(3)}`),
  })
  if (resumedAt > 0) hooks.log(`gone on with at step ${resumedAt}`)
  const seconds = (performance.now() - began) / 1000
  const trained = await trainer.model()
  const final = plan.average > 0 ? { ...trained, params: await evaluate(averaged(base, trained.params, plan.average)) } : trained
  if (plan.average > 0) book.add(batches.steps, await measure(final.params))
  await saveModel(final, join(out, plan.stages[plan.stages.length - 1].name))
  const report = {
    ...reportOf(plan, model, corpora, book.all()),
    firstLoss: losses[0],
    lastLoss: losses[losses.length - 1],
    tokensPerSecond: ((batches.steps - resumedAt) * plan.batch * plan.sequenceLength) / seconds,
  }
  writeJson(join(out, 'report.json'), report)
  writeAtomically(join(out, 'metrics.csv'), csvOf(losses, report.curve))
  await forgetUnfinished(out)
  return report
}

/** The stages with the steps after which they end. */
function stageEnds({ stages }: Plan): { name: string; step: number }[] {
  let step = 0
  return stages.map(({ name, steps }) => ({ name, step: (step += steps) }))
}

/** Bits per byte of all domains that are watched. */
function measurer({ sequenceLength: context, batch }: Plan, { config, tokenizer }: LanguageModel, corpora: PlanCorpora) {
  const score = streamScorer(config, { context, batch })
  return async (params: DecoderParams): Promise<Record<string, number>> => {
    const found: Record<string, number> = {}
    for (const [domain, stream] of Object.entries(corpora.eval)) {
      const { bits, tokens } = await score(params, stream)
      found[domain] = bits / scoredBytes(tokenizer, stream, tokens)
    }
    return found
  }
}

/** What was measured so far, kept in a file of its own, so that an interrupted training has it still. */
function observations(out: string, recipe: unknown) {
  const path = join(out, 'observations.json')
  const name = JSON.stringify(recipe)
  const stored = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { recipe: string; all: Observation[] }) : undefined
  const known = new Map((stored?.recipe === name ? stored.all : []).map((own) => [own.step, own]))
  const all = () => [...known.values()].sort((a, b) => a.step - b.step)
  return {
    all,
    add(step: number, bitsPerByte: Record<string, number>) {
      known.set(step, { step, bitsPerByte })
      writeJson(path, { recipe: name, all: all() })
    },
  }
}

function reportOf(plan: Plan, { config }: LanguageModel, corpora: PlanCorpora, curve: readonly Observation[]) {
  const at = (step: number) => curve.find((own) => own.step === step)!.bitsPerByte
  const ends = stageEnds(plan)
  const stages = [{ stage: 'base', bitsPerByte: at(0) }, ...ends.map(({ name, step }) => ({ stage: name, bitsPerByte: at(step) }))]
  const watched = Object.keys(corpora.eval).length > 0
  return {
    plan,
    parameters: parameterCount(config),
    tokens: ends[ends.length - 1].step * plan.batch * plan.sequenceLength,
    stages,
    ...(watched && { forgetting: forgettingOf(stages, plan.eval.old) }),
    curve,
    passes: passesOf(plan, corpora),
    fertility: corpora.fertility,
  }
}

/** One line a step: its loss, and what was measured after it. */
function csvOf(losses: Float64Array, curve: readonly Observation[]): string {
  const domains = Object.keys(curve[0]?.bitsPerByte ?? {})
  const found = new Map(curve.map(({ step, bitsPerByte }) => [step, bitsPerByte]))
  const row = (step: number) =>
    [step, step === 0 ? '' : losses[step - 1], ...domains.map((domain) => found.get(step)?.[domain] ?? '')].join(',')
  const lines = Array.from({ length: losses.length + 1 }, (_, step) => row(step))
  return `${[['step', 'loss', ...domains.map((domain) => `bitsPerByte.${domain}`)].join(','), ...lines].join('\n')}\n`
}
