import { leaves, sizeOf, type Tensor } from '../../engine/index.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import { denoiserOf } from '../../kits/diffusion/index.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { keepModels } from './artifacts.ts'
import { boundaryJumps } from './boundaries.ts'
import type { Config } from './config.ts'
import type { Data, Digits } from './data.ts'
import { probedParts } from './grouping.ts'
import { snrDbAt } from './groups.ts'
import { bankText, type Trial } from './memory-bank.ts'
import { equalParts, gradientCosines, probe } from './probe.ts'
import { samplingSeconds } from './sampling-time.ts'
import { lossByGroup, lossCurve, noiseFloor, sampleScores } from './scores.ts'
import { TrainingSession } from './session.ts'
import { tasks } from './tasks.ts'
import { commonTrainings, type TrainedArm, totalSteps, trainArm } from './train-arm.ts'

export type Context = UnitContext<Config, Data>

/** What is stored beside the measurements. */
export interface Details {
  readonly groups: readonly {
    readonly from: number
    readonly to: number
    readonly snrDb: number
    /** Held-out loss. */
    readonly loss: number
    readonly macs: number
    readonly flagged?: string
  }[]
  /** Of each sampling seed. */
  readonly fids?: readonly number[]
  /** Cosines of the base's gradients between 20 parts of the times. */
  readonly cosines?: readonly (readonly number[])[]
  /** Between neighbouring models. */
  readonly jumps?: readonly number[]
}

/** A line of the training loss every so many steps, and at the first. */
const logEvery = 50

/** Trains an arm and measures it. */
export async function unit(context: Context): Promise<Findings> {
  const { config, data, seed, checkpoint, log, progress, artifact } = context
  const digits = data[tasks[config.task].shape[1]]
  const steps = totalSteps(config)
  const trials: Trial[] = []
  const session = await TrainingSession.open({
    saving: checkpoint,
    data: { x: digits.train },
    async onStep({ name, step, done, loss }) {
      // Of models that come from the cache where another unit has trained them there is nothing to log; nor is there here.
      if (!commonTrainings.includes(name) && (step % logEvery === 0 || step === 1)) log(done, { loss })
      await progress(done, steps, `step ${done} of ${steps}`)
    },
  })
  const training = {
    config,
    seed,
    session,
    data: { x: digits.train },
    dataName: digits.name,
    onTrial: (trial: Trial) => void trials.push(trial),
  }
  const arm = await trainArm(training)
  if (trials.length > 0 && config.rounds > 1) await artifact('memory_bank.jsonl', bankText(trials))
  await keepModels(arm, context)
  return measured(arm, digits, context)
}

async function measured(arm: TrainedArm, digits: Digits, context: Context): Promise<Findings> {
  const { config, progress, artifact } = context
  const curve = await lossCurve(arm, digits, config)
  const byGroup = lossByGroup(curve, arm.groups)
  const middle = (from: number, to: number) => arm.macsAt(Math.floor((from + to) / 2))
  const sampled = config.isSampled ? await sampleScores(arm, digits, config, (done, total) => progress(done, total, 'sampling')) : undefined
  if (sampled) await artifact('samples.png', await imageGrid(sampled.shown, { columns: 16 }))
  const base = config.training === 'base' ? await conflicts(arm, digits) : undefined
  const seconds =
    sampled && arm.members && arm.base ? await samplingSeconds(arm.denoiser, denoiserOf(arm.base), config.sampling.steps) : undefined
  const jumps = arm.members && (await boundaryJumps(arm.members, digits.heldOut))
  return {
    measurements: {
      epsMse: average(curve.losses),
      ...Object.fromEntries(byGroup.map((loss, i) => [`epsMse${i + 1}`, loss])),
      macsMean: average(curve.times.map((time) => arm.macsAt(time))),
      parameters: arm.models.reduce((sum, { params }) => sum + countOf(params), 0),
      trainingSamples: totalSteps(config) * config[config.task].batch,
      flaggedGroups: arm.specialists?.filter(({ flagged }) => flagged).length ?? 0,
      ...(jumps && { boundaryJump: Math.max(0, ...jumps) }),
      ...(sampled && {
        fid: average(sampled.fids),
        kid: sampled.kid,
        macsSample: sampled.macs,
        clipped: sampled.clipped,
        notFinite: sampled.notFinite,
      }),
      ...(seconds && { bundleSeconds: seconds.bundle, uniformSeconds: seconds.uniform }),
      ...(base && { leastCosine: base.least, fidFloor: await noiseFloor(digits, config) }),
    },
    series: {
      epsMseByTime: { x: curve.times, y: curve.losses },
      snrDb: { x: curve.times, y: curve.times.map((time) => snrDbAt(arm.denoiser.process, time)) },
    },
    details: {
      groups: arm.groups.map(({ from, to, snrDb }, i) => ({
        from,
        to,
        snrDb,
        loss: byGroup[i],
        macs: middle(from, to),
        ...(arm.specialists?.[i].flagged && { flagged: arm.specialists[i].flagged }),
      })),
      ...(sampled && { fids: sampled.fids }),
      ...(base && { cosines: base.cosines }),
      ...(jumps && { jumps }),
    } satisfies Details,
  }
}

const countOf = (params: unknown): number => (leaves(params) as Tensor[]).reduce((sum, { shape }) => sum + sizeOf(shape), 0)

/** Whether steps of the base conflict: cosines of its gradients between parts of the times. */
async function conflicts({ models: [base] }: TrainedArm, digits: Digits) {
  const cosines = gradientCosines(await probe(base, { x: digits.train }, equalParts(base, probedParts)))
  const others = cosines.flatMap((row, i) => Array.from(row).filter((_, j) => j !== i))
  return { cosines: cosines.map((row) => Array.from(row)), least: Math.min(...others) }
}
