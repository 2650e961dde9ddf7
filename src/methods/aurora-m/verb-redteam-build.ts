import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { makeFolder, writeAtomically } from '../../experiment/index.ts'
import { verb } from '../method.ts'
import { readYaml } from './plan/schema.ts'
import { buildRedTeamSet, type InstructionPair, policySchema, splitPairs } from './safety/red-team.ts'

export const redteamBuildVerb = verb({
  name: 'redteam-build',
  summary: {
    en: 'Makes instructions with responses from a safety policy: categories, templates, slots',
    zh: '由安全策略（类别、模板、槽位）生成指令与回复',
  },
  options: z.object({
    policy: z.string().describe('a YAML file'),
    out: z.string().default('runs/aurora-m/redteam').describe('folder for train.jsonl and test.jsonl'),
    seed: z.number().int().nonnegative().default(0).describe('decides which pairs are drawn and which are kept to test on'),
  }),
  positional: 'policy',
  example: 'quire aurora-m redteam-build policy.yaml --out redteam',
  async run({ options: { policy: path, out, seed } }) {
    const found = policySchema.safeParse(readYaml(path))
    if (!found.success) {
      const [issue] = found.error.issues
      throw new InputError(`${issue.path.join('.') || 'the policy'}: ${issue.message}`, {
        where: path,
        fix: 'see the one that `quire sample policy.yaml` writes',
      })
    }
    const pairs = buildRedTeamSet(found.data, seed, path)
    const { train, test } = splitPairs(pairs, found.data.testShare, seed)
    makeFolder(out)
    for (const [name, own] of Object.entries({ train, test })) writeAtomically(join(out, `${name}.jsonl`), linesOf(own))
    const categories = Object.fromEntries(
      [...new Set(pairs.map(({ category }) => category))].map((name) => [name, pairs.filter(({ category }) => category === name).length]),
    )
    return {
      lines: [
        ...Object.entries(categories).map(([name, count]) => `${name}: ${count} pairs`),
        `written: ${join(out, 'train.jsonl')} (${train.length}), ${join(out, 'test.jsonl')} (${test.length})`,
        'next: name train.jsonl in a plan, with completionOnly: true',
      ],
      json: { out, categories, train: train.length, test: test.length },
    }
  },
})

const linesOf = (pairs: readonly InstructionPair[]): string => pairs.map((pair) => `${JSON.stringify(pair)}\n`).join('')
