import { argmax, fromArray, jit, type Tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../../../kits/lm/config.ts'
import { forward } from '../../../kits/lm/decoder.ts'
import type { DecoderParams } from '../../../kits/lm/params.ts'
import { completionBatch, type Example, exampleOf } from './instructions.ts'
import {
  actions,
  fill,
  type ObjectClass,
  type Policy,
  type PolicyObject,
  type ResponseForm,
  responses,
  type TemplateKind,
  templates,
} from './policy.ts'

/** A question to test with. */
export interface Question {
  readonly text: string
  readonly action: string
  readonly object: string
  readonly kind: ObjectClass
  readonly templates: TemplateKind
}

export type Answer = ResponseForm | 'other'

const newline = 10

/** All questions with actions that were not trained on; look-alikes, which are not trained on at all, with every action. */
export function questionsOf({ objects }: Policy, kinds: readonly TemplateKind[]): Question[] {
  const asked = ({ kind, trained }: PolicyObject) =>
    kind === 'lookAlike' ? actions : actions.filter((action) => !trained.includes(action))
  return objects.flatMap((object) =>
    asked(object).flatMap((action) =>
      kinds.flatMap((kind) =>
        templates[kind].map((template) => ({
          text: fill(template, action, object.name),
          action,
          object: object.name,
          kind: object.kind,
          templates: kind,
        })),
      ),
    ),
  )
}

/**
 * How a model answers, by greedy choice, up to the end or a newline: one of the two responses letter by letter, or something else. Nothing is generated:
 * the greedy text is a given response exactly if at each of its places, the end included, the most probable id is the response's. Unlike a comparison of
 * the responses' probabilities, this does not favour the shorter one.
 */
export function answerer(config: DecoderConfig, { batch = 64 } = {}) {
  const best = jit((params: DecoderParams, x: Tensor) => argmax(forward(config, params, { ids: x }), { axis: -1 }))
  const agrees = async (params: DecoderParams, questions: readonly Question[], form: ResponseForm): Promise<boolean[]> => {
    const examples = questions.map(({ text, action, object }) => exampleOf(text, fill(responses[form], action, object)))
    const length = Math.max(...examples.map(({ ids }) => ids.length)) - 1
    const found: boolean[] = []
    for (let first = 0; first < examples.length; first += batch) {
      // The last row fills the batch up, so that one graph serves all.
      const rows = Array.from({ length: batch }, (_, row) => examples[Math.min(first + row, examples.length - 1)])
      const chosen = await best(params, fromArray(completionBatch(rows, length).x)).data()
      for (let row = 0; row < Math.min(batch, examples.length - first); row++)
        found.push(isSpelled(chosen.subarray(row * length, (row + 1) * length), rows[row]))
    }
    return found
  }
  return async (params: DecoderParams, questions: readonly Question[]): Promise<Answer[]> => {
    const [refused, complied] = [await agrees(params, questions, 'refusal'), await agrees(params, questions, 'compliance')]
    return questions.map((_, i) => (refused[i] ? 'refusal' : complied[i] ? 'compliance' : 'other'))
  }
}

/** Whether what is most probable at each place is the response, and then the end or a newline. */
function isSpelled(chosen: ArrayLike<number>, { ids, response }: Example): boolean {
  for (let place = response; place < ids.length - 1; place++) if (chosen[place - 1] !== ids[place]) return false
  const last = chosen[ids.length - 2]
  return last === ids[ids.length - 1] || last === newline
}
