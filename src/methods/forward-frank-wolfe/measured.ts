import type { UnitRecord } from '../../experiment/index.ts'

/** A measurement of a unit, by name. */
export const measured = (name: string) => (unit: UnitRecord) => unit.measurements[name]
