/**
 * Looking inside: what a function costs, where its time goes, where a NaN comes from, what was compiled and why.
 *
 * @module
 */

export { type CompiledGraph, cacheReport, compileStatistics } from '../compile/cache.ts'
export { printGraph } from '../graph/print.ts'
export { type Explanation, explain, explanationText, type Part } from './explain.ts'
export { multiplyAccumulates } from './multiply-accumulates.ts'
export { findNonFinite, type NonFiniteOrigin } from './nonfinite.ts'
export { type Profile, type ProfilePart, profile, profileText } from './profile.ts'
