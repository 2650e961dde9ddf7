/**
 * LISA (arXiv 2403.17919): fine-tuning in full, a few random blocks at a time.
 *
 * @module
 */
export { type LisaConfig, LisaController, type LisaEvent, lisaWarnings, type StatePolicy, statePolicies } from './controller.ts'
export { type GaloreOptions, galore } from './galore.ts'
export { type LayerNorms, layerNorms, type NormDefinition, normDefinitions, skew } from './layer-norms.ts'
export { type LayerOf, layerNaming } from './layers.ts'
export { layerSampler, type Sampler, type SamplerOptions } from './sampler.ts'
export { readSchedule, scheduleText } from './schedule-log.ts'
export { type Tuning, type TuningOptions, type TuningPlan, tuningOf } from './tuning.ts'
