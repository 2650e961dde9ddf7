import { z } from 'zod'
import { InputError } from '../engine/errors.ts'

/** What a command line or a table of options needs to know of one key of a zod object; nested objects give dotted keys. */
export interface SchemaKey {
  readonly key: string
  readonly kind: Kind
  readonly schema: z.core.$ZodType
  readonly description: string
  readonly optional: boolean
  readonly fallback: unknown
  readonly choices?: readonly string[]
}

export type Kind = 'number' | 'text' | 'switch' | 'choice' | 'list' | 'json'

/** The parts of a zod definition that are read here; zod types each wrapper separately. */
interface Inner {
  type: string
  innerType?: z.core.$ZodType
  in?: z.core.$ZodType
  entries?: Record<string, string | number>
  values?: unknown[]
  element?: z.core.$ZodType
}

const definitionOf = (schema: z.core.$ZodType): Inner => schema._zod.def as unknown as Inner

/** A schema below its defaults, optionals, pipes and the like. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType, in: input } = definitionOf(schema)
  return innerType ? unwrap(innerType) : input ? unwrap(input) : schema
}

function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const own = z.globalRegistry.get(schema)?.description
  const { innerType, in: input } = definitionOf(schema)
  const below = innerType ?? input
  return own ?? (below && descriptionOf(below))
}

/** The keys of an object schema, or undefined where it is something else. */
export function shapeOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> | undefined {
  const inner = unwrap(schema)
  return definitionOf(inner).type === 'object' ? (inner as unknown as z.ZodObject).shape : undefined
}

function kindOf(schema: z.core.$ZodType): Kind {
  const { type } = definitionOf(unwrap(schema))
  if (type === 'number' || type === 'int') return 'number'
  if (type === 'string' || type === 'template_literal') return 'text'
  if (type === 'boolean') return 'switch'
  if (type === 'enum' || type === 'literal') return 'choice'
  return type === 'array' || type === 'tuple' ? 'list' : 'json'
}

function choicesOf(schema: z.core.$ZodType): string[] | undefined {
  const { entries, values } = definitionOf(unwrap(schema))
  return (entries ? Object.values(entries) : values)?.map(String)
}

/**
 * Every key of an object schema, in its order.
 * @example schemaKeys(z.object({ steps: z.number().default(10).describe('training steps') }))
 *   // [{ key: 'steps', kind: 'number', fallback: 10, description: 'training steps', … }]
 */
export function schemaKeys(schema: z.core.$ZodType, prefix = ''): SchemaKey[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([name, inner]) => {
    const key = prefix + name
    if (shapeOf(inner)) return schemaKeys(inner, `${key}.`)
    const absent = z.safeParse(inner, undefined)
    return [
      {
        key,
        kind: kindOf(inner),
        schema: inner,
        description: descriptionOf(inner) ?? '',
        optional: absent.success,
        fallback: absent.success ? absent.data : undefined,
        ...(choicesOf(inner) && { choices: choicesOf(inner) }),
      },
    ]
  })
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function rawValue(key: SchemaKey, text: string): unknown {
  if (key.kind === 'text') return text
  if (key.kind === 'number') return text.trim() === '' ? text : Number(text)
  if (key.kind === 'switch')
    return ['true', 'yes', 'on', '1'].includes(text) ? true : ['false', 'no', 'off', '0'].includes(text) ? false : text
  if (key.kind === 'list' && !text.trimStart().startsWith('['))
    return text === '' ? [] : text.split(',').map((item) => fromJson(item.trim()))
  if (key.kind === 'choice') return choicesOf(key.schema)?.includes(text) && z.safeParse(key.schema, text).success ? text : fromJson(text)
  return fromJson(text)
}

/** What a word may mean, the likeliest first: `--names 1,2` is a list of words, `limit=null` no number, if the schema says so. */
function readings(key: SchemaKey, text: string): unknown[] {
  return [rawValue(key, text), key.kind === 'list' ? text.split(',').map((item) => item.trim()) : text, fromJson(text)]
}

/**
 * The typed value of what somebody typed for a key, or an InputError that names the key.
 * @example parseTyped(key, '0.1')   // 0.1 where the schema says number, '0.1' where it says string
 */
export function parseTyped(key: SchemaKey, text: string, where = key.key): unknown {
  const results = readings(key, text).map((value) => z.safeParse(key.schema, value))
  for (const result of results) if (result.success) return result.data
  const wanted = key.choices ? `one of ${key.choices.join(', ')}` : wantedBy(results[0].error!)
  throw new InputError(`'${text}' is not a value for it`, { where, fix: wanted })
}

const wantedBy = (error: z.core.$ZodError): string => error.issues.map((issue) => issue.message.replace(/^Invalid input: /, '')).join(', ')

/** One line for what a schema found wrong. */
export function schemaProblem(error: z.core.$ZodError): string {
  return error.issues
    .map((issue) => [issue.path.join('.'), issue.message.replace(/^Invalid input: /, '')].filter(Boolean).join(': '))
    .join(', ')
}

/** Whether a name means a key: `learningRate.*` means all that begin with `learningRate.`. */
export const isNamedBy = (key: string, name: string): boolean => (name.endsWith('*') ? key.startsWith(name.slice(0, -1)) : key === name)
