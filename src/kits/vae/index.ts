/**
 * Variational autoencoders: networks, the evidence lower bound, training, sampling, files.
 *
 * @module
 */
export { checkVae, checkVaeData, type VaeConfig, type VaeModel } from './config.ts'
export { divergence, fromUnit, negativeElbo, toUnit } from './elbo.ts'
export { isVaeFolder, loadVae, saveVae, vaeFiles } from './files.ts'
export { type Posterior, reparameterized, type VaeNetwork, type VaeParams, vaeNetwork } from './network.ts'
export { sampleVae } from './sample.ts'
export { type VaeRecipe, type VaeState, vaeTrainer } from './trainer.ts'
