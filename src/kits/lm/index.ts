/**
 * Language models: one decoder for llama, gpt2, gpt_bigcode and codegen checkpoints, tokenizers, training, adapters, generation.
 *
 * @module
 */
export { type BaseOptions, type BaseRecipe, baseConfig, baseModel, baseRecipe, longBaseRecipe } from './base.ts'
export * from './blocks/index.ts'
export { type LoadedAdapter, loadAdapter, type SaveAdapterOptions, saveAdapter } from './checkpoints/adapters.ts'
export { saveDecoderOnnx } from './checkpoints/export-onnx.ts'
export { type GgufOptions, saveGguf } from './checkpoints/gguf/export.ts'
export { type LoadedModel, type LoadOptions, loadConfig, loadDecoder, loadModel } from './checkpoints/read.ts'
export { type ConfigFile, readConfig } from './checkpoints/read-config.ts'
export { type SaveModelOptions, saveModel } from './checkpoints/write.ts'
export { writeConfig } from './checkpoints/write-config.ts'
export { type CompletionScoring, completionScorer } from './completion-score.ts'
export {
  type Activation,
  alwaysOnCount,
  blockCount,
  checkConfig,
  type DecoderConfig,
  type Dialect,
  dialects,
  llamaConfig,
  normCount,
  type Positions,
  parameterCount,
  type RopeScaling,
  type SizeName,
  sizes,
} from './config.ts'
export { requireContext } from './context.ts'
export { type ByteCorpus, type ContinualCorpora, type ContinualDomain, continualCorpora, continualDomains } from './corpora.ts'
export { extend, forward, logitsOf, type Past, type TokenBatch } from './decoder.ts'
export { documentStream } from './document-stream.ts'
export { bitsPerByte, type ScoringOptions, type StreamScore, streamScorer } from './evaluate.ts'
export {
  type FineTuneInput,
  type FineTuneOptions,
  type FineTuneState,
  type FineTuneStep,
  type FineTuning,
  fineTuning,
} from './fine-tune.ts'
export * from './generate/index.ts'
export { initDecoder } from './init.ts'
export { ignored, languageLoss, tokenLosses } from './loss.ts'
export {
  expectedPasses,
  type MixtureBatch,
  type MixtureOptions,
  type MixtureSampler,
  type MixtureStage,
  mixtureSampler,
  normalizedWeights,
  type TokenStream,
} from './mixture.ts'
export type { LanguageModel } from './model.ts'
export { languageAdam, languageOptimizer, languageRate, type RateOptions } from './optimizer.ts'
export type * from './params.ts'
export {
  type Adapter,
  type AdapterBase,
  type AdapterParams,
  finished,
  initAdapter,
  type MapAdapter,
  trainableCount,
  trainablePaths,
} from './peft/adapter.ts'
export type * from './peft/config.ts'
export { type TrainingMemory, type TrainingShape, trainingMemory } from './peft/memory.ts'
export { mergeAdapter, unmergeAdapter } from './peft/merge.ts'
export { type QuantizationReport, type QuantizeOptions, quantizeModel } from './peft/quantize.ts'
export { type AdapterUse, withAdapter } from './peft/with-adapter.ts'
export {
  type EncodedExample,
  type Encoding,
  type EncodingOptions,
  encodeExamples,
  type InstructionExample,
  type PromptFormat,
  type PromptFormatName,
  promptFormats,
} from './sft.ts'
export * from './tokenizers/index.ts'
