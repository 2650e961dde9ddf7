import { z } from 'zod'
import { InputError } from '../engine/errors.ts'
import { unknownName } from './nearest.ts'
import { parseTyped, schemaKeys, schemaProblem, shapeOf } from './schema.ts'

export type PlainObject = { readonly [key: string]: unknown }

const isPlain = (value: unknown): value is PlainObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Later layers win, key by key; arrays are replaced as a whole. */
export function mergeLayers(...layers: readonly PlainObject[]): PlainObject {
  const merged: Record<string, unknown> = {}
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer)) {
      const below = merged[key]
      merged[key] = isPlain(below) && isPlain(value) ? mergeLayers(below, value) : value
    }
  }
  return merged
}

function refuseUnknownKeys(schema: z.core.$ZodType, value: PlainObject, where: string, prefix = ''): void {
  const shape = shapeOf(schema)
  if (!shape) return
  const all = schemaKeys(schema, prefix).map(({ key }) => key)
  for (const [key, inner] of Object.entries(value)) {
    if (!(key in shape)) throw unknownName('config key', prefix + key, all, where)
    if (isPlain(inner)) refuseUnknownKeys(shape[key], inner, where, `${prefix}${key}.`)
  }
}

/**
 * The config of a run: the schema's defaults, overlaid with layers. Unknown keys are refused.
 * @example resolveConfig(schema, presets.small.config, { learningRate: 0.1 })
 */
export function resolveConfig<C>(schema: z.ZodType<C>, layers: readonly PlainObject[], where = 'config'): C {
  const merged = mergeLayers(...layers)
  refuseUnknownKeys(schema, merged, where)
  const parsed = z.safeParse(schema, merged)
  if (!parsed.success) throw new InputError(schemaProblem(parsed.error), { where, fix: 'quire info <method> lists the keys' })
  return parsed.data
}

/**
 * `key=value` words as a layer; values get the types that the schema says.
 * @example parseSettings(schema, ['mlp.epochs=3', 'optimizer=ramda'])   // { mlp: { epochs: 3 }, optimizer: 'ramda' }
 */
export function parseSettings(schema: z.core.$ZodType, settings: readonly string[]): PlainObject {
  const keys = schemaKeys(schema)
  let layer: PlainObject = {}
  for (const setting of settings) {
    const at = setting.indexOf('=')
    if (at < 1) throw new InputError(`'${setting}' is not key=value`, { where: '--set', fix: 'for example --set seeds=3' })
    const name = setting.slice(0, at)
    const key = keys.find((candidate) => candidate.key === name)
    if (!key)
      throw groupOrUnknown(
        name,
        keys.map((candidate) => candidate.key),
      )
    layer = mergeLayers(layer, nested(name.split('.'), parseTyped(key, setting.slice(at + 1), `--set ${name}`)))
  }
  return layer
}

function groupOrUnknown(name: string, known: readonly string[]): InputError {
  const inside = known.filter((key) => key.startsWith(`${name}.`))
  if (inside.length) return new InputError(`config key '${name}' is a group`, { where: '--set', fix: `set one of ${inside.join(', ')}` })
  const lastPart = known.find((key) => key.split('.').at(-1) === name)
  if (lastPart) return new InputError(`unknown config key '${name}'`, { where: '--set', fix: `did you mean '${lastPart}'?` })
  return unknownName('config key', name, known, '--set')
}

const nested = (path: readonly string[], value: unknown): PlainObject =>
  path.length === 1 ? { [path[0]]: value } : { [path[0]]: nested(path.slice(1), value) }
