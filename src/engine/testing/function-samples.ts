import type { Tensor } from '../index.ts'
import * as special from '../special.ts'
import type { Sample, SampleInput } from './samples.ts'

const of = (low: number, high: number): Sample[] => [{ inputs: [range(low, high)] }, { inputs: [{ ...range(low, high), shape: [] }] }]
const range = (low: number, high: number): SampleInput => ({ kind: 'float', shape: [2, 3], values: { low, high } })

/** Functions of one input, the others being numbers. */
const at = (run: (x: Tensor) => Tensor, low: number, high: number): Sample => ({ inputs: [range(low, high)], run: (x) => [run(x)] })

/** Inputs for the special functions, by name. */
export const functionSamples: Readonly<Record<string, readonly Sample[]>> = {
  erfc: of(-2.5, 3),
  erfcx: of(-1.5, 4),
  erfinv: of(-0.85, 0.9),
  normalCdf: of(-3, 3),
  logNormalCdf: of(-6, 3),
  normalQuantile: of(0.1, 0.93),
  lgamma: [...of(0.3, 6), ...of(-0.8, -0.2)],
  digamma: of(0.4, 6),
  polygamma: [at((x) => special.polygamma(1, x), 0.5, 5), at((x) => special.polygamma(3, x), 0.8, 5)],
  zeta: [at((x) => special.zeta(2.5, x), 0.5, 4)],
  gammainc: [{ inputs: [range(0.6, 6), range(0.3, 8)] }, { inputs: [{ ...range(1.2, 3), shape: [] }, range(0.3, 6)] }],
  gammaincc: [{ inputs: [range(0.6, 6), range(0.3, 8)] }],
  logBeta: [{ inputs: [range(0.4, 5), { ...range(0.4, 5), shape: [3] }] }],
  betainc: [{ inputs: [range(0.6, 4), { ...range(0.6, 4), shape: [3] }, range(0.1, 0.9)] }],
  besselI0: of(-3, 3),
  besselI1: of(-3, 3),
  besselI0e: of(0.3, 5),
  besselI1e: of(0.3, 5),
  poissonQuantile: [{ inputs: [range(0.5, 20), range(0.1, 0.9)], derivatives: 'none' }],
  binomialQuantile: [{ inputs: [range(3, 20), range(0.1, 0.9), range(0.1, 0.9)], derivatives: 'none' }],
}
