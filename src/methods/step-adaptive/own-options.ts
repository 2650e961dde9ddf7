import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { type Endpoint, openAiEndpoint } from '../../kits/llm/index.ts'
import { advisorNames } from './advisors.ts'
import { meanShare, retainedFor } from './budget.ts'
import type { GroupingName } from './grouping.ts'
import { groupingNames } from './groups.ts'

const count = (value: number) => z.number().int().positive().default(value)

/** Options that read images. */
export const imageOptions = {
  size: z.number().int().min(1).max(1024).optional().describe('pixels of a side, to which images are resized (default: their own size)'),
  grey: z.boolean().default(false).describe('read images without colour'),
  skipDamaged: z.boolean().default(false).describe('leave images out that cannot be read'),
  range: z
    .array(z.number())
    .length(2)
    .optional()
    .describe('least and most of arrays of floats; default 0 to 1, or -1 to 1 where some are below 0'),
  keepEvery: z.number().int().min(2).default(10).describe('every so many-th image is kept back, to measure on'),
}

/** What groups are where nothing is said. */
const usual = { groups: 5, by: 'uniform', meanShare: 0.8 } as const

/** Options of groups and their budgets. */
export const groupOptions = {
  groups: z.number().int().positive().optional().describe(`N, groups of time steps (default: ${usual.groups})`),
  by: z
    .enum(groupingNames)
    .optional()
    .describe(`how times are cut: lossQuantile and gradientSimilarity measure the base on images (default: ${usual.by})`),
  minWidth: count(20).describe('steps that a group has at least'),
  retained: z.number().optional().describe('k, the share that a group without difficulty would keep; default: what --mean-share needs'),
  meanShare: z.number().optional().describe(`share of the base’s operations that groups keep in the mean (default: ${usual.meanShare})`),
}

/** Options of whoever decides how copies are pruned. */
export const advisorOptions = {
  advisor: z.enum(advisorNames).default('search').describe('magnitude, taylor, search (evolutionary), or llm (a language model)'),
  rounds: z.number().int().min(1).max(1000).default(8).describe('proposals that are evaluated for each group'),
  endpoint: z.string().optional().describe('of llm: an address with OpenAI’s protocol, such as http://127.0.0.1:8080/v1'),
  endpointModel: z.string().optional().describe('of llm: the model’s name (default: default)'),
  apiKeyEnv: z.string().optional().describe('of llm: the environment variable that holds the key'),
  allowSearch: z.boolean().default(false).describe('of llm: go on with search where the endpoint gives no answer'),
}

interface EndpointChoice {
  readonly advisor: (typeof advisorNames)[number]
  readonly endpoint?: string
  readonly endpointModel?: string
  readonly apiKeyEnv?: string
  readonly allowSearch: boolean
}

export function endpointOf({ advisor, endpoint, endpointModel, apiKeyEnv, allowSearch }: EndpointChoice): Endpoint | undefined {
  if (advisor !== 'llm') refuseGiven({ endpoint, endpointModel, apiKeyEnv, allowSearch }, `with --advisor ${advisor}`)
  return endpoint === undefined ? undefined : openAiEndpoint({ baseURL: endpoint, model: endpointModel ?? 'default', apiKeyEnv })
}

interface GroupChoice {
  readonly groups?: number
  readonly by?: GroupingName
  readonly retained?: number
  readonly meanShare?: number
}

/** Groups and their budgets as the options say, or as is usual: with k, and the mean that it comes to. */
export function groupingOf({ groups = usual.groups, by = usual.by, retained, meanShare: asked }: GroupChoice) {
  if (retained !== undefined) refuseGiven({ meanShare: asked }, 'with --retained')
  const k = retained ?? retainedFor(asked ?? usual.meanShare, groups)
  return { groups, by, retained: k, mean: meanShare(groups, k) }
}

/** @throws InputError for the first of these options that is given. */
export function refuseGiven(options: Readonly<Record<string, unknown>>, when: string): void {
  const given = Object.keys(options).find((name) => options[name] !== undefined && options[name] !== false)
  if (given === undefined) return
  const where = `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new InputError(`has no effect ${when}`, { where, fix: 'leave it out' })
}
