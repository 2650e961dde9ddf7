import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import type { Digits } from './data.ts'
import { defenceUnit } from './unit-defence.ts'
import { exactUnit } from './unit-exact.ts'
import { overfittedUnit } from './unit-overfitted.ts'
import { sweepUnit } from './unit-sweep.ts'
import { vaeUnit } from './unit-vae.ts'

export type Context = UnitContext<Config, Digits>

const units = {
  overfitted: overfittedUnit,
  sweep: sweepUnit,
  vae: vaeUnit,
  exact: exactUnit,
  defence: defenceUnit,
  // What these break lies behind the training: the unit of the arm that they stand for scores its models in their way too.
  control: async (): Promise<Findings> => ({ measurements: {} }),
} as const

export const unit = (context: Context): Promise<Findings> => units[context.config.task](context)
