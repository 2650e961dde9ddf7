import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sha256 } from '../../data/files.ts'
import { readDocuments } from '../../data/index.ts'
import { InputError, key } from '../../engine/index.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import { saveModel } from '../../kits/lm/checkpoints/write.ts'
import {
  byteTokenizer,
  type DecoderParams,
  documentStream,
  forward,
  initDecoder,
  type LanguageModel,
  languageLoss,
  languageOptimizer,
  llamaConfig,
  mixtureSampler,
  parameterCount,
  requireContext,
  type SizeName,
  sizes,
  streamScorer,
  type Tokenizer,
} from '../../kits/lm/index.ts'
import { loadTokenizer } from '../../kits/lm/tokenizers/index.ts'
import { verb } from '../../methods/method.ts'
import { trainStep } from '../../train/index.ts'
import { forgetUnfinished, trainResumably } from '../../train/resumable.ts'

const options = z.object({
  data: z.array(z.string()).min(1).describe('text or JSONL files, or folders of them'),
  out: z
    .string()
    .describe('the folder of the trained model, in the Hugging Face layout; the same command goes on with an interrupted training'),
  model: z.string().optional().describe('a model directory to go on from; without it a new llama is begun'),
  size: z
    .enum(Object.keys(sizes) as [SizeName, ...SizeName[]])
    .optional()
    .describe('of a new model (default: nano)'),
  tokenizer: z.string().optional().describe('a directory with a tokenizer, for a new model (default: bytes)'),
  field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
  steps: z.number().int().min(1).default(400).describe('updates'),
  batch: z.number().int().min(1).max(100_000).default(16).describe('windows an update'),
  context: z.number().int().min(2).optional().describe('tokens a window (default: 128, or what the model holds if that is less)'),
  learningRate: z.number().positive().default(3e-3).describe('its peak, after 20 steps; it falls to a tenth along a cosine'),
  weightDecay: z.number().min(0).default(0.1).describe('of matrices'),
  validation: z.number().min(0).max(0.5).default(0.05).describe('share of the text, at its end, that is kept to measure on'),
  recompute: z.boolean().default(false).describe('keep no activations within blocks: less memory, more time'),
  seed: z.number().int().min(0).default(0).describe('of the new weights and of the windows'),
})
type Options = z.output<typeof options>

export const train = verb({
  name: 'train',
  summary: { en: 'Trains a language model on text, from scratch or from a checkpoint', zh: '在文本上训练语言模型，从头开始或从检查点继续' },
  example: 'quire lm train story.txt --steps 30 --out model',
  positional: 'data',
  options,
  async run({ options, log, progress }) {
    const documents = await readDocuments(options.data, { field: options.field })
    const model = await modelOf(options, log)
    const stream = documentStream(
      model.tokenizer,
      documents.map(({ text }) => text),
    )
    const cut = Math.round(stream.length * (1 - options.validation))
    const [own, held] = [stream.subarray(0, cut), stream.subarray(cut)]
    const { config } = model
    const context = options.context ?? Math.min(128, config.context)
    requireContext(config, context, { where: '--context', log })
    await mkdir(options.out, { recursive: true })
    log(`${documents.length} documents, ${stream.length} tokens; ${parameterCount(config)} parameters, ${config.modelType}`)
    const { steps, batch, seed, learningRate, weightDecay, recompute } = options
    const sampler = mixtureSampler({
      corpora: { text: own },
      stages: [{ name: 'train', steps, weights: { text: 1 } }],
      batch,
      context,
      seed,
    })
    const step = trainStep<DecoderParams>(
      (params, { x, y }) => languageLoss(forward(config, params, { ids: x }, { recompute }), y),
      languageOptimizer({ learningRate, steps, weightDecay }),
    )
    const began = performance.now()
    const { state, losses, resumedAt } = await trainResumably({
      folder: options.out,
      // The text counts, not where it lies.
      recipe: { options: { ...options, out: undefined, data: undefined }, text: sha256(new Uint8Array(stream.buffer)), config },
      steps,
      start: () => step.init(model.params),
      async step(state, k) {
        const { x, y } = sampler.at(k)
        const { loss, report: _, ...next } = await step(state, { x, y })
        return { state: next, loss }
      },
      onStep: (k, loss) => progress(k + 1, steps, `loss ${loss.toFixed(3)}`),
    })
    if (resumedAt > 0) log(`gone on with at step ${resumedAt}`)
    const trained: LanguageModel = { ...model, params: state.params }
    await saveModel(trained, options.out)
    await forgetUnfinished(options.out)
    const seconds = (performance.now() - began) / 1000
    const tokensPerSecond = ((steps - resumedAt) * batch * context) / seconds
    const bits = held.length > context ? await bitsOn(trained, held, context) : undefined
    const json = {
      out: options.out,
      steps,
      loss: losses[steps - 1],
      validationBitsPerToken: bits,
      tokensPerSecond,
      parameters: parameterCount(config),
    }
    const lines = [
      `loss ${losses[0].toFixed(3)} → ${losses[steps - 1].toFixed(3)} nats a token${bits === undefined ? '' : `; ${bits.toFixed(3)} bits a token on the text kept back`}`,
      `${Math.round(tokensPerSecond)} tokens/s; written to ${join(options.out, 'model.safetensors')}`,
    ]
    return { lines, json }
  },
})

async function modelOf({ model, size, tokenizer, seed }: Options, log: (line: string) => void): Promise<LanguageModel> {
  if (model !== undefined) {
    const [given] = Object.entries({ tokenizer, size }).flatMap(([name, value]) => (value === undefined ? [] : [name]))
    if (given) throw new InputError(`a checkpoint has its own ${given}`, { where: `--${given}`, fix: `leave --model or --${given} out` })
    const { warnings, ...loaded } = await loadModel(model)
    for (const warning of warnings) log(`warning: ${warning}`)
    return loaded
  }
  const own: Tokenizer = tokenizer === undefined ? byteTokenizer : await loadTokenizer(tokenizer)
  const special = { begin: own.begin, end: own.end === undefined ? [] : [own.end], pad: own.pad }
  const config = llamaConfig({ ...sizes[size ?? 'nano'], vocabulary: own.size, context: 1024, special })
  return { config, params: initDecoder(config, key(seed)), tokenizer: own }
}

async function bitsOn({ config, params }: LanguageModel, stream: Int32Array, context: number): Promise<number> {
  const { bits, tokens } = await streamScorer(config, { context })(params, stream)
  return bits / tokens
}
