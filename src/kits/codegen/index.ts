/**
 * What generated code is judged by: whether it is what was wanted (exact match, BLEU, chrF, CodeBLEU), whether it is Python, and whether it works (pass@k,
 * in a sandbox); and what retrieves examples for prompts. Syntax trees and the sandbox need Node; everything else is plain functions of texts.
 *
 * @module
 */
export { type Bleu, type BleuPair, bleu } from './bleu.ts'
export { type ChrfOptions, chrf } from './chrf.ts'
export { type CodeBleu, type CodeBleuMode, codeBleu } from './codebleu/codebleu.ts'
export { exactMatch, inOneLine, isMatched, withSingleSpaces } from './exact-match.ts'
export {
  type ExecutionOptions,
  humanEvalProgram,
  humanEvalStops,
  mbppProgram,
  type PassTable,
  passTable,
  runPrograms,
} from './execution.ts'
export { type InContextOptions, inContext, nearestShots, randomShots, type Shot, type ShotChooser } from './in-context.ts'
export { passAtK } from './pass-at-k.ts'
export { calledFunctions, isPython } from './python/parse.ts'
export { inSyntax } from './python/syntax.ts'
export { type CodegenItem, type CodegenReport, type CodegenRow, codegenReport } from './report.ts'
export { type Bm25, type Bm25Options, bm25 } from './retrieval.ts'
export { type Failure, failures, type Outcome } from './sandbox/outcome.ts'
export { defaultLimits, type Isolation, isolations, runPython, type SandboxLimits, type SandboxOptions } from './sandbox/sandbox.ts'
