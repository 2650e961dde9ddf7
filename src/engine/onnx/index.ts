/**
 * ONNX in and out: what is traced becomes a model that any runtime loads, and a model becomes a function that can be differentiated.
 *
 * @module
 */

export { type ExportOptions, exportOnnx } from './export.ts'
export { readOnnx, type SaveOptions, saveOnnx } from './files.ts'
export { type ImportedModel, type ImportOptions, importOnnx } from './import.ts'
