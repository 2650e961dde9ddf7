import { join } from 'node:path'
import { kindOf } from '../../data/files.ts'
import { loadTrainingImages, rows, type TrainingImages } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import {
  type DiffusionConfig,
  type DiffusionModel,
  findDenoiser,
  modelFile,
  readModelFile,
  type TrainingData,
} from '../../kits/diffusion/index.ts'
import { networkSized } from '../../kits/diffusion/networks/index.ts'
import type { Endpoint } from '../../kits/llm/index.ts'
import { EndpointError } from '../../kits/llm/index.ts'
import { type advisorNames, importanceAdvisor, type PruneAdvisor, searchAdvisor } from './advisors.ts'
import { type Exchange, llmAdvisor } from './llm-advisor.ts'

/** How images are read; the split is one of places, the same as that of `quire diffusion`. */
export interface ImageChoice {
  readonly data: string
  readonly size?: number
  readonly grey: boolean
  readonly skipDamaged: boolean
  readonly range?: readonly number[]
  readonly keepEvery: number
}

export interface OwnImages {
  readonly train: TrainingData
  readonly heldOut: TrainingData
  readonly labels?: TrainingImages['labels']
  readonly sha256: string
}

/** Images in −1 … 1, every so many-th kept back. */
export async function readImages(
  { data, size, grey, skipDamaged, range, keepEvery }: ImageChoice,
  log: (line: string) => void,
): Promise<OwnImages> {
  const { x, labels, provenance } = await loadTrainingImages(data, {
    size,
    ...(grey && { channels: 1 }),
    ...(range && { range: [range[0], range[1]] }),
    damaged: skipDamaged ? 'skip' : 'refuse',
    log,
  })
  const count = x.shape[0]
  if (count < 2 * keepEvery)
    throw new InputError(`${count} images are too few to keep every ${keepEvery}-th back`, {
      where: data,
      fix: 'give more images, or a smaller --keep-every',
    })
  const all = Array.from({ length: count }, (_, i) => i)
  const part = (keep: (i: number) => boolean) => rows({ x, ...(labels && { labels }) }, all.filter(keep)) as TrainingData
  return { train: part((i) => i % keepEvery !== 0), heldOut: part((i) => i % keepEvery === 0), labels, sha256: provenance.sha256 }
}

/** What the base is called in the folder of the bundle that was made from it. */
export const baseFolder = 'base'

/**
 * Models that can be pruned and trained on: ours, not a user's ONNX file, whose weights nobody may change. A bundle of `train` stands for its base.
 *
 * @throws InputError for what is no such model
 */
export async function readBase(path: string): Promise<DiffusionModel & { readonly sha256: string }> {
  const place = await findDenoiser(path)
  const refuse = (what: string): never => {
    throw new InputError(what, { where: path, fix: 'give a model that quire diffusion train has written' })
  }
  if (place.kind === 'model') return readModelFile(place.path)
  if (place.kind === 'onnx') return refuse('is an ONNX file, whose layers cannot be pruned')
  const own = join(place.path, baseFolder, modelFile)
  return (await kindOf(own)) === 'file' ? readModelFile(own) : refuse('is a bundle without its base')
}

/** @throws InputError for a base of other images, or one that needs classes where there are none. */
export function checkBase({ config }: DiffusionModel, { train }: OwnImages, where: string): void {
  const shape = train.x.shape.slice(1)
  if (`${shape}` !== `${config.shape}`)
    throw new InputError(`is for images [${config.shape.join(', ')}], these are [${shape.join(', ')}]`, {
      where,
      fix: 'give --size or --grey as in its training',
    })
  if (config.classes !== undefined && !train.labels)
    throw new InputError(`is told one of ${config.classes} classes, and these images have none`, {
      where,
      fix: 'give the images that it was trained on',
    })
}

/** Images of up to so many values are taken as vectors. */
const mlpValues = 256

/** A base where none is given: ε on a cosine chain of 1,000 steps, an MLP for small images and else a U-Net. */
export function freshConfig(shape: readonly number[], size: string): DiffusionConfig {
  const kind = shape.reduce((product, extent) => product * extent, 1) <= mlpValues ? 'mlp' : 'unet'
  return {
    network: networkSized(kind, size, shape),
    process: { kind: 'discrete', steps: 1000, schedule: 'cosine' },
    predict: 'eps',
    ...(kind === 'mlp' && { skip: true }),
    shape: [...shape],
    range: [-1, 1],
  }
}

export interface AdvisorChoice {
  readonly advisor: (typeof advisorNames)[number]
  readonly seed: number
  /** Of `llm`. */
  readonly endpoint?: Endpoint
  /** Whether a language model that gives no answer may be replaced by `search`. */
  readonly mayFallBack: boolean
  keep?(exchange: Exchange): void
  log(line: string): void
}

/** The advisor of the options. @throws InputError for `llm` without an endpoint. */
export function advisorOf({ advisor, seed, endpoint, mayFallBack, keep, log }: AdvisorChoice): PruneAdvisor {
  if (advisor === 'search') return searchAdvisor(seed)
  if (advisor !== 'llm') return importanceAdvisor(advisor)
  if (!endpoint)
    throw new InputError('the advisor llm needs an endpoint', {
      where: '--advisor',
      fix: 'give --endpoint http://…/v1 and --endpoint-model NAME',
    })
  const asked = llmAdvisor(endpoint, { keep })
  return mayFallBack ? withFallback(asked, searchAdvisor(seed), log) : asked
}

/** An advisor that is replaced by another, and said to be, from the first time on that its endpoint gives no answer. */
function withFallback(first: PruneAdvisor, second: PruneAdvisor, log: (line: string) => void): PruneAdvisor {
  let current = first
  return {
    get name() {
      return current.name
    },
    importance: first.importance,
    async propose(...asked) {
      if (current === second) return second.propose(...asked)
      try {
        return await first.propose(...asked)
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error
        log(`${error.message}; the advisor is search from here on`)
        current = second
        return second.propose(...asked)
      }
    },
  }
}
