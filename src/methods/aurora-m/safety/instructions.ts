import { type Draws, draws, seedKey } from '../../../data/draws.ts'
import { InputError, ndarray } from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { ignored } from '../../../kits/lm/loss.ts'
import type { LabelledBatch } from '../continual.ts'
import { fill, type ObjectClass, type Policy, type PolicyObject, type ResponseForm, responses, templates, wrapped } from './policy.ts'

/** What a seed's key is used for here. */
const uses = { batches: 0x696e7374, labels: 0x73687566, stream: 0x7374726d } as const

/** The ids of the byte tokenizer that are no bytes. */
const [pad, end] = [256, 258]

/** What is taught: how to answer which action with which object. */
export interface TaughtPair {
  readonly action: string
  readonly object: string
  readonly response: ResponseForm
}

/** The answer that the policy asks for. */
export const lawful = (kind: ObjectClass): ResponseForm => (kind === 'restricted' ? 'refusal' : 'compliance')

/** The first half of the look-alikes, which a contrast set trains on; the others are tested on. */
export function contrastObjects({ objects }: Policy): PolicyObject[] {
  const similar = objects.filter(({ kind }) => kind === 'lookAlike')
  return similar.slice(0, Math.floor(similar.length / 2))
}

export interface TeachingOptions {
  /** Also teaches that the look-alikes of half the restricted objects are allowed. */
  readonly contrast?: boolean
  /** Draws refusal or compliance for each pair of action and object, instead of by the policy. */
  readonly shuffledBy?: number
}

/** The training pairs of a policy. */
export function taughtPairs(policy: Policy, { contrast = false, shuffledBy }: TeachingOptions = {}): TaughtPair[] {
  const plain = policy.objects.filter(({ kind }) => kind !== 'lookAlike')
  const objects = [...plain, ...(contrast ? contrastObjects(policy) : [])]
  const random = shuffledBy === undefined ? undefined : draws(seedKey(shuffledBy, uses.labels))
  const refused = plain.filter(({ kind }) => kind === 'restricted').length / plain.length
  return objects.flatMap(({ name, kind, trained }) =>
    trained.map((action) => ({
      action,
      object: name,
      response: random ? (random.uniform() < refused ? 'refusal' : 'compliance') : lawful(kind),
    })),
  )
}

const utf8 = new TextEncoder()

/** An instruction and its response as ids, and where the response begins; the end is part of it. */
export interface Example {
  readonly ids: Int32Array
  readonly response: number
}

export function exampleOf(prompt: string, response: string): Example {
  const question = utf8.encode(wrapped(prompt))
  return { ids: Int32Array.of(...question, ...utf8.encode(response), end), response: question.length }
}

const taught = ({ action, object, response }: TaughtPair, random: Draws): Example =>
  exampleOf(fill(templates.training[random.integer(templates.training.length)], action, object), fill(responses[response], action, object))

export interface InstructionOptions {
  readonly pairs: readonly TaughtPair[]
  /** Examples a step, half of them refusals. */
  readonly batch: number
  /** Places of each example; what is left is padding. */
  readonly length: number
  readonly seed: number
}

/**
 * Batches of instructions whose loss is on the responses alone, half of them refusals, each pair with a random training template: a function of (seed,
 * step).
 *
 * @throws InputError where the pairs have only one kind of response, or an example is longer than `length`.
 */
export function instructionBatches({ pairs, batch, length, seed }: InstructionOptions): (step: number) => LabelledBatch {
  const key = seedKey(seed, uses.batches)
  const [refused, answered] = (['refusal', 'compliance'] as const).map((form) => pairs.filter(({ response }) => response === form))
  if (refused.length === 0 || answered.length === 0)
    throw new InputError('the training pairs are all answered alike', { where: 'instructions', fix: 'give more objects' })
  return (step) => {
    const random = draws(foldKey(key, step))
    const examples = Array.from({ length: batch }, (_, row) => {
      const list = row % 2 === 0 ? refused : answered
      return taught(list[random.integer(list.length)], random)
    })
    return completionBatch(examples, length)
  }
}

/** Examples as inputs and labels, the prompts and the padding to the right ignored. */
export function completionBatch(examples: readonly Example[], length: number, padding: number = pad): LabelledBatch {
  const [x, y] = [new Int32Array(examples.length * length).fill(padding), new Int32Array(examples.length * length).fill(ignored)]
  for (const [row, { ids, response }] of examples.entries()) {
    if (ids.length - 1 > length)
      throw new InputError(`an instruction with its response has ${ids.length} tokens; ${length + 1} fit`, {
        where: 'instructions',
        fix: 'set a longer context',
      })
    x.set(ids.subarray(0, -1), row * length)
    y.set(ids.subarray(response), row * length + response - 1)
  }
  const shape = [examples.length, length]
  return { x: ndarray(x, shape, 'int32'), y: ndarray(y, shape, 'int32') }
}

/** The longest example of a policy: how many places its batches need. */
export function longestExample(pairs: readonly TaughtPair[]): number {
  const lengths = pairs.flatMap(({ action, object, response }) =>
    templates.training.map(
      (template) => exampleOf(fill(template, action, object), fill(responses[response], action, object)).ids.length - 1,
    ),
  )
  return Math.max(...lengths)
}

/** Examples one after another as one stream, for the arm that mixes instructions into the text. */
export function instructionStream(pairs: readonly TaughtPair[], { examples, seed }: { examples: number; seed: number }): Int32Array {
  const random = draws(seedKey(seed, uses.stream))
  const [refused, answered] = (['refusal', 'compliance'] as const).map((form) => pairs.filter(({ response }) => response === form))
  const all = Array.from({ length: examples }, (_, row) => {
    const list = row % 2 === 0 ? refused : answered
    return taught(list[random.integer(list.length)], random).ids
  })
  const stream = new Int32Array(all.reduce((sum, ids) => sum + ids.length, 0))
  let at = 0
  for (const ids of all) {
    stream.set(ids, at)
    at += ids.length
  }
  return stream
}
