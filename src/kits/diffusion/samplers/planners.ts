import { InputError } from '../../../engine/index.ts'
import type { SamplerConfig } from '../sampling.ts'
import { ddim } from './ddim.ts'
import { ddpm } from './ddpm.ts'
import { em } from './em.ts'
import { heun } from './heun.ts'
import { ode } from './ode.ts'
import type { StepPlanner } from './plan.ts'

/** How samplers whose steps are known beforehand plan one. */
export function plannerOf(sampler: Exclude<SamplerConfig, { kind: 'pc' | 'rk45' }>): StepPlanner {
  switch (sampler.kind) {
    case 'ddpm':
      return ddpm(sampler.variance)
    case 'ddim':
      return ddim(sampler.eta)
    case 'em':
      return em
    case 'ode':
      return ode
    case 'heun':
      return heun(sampler.churn)
  }
}

/** @throws InputError for numbers that a sampler cannot have. */
export function checkSampler(sampler: SamplerConfig): void {
  const demand = (name: string, value: number, holds: boolean, range: string): void => {
    if (!holds) throw new InputError(`${sampler.kind}: ${name} is ${value}, but ${range}`)
  }
  if (sampler.kind === 'ddim') {
    const { eta = 0 } = sampler
    demand('eta', eta, eta >= 0 && eta <= 1, 'lies between 0 and 1')
  }
  if (sampler.kind === 'heun' && sampler.churn) {
    const { amount, noise } = sampler.churn
    demand('churn.amount', amount, amount >= 0, 'is not negative')
    demand('churn.noise', noise, noise >= 0, 'is not negative')
  }
  if (sampler.kind === 'rk45') {
    const { tolerance = 1e-5 } = sampler
    demand('tolerance', tolerance, tolerance >= 1e-6 && tolerance < 1, 'estimates in float32 allow 1e-6 to 1')
  }
  if (sampler.kind === 'pc') {
    const { snr, scale = 1, correctors = 1 } = sampler
    demand('snr', snr, snr > 0, 'is positive')
    demand('scale', scale, scale >= 0, 'is not negative')
    demand('correctors', correctors, Number.isInteger(correctors) && correctors >= 0, 'is a whole number from 0')
  }
}
