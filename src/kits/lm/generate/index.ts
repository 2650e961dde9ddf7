/**
 * Going on with texts: token by token with kept keys and values, in batches, by beams; and what a model says of given texts.
 *
 * @module
 */

export { type Beam, type BeamOptions, beamSearch } from './beam.ts'
export { collect, generate, type Prompt, stream } from './generate.ts'
export type {
  Alternative,
  Finish,
  GeneratedToken,
  Generation,
  GenerationEvent,
  GenerationOptions,
  GenerationService,
} from './generation.ts'
export { type ChoiceOptions, multipleChoice, tokenLogprobs } from './score.ts'
export { generationService, QueueFullError, type ServiceOptions } from './service.ts'
