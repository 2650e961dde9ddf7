/**
 * Classifiers of a user's own data: made ready, trained by any method, kept in a file that any other method reads.
 *
 * @module
 */
export { type ClassifierCard, exampleShape } from './card.ts'
export {
  alignedInputs,
  cardOf,
  type Examples,
  groupOption,
  type OwnExamples,
  type OwnExamplesOptions,
  ownExamples,
  splitOwn,
} from './examples.ts'
export { classifierFile, loadClassifier, type SavedClassifier, saveClassifier } from './file.ts'
export { commonScale, featureScale, noScale, type Scale, scaled, scaledIn, unscaledIn } from './scale.ts'
export { describedBy, encodeWeights, weightsFile } from './weights.ts'
