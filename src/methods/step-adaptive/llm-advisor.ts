import { z } from 'zod'
import type { Endpoint, Message } from '../../kits/llm/index.ts'
import { leastRatio, type Proposal, type PruneAdvisor, type PruningTask } from './advisors.ts'
import { type MemoryBank, partName } from './memory-bank.ts'

/** A request and what came back, as it is kept in the transcript. */
export interface Exchange {
  readonly group: number
  readonly round: number
  readonly messages: readonly Message[]
  readonly answer: string
}

export interface LlmAdvisorOptions {
  /** Is given every exchange, to be kept. */
  keep?(exchange: Exchange): void
}

/**
 * A language model as the proxy that decides (the paper's, GPT-4): it is shown the layers, the budget and the memory of earlier rounds, and answers with a
 * kept share for each layer as JSON. An answer that is no such JSON is rejected and costs a round; shares out of bounds are clipped; the budget is met by
 * projection whatever it says.
 *
 * @throws EndpointError where the endpoint gives no answer.
 * @example
 * import { openAiEndpoint } from 'quire/llm'
 *
 * const endpoint = openAiEndpoint({ baseURL: 'http://127.0.0.1:8080/v1', model: 'local' })
 * llmAdvisor(endpoint).importance // 'magnitude'
 */
export const llmAdvisor = (endpoint: Endpoint, { keep }: LlmAdvisorOptions = {}): PruneAdvisor => ({
  name: `llm (${endpoint.name})`,
  importance: 'magnitude',
  async propose(task, bank, round) {
    const messages = conversation(task, bank)
    const { text } = await endpoint.complete(messages, { ...asking, draw: round })
    keep?.({ group: task.group, round, messages, answer: text })
    return proposalIn(text, task)
  },
})

const asking = { temperature: 0, json: true, maxTokens: 2000 } as const

/**
 * Asks an endpoint as the advisor will, so that one that does not answer is known before a training and not after it.
 *
 * @throws EndpointError where the endpoint gives no answer.
 */
export async function tryEndpoint(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  await endpoint.complete([{ role: 'user', content: 'Answer with the JSON object {}.' }], { ...asking, signal })
}

const instructions = `You decide how to prune a denoising network for one range of noise levels of a diffusion model. Answer with one JSON object and \
nothing else: its keys are the names of the layers, its values the share of the layer's units to keep, from ${leastRatio} to 1. The shares are scaled \
together so that the budget of multiply-accumulates is met. Lower loss is better. Use what earlier rounds have shown, and do not repeat one.`

function conversation({ parts, total, target }: PruningTask, bank: MemoryBank): Message[] {
  const told = {
    layers: parts.map((part) => ({
      name: partName(part),
      units: part.units,
      shareOfCost: Number(((part.units * part.macs) / total).toFixed(4)),
    })),
    budget: Number((target / total).toFixed(4)),
    earlierRounds: bank.map(({ round, counts, loss, note }) => ({
      round,
      ...(counts && { kept: Object.fromEntries(parts.map((part, i) => [partName(part), Number((counts[i] / part.units).toFixed(4))])) }),
      ...(loss !== undefined && { loss: Number(loss.toPrecision(5)) }),
      ...(note && { note }),
    })),
  }
  return [
    { role: 'system', content: instructions },
    { role: 'user', content: JSON.stringify(told) },
  ]
}

/** What an answer proposes. */
export function proposalIn(text: string, { parts }: Pick<PruningTask, 'parts'>): Proposal {
  const names = parts.map(partName)
  const schema = z.strictObject(Object.fromEntries(names.map((name) => [name, z.number().positive()])))
  let answer: unknown
  try {
    answer = JSON.parse(text.replace(/^\s*```(?:json)?|```\s*$/g, ''))
  } catch {
    return { rejected: 'the answer is no JSON' }
  }
  const parsed = schema.safeParse(answer)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]
    return { rejected: `the answer does not name a share for each layer: ${[...path, message].join(': ')}` }
  }
  const asked = names.map((name) => parsed.data[name])
  const ratios = asked.map((ratio) => Math.min(1, Math.max(leastRatio, ratio)))
  const clipped = asked.filter((ratio, i) => ratio !== ratios[i]).length
  return { ratios, ...(clipped > 0 && { note: `${clipped} shares were out of bounds and were clipped` }) }
}
