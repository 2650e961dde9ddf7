export { type InvertOptions, invert } from './invert.ts'
export { type LikelihoodOptions, logLikelihood } from './likelihood.ts'
export { sample } from './sample.ts'
export { noised } from './states.ts'
