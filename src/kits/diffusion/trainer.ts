import { compileStep, fromArray, key as keyOf, mean, mul, NotFiniteError, ndarray, sub, type Tensor } from '../../engine/index.ts'
import { adam, clipByGlobalNorm, matricesDecay, type Optimizer, warmupDecay } from '../../optim/index.ts'
import { gradientAt, type TrainState, updated } from '../../train/transition.ts'
import type { DiffusionConfig } from './denoiser.ts'
import { averaged, emaDecay } from './ema.ts'
import { modelNetwork } from './estimate.ts'
import { errorsOf, hybridErrorsOf } from './loss.ts'
import type { Network } from './network.ts'
import { checkPrediction } from './prediction.ts'
import type { NoiseProcess } from './process.ts'
import { processOf } from './processes/index.ts'
import { type StepBatch, stepBatches } from './step-batches.ts'
import { type DrawnTime, importanceDraw, timeDraw } from './time-draws.ts'
import type { DiffusionTrainer, PastLosses, TrainerState, TrainingData, TrainingRecipe } from './training.ts'
import { checkData, checkRecipe } from './training-checks.ts'
import { checkBound } from './variational.ts'

/**
 * The training of a diffusion model: one compiled step a batch, with the moving average of its parameters in it. Batches, times and noise are functions of
 * the seed and the step's number, so nothing but the state has to be kept.
 *
 * @throws InputError for data that do not fit the config: other shapes, values outside of its range, labels without classes.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const x = await random.normal(key(1), [512, 2]).ndarray()
 * const trainer = diffusionTrainer(config, { steps: 10, batch: 64, learningRate: 1e-3 }, { x }, 0)
 * let state = trainer.start()
 * for (let k = 0; k < 10; k++) state = (await trainer.step(state, k)).state
 */
export function diffusionTrainer(config: DiffusionConfig, recipe: TrainingRecipe, data: TrainingData, seed: number): DiffusionTrainer {
  checkPrediction(config)
  checkRecipe(recipe, config)
  checkData(config, data)
  checkBound(config, recipe.weighting, data.centre !== undefined)
  const process = processOf(config.process)
  const network = modelNetwork(config)
  const optimizer = optimizerOf(recipe)
  const step = compileStep(transition(config, network, recipe, data, optimizer))
  const batches = stepBatches(config, recipe, data, process, seed)
  const importance = recipe.times === 'importance' ? importanceDraw(process) : undefined
  const drawOne = recipe.times === 'importance' ? undefined : timeDraw(process, recipe.times)
  const draw = async (past: PastLosses | undefined, us: readonly number[]): Promise<DrawnTime[]> =>
    importance ? importance.draw(past!, us) : us.map(drawOne!)

  return {
    start(params = network.init(keyOf(seed))) {
      return { params, optimizer: optimizer.init(params), ema: params, ...(importance && { past: importance.start() }) }
    },
    async step({ past, ...state }, k) {
      const drawn = await draw(past, batches.uniforms(k))
      const decay = fromArray(ndarray(Float32Array.of(emaDecay(k, recipe.ema)), [], 'float32'))
      const next = await step(state, batches.at(k, drawn), decay)
      const loss = await next.output.loss.item()
      const errors = await next.output.errors.data()
      const times = drawn.map(({ time }) => time)
      if (!Number.isFinite(loss) || !Number.isFinite(await next.output.finite.item())) throw notFinite(process, k, loss, errors, times)
      return { state: { ...next.state, ...(importance && { past: await importance.next(past!, times, errors) }) }, loss }
    },
  }
}

/** What is compiled: loss, gradient, update and moving average. */
function transition(config: DiffusionConfig, network: Network, recipe: TrainingRecipe, data: TrainingData, optimizer: Optimizer) {
  const centre = data.centre && fromArray(data.centre)
  const dropsUnits = config.network.kind === 'unet' && (config.network.dropout ?? 0) > 0
  const errorsAt = (params: unknown, { x, eps, key, weight, label, step, ...level }: StepBatch) => {
    const given = { ...(label && { label }), ...(dropsUnits && { dropout: key }) }
    const noisy = { x0: centre ? sub(x, centre) : x, eps, level, given }
    if (step) return hybridErrorsOf(config, network, params, { ...noisy, step, weight }, recipe)
    return mul(errorsOf(config, network, params, noisy, recipe.loss), weight)
  }
  return (state: Omit<TrainerState, 'past'>, batch: StepBatch, decay: Tensor) => {
    const training: TrainState<unknown> = { params: state.params, optimizer: state.optimizer }
    const loss = (params: unknown) => mean(mul(errorsAt(params, batch), batch.share))
    const next = updated(optimizer, training, gradientAt(loss, optimizer, training, {}))
    return {
      state: { ...next.state, ema: averaged(state.ema, next.state.params, decay) },
      output: { loss: next.output.loss, finite: next.output.finite, errors: errorsAt(state.params, batch) },
    }
  }
}

function optimizerOf({
  learningRate,
  steps,
  warmup = 0,
  floor = 0,
  clipNorm = 1,
  weightDecay = 0,
  betas = [0.9, 0.999],
}: TrainingRecipe): Optimizer {
  const shape = floor === 1 ? 'constant' : 'cosine'
  const rate = warmupDecay(learningRate, { warmup, steps, minimum: floor * learningRate, shape })
  const inner = adam({ learningRate: rate, beta1: betas[0], beta2: betas[1], weightDecay, decays: matricesDecay })
  return clipByGlobalNorm(inner, clipNorm) as Optimizer
}

/** Names the step, and the example whose error is not finite, or else the largest, with its level. */
function notFinite(process: NoiseProcess, k: number, loss: number, errors: ArrayLike<number>, times: readonly number[]): NotFiniteError {
  const all = Array.from(errors)
  const wrong = all.findIndex((error) => !Number.isFinite(error))
  const worst = wrong >= 0 ? wrong : all.indexOf(Math.max(...all))
  const { signal, noise } = process.at(times[worst])
  const at = `time ${Number(times[worst].toPrecision(4))} (σ ${(noise / signal).toPrecision(4)})`
  const what = Number.isFinite(loss) ? `a gradient is not finite; the largest loss, ${all[worst]}, is` : `the loss is ${loss}, first`
  return new NotFiniteError(`training stopped at step ${k}: ${what} at noise level ${at}`, {
    fix: 'lower the learning rate, or check the data',
  })
}
