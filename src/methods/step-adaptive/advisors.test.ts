import { describe, expect, test } from 'vitest'
import { key } from '../../engine/index.ts'
import { initModel, type MlpConfig } from '../../kits/diffusion/index.ts'
import { openAiEndpoint } from '../../kits/llm/index.ts'
import { importanceAdvisor, type PruneAdvisor, searchAdvisor } from './advisors.ts'
import { type Exchange, llmAdvisor, proposalIn } from './llm-advisor.ts'
import { bankText, bestOf, type Trial } from './memory-bank.ts'
import { advisorOf } from './own-model.ts'
import { pruneGroup } from './prune-group.ts'
import { prunableNetwork } from './pruning-plan.ts'

const model = initModel(
  {
    network: { kind: 'mlp', width: 16, hidden: [32, 32, 32], embedding: 8, embed: 'input' },
    process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
    predict: 'eps',
    shape: [4],
  },
  key(0),
)
const network = prunableNetwork(model)
const scores = network.parts.map(({ units }, part) => Float64Array.from({ length: units }, (_, i) => (part + 1) * (i + 1)))

/** A made-up loss that is least where the first block keeps most: by the units that are left. */
const madeUp = async (pruned: typeof model) => {
  const { hidden } = pruned.config.network as MlpConfig
  return hidden[1] / hidden[0] + hidden[2] / hidden[0]
}

const rounds = (advisor: PruneAdvisor, count: number, more: object = {}) =>
  pruneGroup(model, { group: 0, target: 0.7 * network.total, advisor, rounds: count, scores, evaluate: madeUp, ...more })

