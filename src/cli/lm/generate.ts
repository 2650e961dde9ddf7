import { z } from 'zod'
import { decodeText, readContent } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'
import { beamSearch, type Generation, stream } from '../../kits/lm/generate/index.ts'
import { StoppingText } from '../../kits/lm/generate/stops.ts'
import type { LanguageModel } from '../../kits/lm/model.ts'
import { chatFormat, chatFormatNames } from '../../kits/lm/tokenizers/chat.ts'
import { type VerbContext, verb } from '../../methods/method.ts'
import { chosenModel, modelOptions } from './chosen-model.ts'

const options = z.object({
  ...modelOptions,
  prompt: z.string().optional().describe('the text to go on with'),
  promptFile: z.string().optional().describe('a file with the text to go on with'),
  chat: z.enum(chatFormatNames).optional().describe('the text is what a user says, written in this format'),
  maxNewTokens: z.number().int().min(1).default(64).describe('the most tokens to add'),
  temperature: z.number().min(0).default(0).describe("0 takes the most probable token each time, 1 draws from the model's distribution"),
  topK: z.number().int().min(1).optional().describe('draw among so many most probable tokens'),
  topP: z.number().positive().max(1).optional().describe('draw among the fewest tokens with this probability together'),
  repetitionPenalty: z.number().positive().default(1).describe('above 1: what stands in the text becomes less probable'),
  seed: z.number().int().min(0).default(0).describe('of the draws'),
  stop: z.array(z.string().min(1)).optional().describe('texts at which to end; one with a comma in it as \'[","]\''),
  beams: z.number().int().min(1).default(1).describe('above 1: beam search, without draws'),
  lengthPenalty: z.number().default(1).describe('of beam search: above 0 it favours long texts'),
  beyondContext: z.boolean().default(false).describe('rotary positions: go on where the model was not trained'),
})
type Options = z.output<typeof options>

/** `quire lm generate` */
export const generate = verb({
  name: 'generate',
  summary: { en: 'Goes on with a text', zh: '续写文本' },
  example: 'quire lm generate --model model --prompt Once --max-new-tokens 40',
  options,
  async run(context) {
    const { options, log } = context
    requireUse(options)
    const text = await promptOf(options)
    const model = await chosenModel(options, log)
    const chat = options.chat && chatFormat(options.chat)
    const prompt = model.tokenizer.encode(chat?.render([{ role: 'user', content: text }]) ?? text, { special: true })
    if (options.beyondContext && model.config.positions.kind === 'learned')
      throw new InputError(`the model's positions are learned, and end at ${model.config.context}`, {
        where: '--beyond-context',
        fix: 'leave it out',
      })
    if (options.beyondContext && prompt.length + options.maxNewTokens > model.config.context)
      log(`warning: the text may grow beyond the ${model.config.context} tokens that the model was made for`)
    if (options.beams > 1) return byBeams(context, model, prompt, chat?.stops ?? [])
    return byStream({ ...context, options: { ...options, stop: [...(options.stop ?? []), ...(chat?.stops ?? [])] } }, model, prompt)
  },
})

/** @throws InputError for options that would have no effect. */
function requireUse({ beams, temperature, topK, topP, repetitionPenalty, stop }: Options): void {
  const where = 'quire lm generate'
  if (beams > 1 && (temperature > 0 || topK !== undefined || topP !== undefined || repetitionPenalty !== 1 || stop))
    throw new InputError('beam search neither draws, nor minds repetitions, nor ends at texts', {
      where,
      fix: 'leave --temperature, --top-k, --top-p, --repetition-penalty and --stop out, or --beams',
    })
  if (temperature === 0 && (topK !== undefined || topP !== undefined))
    throw new InputError('nothing is drawn at temperature 0', { where, fix: 'give --temperature 1, or leave --top-k and --top-p out' })
}

async function promptOf({ prompt, promptFile }: Options): Promise<string> {
  if ((prompt === undefined) === (promptFile === undefined))
    throw new InputError('it needs a text to go on with', { where: 'quire lm generate', fix: 'give either --prompt or --prompt-file' })
  return prompt ?? decodeText(await readContent(promptFile!), promptFile!)
}

async function byStream({ options, signal, log, out, write }: VerbContext<Options>, model: LanguageModel, prompt: readonly number[]) {
  const began = performance.now()
  let first = began
  const tokens: Generation['tokens'][number][] = []
  let [text, finish] = ['', 'length']
  for await (const event of stream(model, prompt, options, signal)) {
    if (tokens.length === 0) first = performance.now()
    if (event.kind === 'token') tokens.push(event.token)
    else finish = event.finish
    text += event.text
    write?.(event.text)
  }
  signal.throwIfAborted()
  if (write) write('\n')
  else out(text)
  const [reading, writing] = [(first - began) / 1000, (performance.now() - first) / 1000]
  const speed =
    tokens.length > 1
      ? `, ${(tokens.length - 1).toString()} more in ${writing.toFixed(2)} s: ${((tokens.length - 1) / writing).toFixed(1)} tokens/s`
      : ''
  log(
    `${prompt.length} tokens read, the first one added after ${reading.toFixed(2)} s (compiling included)${speed}; ended by ${finish === 'stop' ? 'the model or a stop text' : 'length'}`,
  )
  return { json: { text, finish, tokens, promptTokens: prompt.length, seconds: { first: reading, rest: writing } } }
}

async function byBeams({ options, log }: VerbContext<Options>, model: LanguageModel, prompt: readonly number[], stops: readonly string[]) {
  const began = performance.now()
  const { beams, maxNewTokens, lengthPenalty, beyondContext } = options
  const found = await beamSearch(model, prompt, { beams, maxNewTokens, lengthPenalty, beyondContext, numReturnSequences: beams })
  log(
    `${beams} beams in ${((performance.now() - began) / 1000).toFixed(2)} s; log-probability ${found[0].logprob.toFixed(3)}, score ${found[0].score.toFixed(4)}`,
  )
  const stopping = new StoppingText(stops)
  const text = stopping.push(found[0].text) + stopping.end()
  return { lines: [text], json: { text, beams: found, promptTokens: prompt.length } }
}
