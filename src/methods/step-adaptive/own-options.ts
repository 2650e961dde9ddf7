import { z } from 'zod'
import { openAiEndpoint } from '../../kits/llm/index.ts'
import { advisorNames } from './advisors.ts'
import { meanShare, retainedFor } from './budget.ts'
import { groupingNames } from './groups.ts'

const count = (value: number) => z.number().int().positive().default(value)

/** Options that read images. */
export const imageOptions = {
  size: z.number().int().min(1).max(1024).optional().describe('pixels of a side, to which images are resized (default: their own size)'),
  grey: z.boolean().default(false).describe('read images without colour'),
  skipDamaged: z.boolean().default(false).describe('leave images out that cannot be read'),
  keepEvery: z.number().int().min(2).default(10).describe('every so many-th image is kept back, to measure on'),
}

/** Options of groups and their budgets. */
export const groupOptions = {
  groups: count(5).describe('N, groups of time steps'),
  by: z
    .enum(groupingNames)
    .default('uniform')
    .describe('how times are cut: lossQuantile and gradientSimilarity measure the base on images'),
  minWidth: count(20).describe('steps that a group has at least'),
  retained: z.number().optional().describe('k, the share that a group without difficulty would keep; default: what --mean-share needs'),
  meanShare: z.number().default(0.8).describe('share of the base’s operations that groups keep in the mean'),
}

/** Options of whoever decides how copies are pruned. */
export const advisorOptions = {
  advisor: z.enum(advisorNames).default('search').describe('magnitude, taylor, search (evolutionary), or llm (a language model)'),
  rounds: z.number().int().min(1).max(1000).default(8).describe('proposals that are evaluated for each group'),
  endpoint: z.string().optional().describe('of llm: an address with OpenAI’s protocol, such as http://127.0.0.1:8080/v1'),
  endpointModel: z.string().default('default').describe('of llm: the model’s name'),
  apiKeyEnv: z.string().optional().describe('of llm: the environment variable that holds the key'),
  allowSearch: z.boolean().default(false).describe('of llm: go on with search where the endpoint gives no answer'),
}

export const endpointOf = ({ endpoint, endpointModel, apiKeyEnv }: { endpoint?: string; endpointModel: string; apiKeyEnv?: string }) =>
  endpoint === undefined ? undefined : openAiEndpoint({ baseURL: endpoint, model: endpointModel, apiKeyEnv })

/** k of the options, and the mean that it comes to. */
export function budgetOf({ groups, retained, meanShare: mean }: { groups: number; retained?: number; meanShare: number }) {
  const k = retained ?? retainedFor(mean, groups)
  return { retained: k, mean: meanShare(groups, k) }
}