describe('advisors', () => {
  test('all are evaluated as often, and all start with parts that shrink alike', async () => {
    for (const advisor of [importanceAdvisor('magnitude'), importanceAdvisor('taylor'), searchAdvisor(0)]) {
      const { bank, report } = await rounds(advisor, 8)
      expect(bank.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(new Set(bank[0].counts).size).toBe(1)
      expect(report!.isWithin).toBe(true)
      expect(bankText(bank).split('\n')).toHaveLength(9)
    }
  })

  test('search is repeated by its seed, learns from its memory, and finds what is better', async () => {
    const [once, again, other] = [
      await rounds(searchAdvisor(3), 30),
      await rounds(searchAdvisor(3), 30),
      await rounds(searchAdvisor(4), 30),
    ]
    expect(once.bank).toEqual(again.bank)
    expect(other.bank).not.toEqual(once.bank)
    expect(bestOf(once.bank)!.loss).toBeLessThan(0.8 * once.bank[0].loss!)
    // The control: the same noise around the first proposal, whatever came of the others.
    const forgetful: PruneAdvisor = {
      ...searchAdvisor(3),
      propose: (task, bank, round) => searchAdvisor(3).propose(task, bank.slice(0, 1), round),
    }
    expect(bestOf((await rounds(forgetful, 30)).bank)!.loss).toBeGreaterThan(bestOf(once.bank)!.loss!)
  })

  test('what is kept is the best of the memory, with the units that matter most', async () => {
    const { model: small, bank } = await rounds(searchAdvisor(1), 12)
    expect((small.config.network as MlpConfig).hidden).toEqual(bestOf(bank)!.counts)
  })

  test('one round is taken without an evaluation', async () => {
    const { bank } = await rounds(importanceAdvisor('magnitude'), 1, { evaluate: async () => Promise.reject(new Error('asked')) })
    expect(bank).toHaveLength(1)
    expect(bank[0].loss).toBeUndefined()
  })
})

describe('a language model as advisor', () => {
  const names = network.parts.map(({ block, kind }) => `${block}.${kind}`)
  const answer = (shares: readonly number[]) => JSON.stringify(Object.fromEntries(names.map((name, i) => [name, shares[i]])))
  const endpoint = (texts: readonly string[], seen: { messages: { content: string }[]; temperature: number }[] = []) =>
    openAiEndpoint({
      baseURL: 'http://localhost/v1',
      model: 'parrot',
      fetch: async (_, init) => {
        seen.push(JSON.parse(String(init!.body)))
        const content = texts[Math.min(seen.length, texts.length) - 1]
        return Response.json({ model: 'parrot', choices: [{ message: { content }, finish_reason: 'stop' }] })
      },
    })

  test('is told layers, budget and memory, and asked at temperature 0', async () => {
    const seen: { messages: { content: string }[]; temperature: number }[] = []
    const kept: Exchange[] = []
    const advisor = llmAdvisor(endpoint([answer([1, 1, 1]), answer([1, 0.5, 0.5])], seen), { keep: (exchange) => kept.push(exchange) })
    const { bank } = await rounds(advisor, 2)
    const told = seen.map(({ messages }) => JSON.parse(messages[1].content))
    expect(told[0].layers.map(({ name }: { name: string }) => name)).toEqual(names)
    expect(told[0].budget).toBeCloseTo(0.7, 4)
    expect(told[0].earlierRounds).toEqual([])
    expect(told[1].earlierRounds[0]).toMatchObject({ round: 1, loss: Number(bank[0].loss!.toPrecision(5)) })
    expect(seen.map(({ temperature }) => temperature)).toEqual([0, 0])
    expect(kept.map(({ round }) => round)).toEqual([1, 2])
    expect(bank[1].loss).toBeLessThan(bank[0].loss!)
  })

  test.each([
    ['prose', 'I would keep most of it.', 'the answer is no JSON'],
    ['a layer that is missing', JSON.stringify({ [names[0]]: 1 }), 'does not name a share for each layer'],
    ['a layer that is not there', answer([1, 1, 1]).replace('}', ',"other":1}'), 'does not name a share for each layer'],
    ['a share of 0', answer([1, 0, 1]), 'does not name a share for each layer'],
  ])('%s is rejected and remembered', async (_, text, note) => {
    const { bank } = await rounds(llmAdvisor(endpoint([text, answer([1, 0.5, 0.5])])), 2)
    expect(bank[0].note).toContain(note)
    expect(bank[0].loss).toBeUndefined()
    expect(bank[1].counts).toBeDefined()
  })

  test('shares out of bounds are clipped, fences are taken off', () => {
    const found = proposalIn(`\`\`\`json\n${answer([3, 0.01, 0.5])}\n\`\`\``, network)
    expect(found).toEqual({ ratios: [1, 0.1, 0.5], note: '2 shares were out of bounds and were clipped' })
  })

  test('whose answers are all of no use is an error that says so', async () => {
    await expect(rounds(llmAdvisor(endpoint(['no'])), 3)).rejects.toThrow('none of 3 proposals of the advisor could be used')
  })

  const unreachable = () =>
    openAiEndpoint({
      baseURL: 'http://localhost/v1',
      model: 'x',
      attempts: 1,
      fetch: async () => Promise.reject(new Error('ECONNREFUSED')),
    } as never)
  const choice = { advisor: 'llm', seed: 0, log: () => {} } as const

  test('that cannot be reached fails', async () => {
    const advisor = advisorOf({ ...choice, endpoint: unreachable(), mayFallBack: false })
    await expect(rounds(advisor, 2)).rejects.toThrow('no answer')
  })

  test('unless search is allowed, which is then said', async () => {
    const said: string[] = []
    const advisor = advisorOf({ ...choice, endpoint: unreachable(), mayFallBack: true, log: (line) => said.push(line) })
    const { bank } = await rounds(advisor, 3)
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('the advisor is search from here on')
    expect(bank.map(({ advisor }: Trial) => advisor)).toEqual(['search', 'search', 'search'])
  })

  test('and needs an endpoint', () => {
    expect(() => advisorOf({ ...choice, mayFallBack: false })).toThrow('the advisor llm needs an endpoint')
  })
})
