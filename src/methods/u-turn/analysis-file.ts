import { join } from 'node:path'
import { z } from 'zod'
import { readContent } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'
import { returns } from './u-turn.ts'

/** What a report says that generating goes by. */
const schema = z.object({
  model: z.string(),
  sampler: z.enum(returns),
  steps: z.number(),
  churn: z.number().optional(),
  recommended: z.object({ sigma: z.number().positive() }).optional(),
})
export type Analysis = z.output<typeof schema> & { readonly where: string }

/** The report in the folder of an analysis. @throws InputError for what is none. */
export async function readAnalysis(folder: string): Promise<Analysis> {
  const where = join(folder, 'report.json')
  const text = new TextDecoder().decode(await readContent(where))
  try {
    return { ...schema.parse(JSON.parse(text)), where }
  } catch (cause) {
    throw new InputError('is no report of an analysis', { where, fix: 'run quire u-turn analyse again', cause })
  }
}

/** @throws InputError for the analysis of another model. */
export function requireAnalysisOf(hash: string, { model, where }: Analysis): void {
  if (model === hash) return
  throw new InputError('is the analysis of another model, or of one made from other data', {
    where,
    fix: 'run quire u-turn analyse on this one, or give --sigma in its place',
  })
}

/** The σ to generate with. @throws InputError where none was found. */
export function recommendedSigma({ recommended, where }: Analysis): number {
  if (recommended) return recommended.sigma
  throw new InputError('recommends no σ: no level gave independent samples', { where, fix: 'give --sigma' })
}
