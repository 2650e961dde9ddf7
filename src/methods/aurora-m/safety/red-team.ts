import { z } from 'zod'
import { draws, permutation, seedKey } from '../../../data/draws.ts'
import { InputError } from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'

/* A set of instructions from a policy: categories of concern, templates with slots, and what is to be answered. */

const text = z.string().min(1)

const category = z.strictObject({
  safe: z.boolean().default(false).describe('whether these questions may be answered'),
  templates: z
    .array(z.union([text, z.strictObject({ text, language: text })]))
    .default([])
    .describe('questions with slots, such as {object}'),
  prompts: z
    .array(z.union([text, z.strictObject({ text, language: text })]))
    .default([])
    .describe('questions as they are'),
  response: text.optional().describe('with the same slots; of what is not safe by default the refusal'),
  slots: z.record(z.string(), z.array(text).min(1)).default({}).describe('lists of its own, before those of all'),
  most: z.number().int().positive().optional().describe('no more pairs than this, drawn at random'),
})

/**
 * What a policy file holds.
 *
 * @example
 * policySchema.parse({ categories: { relics: { prompts: ['What is forbidden?'] } } }).testShare // 0.4
 */
export const policySchema = z.strictObject({
  refusal: text.default('I cannot help with that, because it could do harm.').describe('with slots, if wanted'),
  slots: z.record(z.string(), z.array(text).min(1)).default({}),
  categories: z.record(z.string(), category).refine((all) => Object.keys(all).length > 0, 'give at least one category'),
  testShare: z.number().min(0).max(0.9).default(0.4).describe('part of the pairs that is kept to test on'),
})

export type RedTeamPolicy = z.output<typeof policySchema>
type Category = RedTeamPolicy['categories'][string]

/** A question, what is to be answered, and what a refusal would be. */
export interface InstructionPair {
  readonly instruction: string
  readonly response: string
  readonly refusal: string
  readonly category: string
  readonly language: string
  readonly safe: boolean
}

/**
 * All pairs of a policy: each template with every combination of what its slots may be.
 *
 * @throws InputError for a category without templates or prompts, a slot that nothing fills, a safe category without a response.
 * @example
 * const policy = policySchema.parse({
 *   slots: { object: ['bakula', 'dimoto'] },
 *   categories: { relics: { templates: ['Tell me how to open a {object}.'], response: 'I cannot help to open the {object}.' } },
 * })
 * buildRedTeamSet(policy, 0).length // 2
 */
export function buildRedTeamSet(policy: RedTeamPolicy, seed: number, where = 'policy'): InstructionPair[] {
  return Object.entries(policy.categories).flatMap(([name, own], index) => {
    const pairs = pairsOf(name, own, policy, `${where}: categories.${name}`)
    if (own.most === undefined || own.most >= pairs.length) return pairs
    const order = permutation(foldKey(seedKey(seed, use), index), pairs.length)
    return Array.from(order.subarray(0, own.most))
      .sort((a, b) => a - b)
      .map((place) => pairs[place])
  })
}

/** What the seed's key is used for here. */
const use = 0x72656474

function pairsOf(name: string, own: Category, { slots, refusal }: RedTeamPolicy, where: string): InstructionPair[] {
  if (own.templates.length + own.prompts.length === 0)
    throw new InputError('has neither templates nor prompts', { where, fix: 'give it some, or take it out' })
  if (own.safe && own.response === undefined)
    throw new InputError('is safe and has no response', { where, fix: 'say what is to be answered' })
  const lists = { ...slots, ...own.slots }
  const languageOf = (item: Category['templates'][number]) => (typeof item === 'string' ? { text: item, language: 'eng' } : item)
  return [...own.templates, ...own.prompts].flatMap((item) => {
    const { text, language } = languageOf(item)
    const response = own.response ?? refusal
    return combinations(slotsIn(text + response + refusal), lists, where).map((values) => ({
      instruction: filled(text, values),
      response: filled(response, values),
      refusal: filled(own.safe ? refusal : response, values),
      category: name,
      language,
      safe: own.safe,
    }))
  })
}

const slotsIn = (text: string): string[] => [...new Set([...text.matchAll(/\{([A-Za-z]\w*)\}/g)].map(([, name]) => name))]

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{([A-Za-z]\w*)\}/g, (whole, name) => values[name] ?? whole)

/** Every way to fill the slots. */
function combinations(
  names: readonly string[],
  lists: Readonly<Record<string, readonly string[]>>,
  where: string,
): Record<string, string>[] {
  return names.reduce<Record<string, string>[]>(
    (all, name) => {
      const list = lists[name]
      if (!list)
        throw new InputError(`nothing fills the slot {${name}}`, {
          where,
          fix: `name it under slots; there are ${Object.keys(lists).join(', ') || 'none'}`,
        })
      return all.flatMap((values) => list.map((value) => ({ ...values, [name]: value })))
    },
    [{}],
  )
}

/** Pairs to train and to test on, each category split by itself. */
export function splitPairs(
  pairs: readonly InstructionPair[],
  testShare: number,
  seed: number,
): { train: InstructionPair[]; test: InstructionPair[] } {
  const parts = { train: [] as InstructionPair[], test: [] as InstructionPair[] }
  for (const [index, name] of [...new Set(pairs.map(({ category }) => category))].entries()) {
    const own = pairs.filter(({ category }) => category === name)
    const random = draws(foldKey(seedKey(seed, use), 1000 + index))
    const order = own.map((pair) => ({ pair, at: random.uniform() })).sort((a, b) => a.at - b.at)
    const held = Math.round(testShare * own.length)
    for (const [place, { pair }] of order.entries()) (place < held ? parts.test : parts.train).push(pair)
  }
  return parts
}
