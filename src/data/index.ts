/**
 * Data for training: readers of the formats that people have, real data sets with their provenance, and batches whose position is a function of
 * (seed, step). Everything is a host array (`NDArray`); whatever is wrong with a file is an `InputError` that says where.
 *
 * @example
 * import { batches, loadMnist, mnistSplit, normalize } from 'quire/data'
 *
 * const mnist = await loadMnist({ log: console.error })
 * const { train } = mnistSplit({ images: normalize(mnist.images), labels: mnist.labels })
 * for (const { x, y } of batches(train, { size: 128, seed: 0 })) console.log(x.shape, y.shape) // [128, 28, 28] [128], 63 times
 *
 * @module
 */
export {
  type Batcher,
  type BatchOptions,
  batchAt,
  batches,
  batchIndices,
  createBatcher,
  type IterationOptions,
  type Last,
  stepsPerEpoch,
} from './batches.ts'
export { type CsvOptions, parseCsv, readCsv, type Table } from './csv.ts'
export { countOf, type Dataset, rows, splitBy, take } from './dataset.ts'
export { bankSource, compasSource, loadBank, loadCompas } from './decision-tables.ts'
export { type DigitImages, digitImages } from './digit-images.ts'
export { type DigitOptions, generateDigits } from './digits.ts'
export { type Document, type DocumentOptions, type JsonLine, readDocuments, readJsonLines } from './documents.ts'
export type { DownloadProgress } from './download.ts'
export { exactDuplicates } from './duplicates.ts'
export { fashionSource, loadFashion } from './fashion.ts'
export { generateText } from './generated-text.ts'
export { type IdxOptions, parseIdx, readIdx, writeIdx } from './idx.ts'
export { type ImageFolder, type ImageOptions, loadImageFolder } from './images.ts'
export { cacheFolder, type Located, type LocateOptions, locate } from './locate.ts'
export { loadMnist, type Mnist, type MnistPart, mnistSplit, normalize } from './mnist.ts'
export { parseNpy, parseNpz, readNpy, readNpz, writeNpy } from './npy.ts'
export { loadOptdigits, type Optdigits, type OptdigitsPart } from './optdigits.ts'
export { loadTabularOrImages, type OwnData, type OwnDataOptions } from './own.ts'
export type { ImageShape } from './own-arrays.ts'
export { meanPooled, symmetric, withChannels } from './pixels.ts'
export { sampleAbout, sampleNames, writeSample } from './samples.ts'
export {
  adultSource,
  mnistSource,
  optdigitsSource,
  type Provenance,
  type Source,
  type SourceFile,
  tinyShakespeareSource,
  wdbcSource,
} from './sources.ts'
export { everyFifth, type GroupSplitOptions, groupSplit } from './split.ts'
export { type Standardizer, standardize } from './standardize.ts'
export { loadAdult, loadWdbc, type SourcedTable } from './tables.ts'
export { type CharText, charText, loadText, splitText, type Windows, windows, windowsAt } from './text.ts'
export {
  type Conala,
  conalaSource,
  conalaValidation,
  type Intent,
  loadConala,
  oneLiners,
} from './text-corpora/conala.ts'
export { type HumanEvalTask, humanEvalSource, loadHumanEval } from './text-corpora/humaneval.ts'
export { loadMbpp, type MbppPart, type MbppTask, mbppPart, mbppSource } from './text-corpora/mbpp.ts'
export {
  loadNtrex,
  type NtrexLanguage,
  ntrexLanguages,
  ntrexSource,
  ntrexSplit,
  type ParallelText,
} from './text-corpora/ntrex.ts'
export { loadTrainingImages, someImages, type TrainingImageOptions, type TrainingImages } from './training-images.ts'
