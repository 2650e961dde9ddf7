export type { Component } from './components.ts'
export { type ExactDenoiser, type ExactOptions, gaussian, gaussianMixture } from './mixture.ts'
export { trainingSet } from './training-set.ts'
