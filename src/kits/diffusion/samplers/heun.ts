import type { SamplerConfig } from '../sampling.ts'
import { ddim } from './ddim.ts'
import type { Move, Step, StepPlanner } from './plan.ts'

type Churn = NonNullable<Extract<SamplerConfig, { kind: 'heun' }>['churn']>

/**
 * Heun's method on the probability flow dy/dσ = ε̂ with y = x / signal, after as much churn as is asked for (Karras et al. 2022, algorithm 2; their S_churn
 * is `amount`, S_noise `noise`). Two evaluations a step, but one where σ becomes 0.
 */
export const heun =
  (churn?: Churn): StepPlanner =>
  (process, from, to, steps) => {
    const churned = churn && churnOf(churn, process, from, steps)
    const at = churned?.time ?? from
    const euler = ddim(0)(process, at, to, steps).moves[0]
    const next = process.at(to)
    if (next.noise === 0) return { ...churned?.step, moves: [euler] }
    const start = process.at(at)
    const sigma = next.noise / next.signal
    const h = sigma - start.noise / start.signal
    // y' = ½(ŷ + y₁) + ½h·ε̂(y₁), where y₁ is Euler's and ε̂ = (y₁ − x̂₀) / σ'.
    const correction: Move = {
      time: to,
      a: 0.5 * (1 + h / sigma),
      b: (-0.5 * h * next.signal) / sigma,
      c: (0.5 * next.signal) / start.signal,
      w: 'start',
    }
    return { ...churned?.step, moves: [euler, correction] }
  }

/** Raises the noise of σ to σ(1 + γ), or to the nearest level that the process has. */
function churnOf(
  { amount, sigmas: [least, most], noise }: Churn,
  process: Parameters<StepPlanner>[0],
  from: number,
  steps: number,
): { readonly time: number; readonly step: Pick<Step, 'churn'> } | undefined {
  const level = process.at(from)
  const sigma = level.noise / level.signal
  const gamma = sigma >= least && sigma <= most ? Math.min(amount / steps, Math.SQRT2 - 1) : 0
  if (gamma === 0) return undefined
  const time = Math.min(process.times[1], process.timeOf(sigma * (1 + gamma)))
  const raised = process.at(time)
  const added = Math.sqrt(Math.max(0, (raised.noise / raised.signal) ** 2 - sigma ** 2))
  return { time, step: { churn: { scale: raised.signal / level.signal, noise: raised.signal * added * noise } } }
}
