import { add, mul, sub, type Tensor, zipTrees } from '../../engine/index.ts'

/** The decay after step k, from 0: it rises to `decay`, so that the average does not remember the first parameters for long. */
export const emaDecay = (k: number, decay = 0.999): number => Math.min(decay, (1 + k) / (10 + k))

/** decay · average + (1 − decay) · parameters, leaf by leaf. */
export const averaged = <P>(average: P, params: P, decay: Tensor): P =>
  zipTrees([average, params], (old: Tensor, now: Tensor) => add(now, mul(sub(old, now), decay))) as P
