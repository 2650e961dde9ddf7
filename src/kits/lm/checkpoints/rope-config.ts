import type { Positions, RopeScaling } from '../config.ts'
import type { Fields } from './fields.ts'

type Rope = Extract<Positions, { kind: 'rope' }>

/**
 * The rotary angles of a llama-family config: `rope_theta` and `rope_scaling`, or, since transformers 5, both in `rope_parameters`.
 * @throws InputError for a scaling that is not known: to ignore it would give fluent nonsense.
 */
export function readRope(fields: Fields): Pick<Rope, 'theta' | 'scaling'> {
  const joined = fields.object('rope_parameters')
  const scaling = joined ?? fields.object('rope_scaling')
  const theta = joined?.has('rope_theta') ? joined.positive('rope_theta') : fields.positive('rope_theta', 10_000)
  for (const source of [fields, scaling])
    if (source?.has('partial_rotary_factor') && source.number('partial_rotary_factor') !== 1)
      throw source.wrong('partial_rotary_factor', 'but the whole head turns in this family')
  const read = scaling && readScaling(scaling)
  return { theta, ...(read && { scaling: read }) }
}

const kinds = 'default, linear, dynamic and llama3 are read'

function readScaling(fields: Fields): RopeScaling | undefined {
  const key = fields.has('rope_type') ? 'rope_type' : 'type'
  const kind = fields.text(key, 'default')
  if (kind === 'default') return undefined
  if (kind === 'linear' || kind === 'dynamic') return { kind, factor: fields.positive('factor') }
  if (kind !== 'llama3') throw fields.wrong(key, 'a scaling of rotary positions that is not known', kinds)
  return {
    kind,
    factor: fields.positive('factor'),
    lowFrequency: fields.positive('low_freq_factor'),
    highFrequency: fields.positive('high_freq_factor'),
    originalContext: fields.whole('original_max_position_embeddings'),
  }
}

/** As transformers before 5 wrote it, which later ones read too. */
export function writeRope({ theta, scaling }: Rope): Record<string, unknown> {
  return { rope_theta: theta, rope_scaling: scaling ? writtenScaling(scaling) : null }
}

function writtenScaling(scaling: RopeScaling): Record<string, unknown> {
  const common = { rope_type: scaling.kind, factor: scaling.factor }
  if (scaling.kind !== 'llama3') return common
  return {
    ...common,
    low_freq_factor: scaling.lowFrequency,
    high_freq_factor: scaling.highFrequency,
    original_max_position_embeddings: scaling.originalContext,
  }
}
