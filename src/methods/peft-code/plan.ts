import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { type MethodName, methodNames, refuseUnused } from './own-model.ts'

/** One row of a comparison. */
const entry = z.strictObject({
  method: z.enum([...methodNames, 'zero-shot', 'icl']),
  learningRate: z.number().positive().optional(),
  rank: z.number().int().min(1).optional(),
  alpha: z.number().positive().optional(),
  targets: z.array(z.string()).optional(),
  tokens: z.number().int().min(1).optional(),
  /** Examples in the prompt, of icl. */
  shots: z.number().int().min(1).max(16).optional(),
})

export type PlanEntry = z.output<typeof entry> & { readonly name: string }

/** The methods that are compared where nothing is said. */
export const usualPlan = ['zero-shot', 'icl', 'lora', 'ia3', 'prompt', 'prefix', 'qlora-4bit'] as const

/**
 * What a comparison trains: methods by name, or a JSON file that gives each row a name and settings of its own.
 *
 * @throws InputError that names the row and the setting.
 */
export async function readPlan(plan: string | undefined, methods: readonly string[]): Promise<PlanEntry[]> {
  if (plan === undefined) return methods.map((name) => ({ name, ...parsed({ method: name }, '--methods') }))
  const text = await readFile(plan, 'utf8').catch((cause) => {
    throw new InputError('this file cannot be read', { where: plan, cause })
  })
  const rows = objectOf(text, plan)
  if (Object.keys(rows).length === 0)
    throw new InputError('the plan is empty', { where: plan, fix: 'for example {"small": {"method": "lora", "rank": 4}}' })
  return Object.entries(rows).map(([name, row]) => ({ name, ...parsed(row, `${plan}: ${name}`) }))
}

function objectOf(text: string, where: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new InputError('this is no JSON', { where, cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError('a plan is an object, a row an entry', { where, fix: 'for example {"small": {"method": "lora", "rank": 4}}' })
  return value as Record<string, unknown>
}

function parsed(row: unknown, where: string): z.output<typeof entry> {
  const found = entry.safeParse(row)
  if (found.success) {
    refuseUnused(found.data.method, found.data, where)
    return found.data
  }
  const [{ path, message }] = found.error.issues
  throw new InputError(`${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`, {
    where,
    fix: `methods are zero-shot, icl, ${methodNames.join(', ')}`,
  })
}

export const isTrained = (method: PlanEntry['method']): method is MethodName => method !== 'zero-shot' && method !== 'icl'

const units: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30 }

/**
 * Bytes from words such as `8GB` or `512 MiB`.
 *
 * @throws InputError for what is no amount of memory.
 */
export function bytesOfBudget(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(text) ?? []
  const factor = units[(unit ?? '?').toUpperCase()]
  if (factor === undefined || !(Number(number) > 0))
    throw new InputError(`'${text}' is no amount of memory`, { where: '--budget', fix: 'give it as 8GB or 512MiB' })
  return Number(number) * factor
}

/** @example inBytes(3.5e9) // '3.50 GB' */
export function inBytes(bytes: number): string {
  const [unit, factor] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : (['KB', 1e3] as const)
  return `${(bytes / (factor as number)).toPrecision(3)} ${unit}`
}
