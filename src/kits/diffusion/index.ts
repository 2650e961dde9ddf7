/**
 * Diffusion models: noise processes, networks, training, sampling.
 *
 * @module
 */
export { type KarrasOptions, karrasSigmas, karrasTimes, sigmaOf, timeGrid } from './grid.ts'
export type { NoiseLevel, NoiseProcess, ProcessConfig, ScheduleName } from './process.ts'
export { processOf } from './processes/index.ts'
export {
  makeSchedule,
  type NoiseSchedule,
  type RespacedSchedule,
  respace,
  type Spacing,
  scheduleNames,
  snrDb,
  spacedTimes,
} from './schedule.ts'
