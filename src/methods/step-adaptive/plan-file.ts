import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import type { NoiseProcess, ProcessConfig } from '../../kits/diffusion/index.ts'
import { groupsAt, numberedSteps, type StepGroup } from './groups.ts'

/** A group of a plan, with the share of the base's operations that its model may have. */
export interface PlannedGroup extends StepGroup {
  readonly share: number
}

const schema = z.object({
  process: z.unknown(),
  groups: z
    .array(z.object({ from: z.number(), to: z.number(), share: z.number().positive().max(1) }))
    .min(1)
    .max(1000),
})

/** A plan as text that can be edited: where groups begin and end, and what they keep. */
export const planText = (process: ProcessConfig, groups: readonly PlannedGroup[]): string =>
  `${JSON.stringify({ process, groups: groups.map(({ from, to, share, snrDb, difficulty }) => ({ from, to, share, snrDb, difficulty })) }, null, 2)}\n`

/**
 * Reads a plan for a process.
 *
 * @throws InputError for a plan of another process, and for groups that overlap, leave gaps or are too narrow.
 */
export async function readPlan(path: string, process: NoiseProcess, minWidth: number): Promise<PlannedGroup[]> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new InputError('there is no plan', { where: path, fix: 'write one with quire step-adaptive plan … --out plan.json', cause })
  })
  return planIn(text, process, minWidth, path)
}

/** The plan in a file's text. */
export function planIn(text: string, process: NoiseProcess, minWidth: number, where: string): PlannedGroup[] {
  const refuse = (what: string, fix = 'write one with quire step-adaptive plan … --out plan.json'): never => {
    throw new InputError(what, { where, fix })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    refuse('is no JSON')
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) return refuse(`is no plan (${parsed.error.issues[0].path.join('.')}: ${parsed.error.issues[0].message})`)
  const { groups, process: planned } = parsed.data
  if (JSON.stringify(planned) !== JSON.stringify(process.config))
    refuse(`is for ${processText(planned)}, the base for ${processText(process.config)}`, 'plan anew for this base')
  groups.forEach(({ from, to }, i) => {
    const before = groups[i - 1]
    if (before && from < before.to)
      refuse(`group ${i + 1} begins at ${from}, within the one before it, which ends at ${before.to}`, 'let groups follow each other')
    if (before && from > before.to) refuse(`there is a gap between ${before.to} and ${from}`, 'let groups follow each other')
    if (stepsBetween(process, from, to) < minWidth)
      refuse(`group ${i + 1}, from ${from} to ${to}, is narrower than ${minWidth} steps`, 'widen it, or give a smaller --min-width')
  })
  const boundaries = [groups[0].from, ...groups.map(({ to }) => to)]
  try {
    return groupsAt(process, boundaries).map((group, i) => ({ ...group, share: groups[i].share }))
  } catch (error) {
    if (error instanceof InputError) return refuse(error.message)
    throw error
  }
}

const stepsBetween = (process: NoiseProcess, from: number, to: number): number =>
  (process.shareBelow(to) - process.shareBelow(from)) * numberedSteps(process).count + 1e-6

const processText = (process: unknown): string => {
  const { kind, schedule, steps } = (process ?? {}) as { kind?: string; schedule?: string; steps?: number }
  return schedule ? `a ${schedule} chain of ${steps} steps` : `a process '${kind ?? 'unknown'}'`
}
