import { z } from 'zod'
import type { PlainObject } from '../../experiment/config.ts'
import { type Experiment, presetNames } from '../../experiment/definition.ts'
import { presetConfig } from '../../experiment/experiment.ts'
import { type SchemaKey, schemaKeys } from '../../experiment/schema.ts'
import type { FormField, RunForm } from '../api.ts'

/** What the keys of a schema are, in Chinese. */
type Descriptions = Readonly<Record<string, string>>

/** The form with which a run of an experiment is started. */
export const formOf = (experiment: Experiment, settings: Descriptions): RunForm => ({
  presets: presetNames.map((name) => ({
    name,
    seeds: experiment.presets[name].seeds,
    config: presetConfig(experiment, name) as PlainObject,
  })),
  fields: schemaKeys(experiment.config).map((key) => fieldOf(key, settings)),
})

const fieldOf = ({ key, kind, description, fallback, choices, schema }: SchemaKey, settings: Descriptions): FormField => ({
  ...{ key, kind, description: { en: description, zh: settings[key] ?? description }, fallback, choices },
  ...(kind === 'number' && boundsOf(schema)),
})

/** What of a schema is read here, as JSON Schema says it. */
interface Bounds {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

/** The range of a number; bounds that a schema excludes are the nearest that anybody means by them. What it cannot say is found when a run is started. */
function boundsOf(schema: z.core.$ZodType): Pick<FormField, 'least' | 'most' | 'whole'> {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as Bounds
  const whole = type === 'integer'
  const least = minimum ?? (exclusiveMinimum !== undefined && whole ? exclusiveMinimum + 1 : exclusiveMinimum)
  const most = maximum ?? (exclusiveMaximum !== undefined && whole ? exclusiveMaximum - 1 : exclusiveMaximum)
  return {
    ...(whole && { whole }),
    ...(least !== undefined && least > Number.MIN_SAFE_INTEGER && { least }),
    ...(most !== undefined && most < Number.MAX_SAFE_INTEGER && { most }),
  }
}
