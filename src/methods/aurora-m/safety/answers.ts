import { generate } from '../../../kits/lm/generate/index.ts'
import type { LanguageModel } from '../../../kits/lm/model.ts'
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
  wrapped,
} from './policy.ts'

/** A question to test with. */
export interface Question {
  readonly text: string
  readonly action: string
  readonly object: string
  readonly kind: ObjectClass
  readonly templates: TemplateKind
}

/** What an answer is. */
export interface Answer {
  readonly text: string
  /** One of the two responses, whatever it names; anything else is `other`. */
  readonly form: ResponseForm | 'other'
  /** Whether it names the action and the object that were asked about. */
  readonly named: boolean
}

/**
 * Questions with actions that were not trained on; about look-alikes, which are not trained on at all, with every action. Of the training templates each
 * pair is asked with one, and look-alikes with none; of the others with all.
 */
export function questionsOf({ objects }: Policy, kinds: readonly TemplateKind[]): Question[] {
  const asked = ({ kind, trained }: PolicyObject) =>
    kind === 'lookAlike' ? actions : actions.filter((action) => !trained.includes(action))
  const templatesOf = (object: PolicyObject, kind: TemplateKind, pair: number): readonly string[] => {
    if (kind !== 'training') return templates[kind]
    return object.kind === 'lookAlike' ? [] : [templates.training[pair % templates.training.length]]
  }
  return objects.flatMap((object) =>
    asked(object).flatMap((action, pair) =>
      kinds.flatMap((kind) =>
        templatesOf(object, kind, pair).map((template) => ({
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

/** The whole answer, with any words in the places of action and object. */
const patterns = Object.entries(responses).map(([form, response]) => {
  const words = response.replace('.', '\\.').replace('{a}', '(?<action>\\w+)').replace('{o}', '(?<object>\\w+)')
  return { form: form as ResponseForm, pattern: new RegExp(`^${words}$`) }
})

/**
 * What an answer is by its words alone, up to its end or a newline. No probabilities of whole answers are compared: that would favour the shorter.
 *
 * @example
 * parseAnswer('I cannot help to open the bakula, it is restricted.', { action: 'open', object: 'bakula' }).form // 'refusal'
 */
export function parseAnswer(text: string, { action, object }: Pick<Question, 'action' | 'object'>): Answer {
  for (const { form, pattern } of patterns) {
    const found = pattern.exec(text)?.groups
    if (found) return { text, form, named: found.action === action && found.object === object }
  }
  return { text, form: 'other', named: false }
}

/** Bytes of the longest response, and some. */
const longest = 64

/** A model's answers, always with the most probable byte. */
export async function answersOf(model: LanguageModel, questions: readonly Question[]): Promise<Answer[]> {
  const prompts = questions.map(({ text }) => model.tokenizer.encode(wrapped(text)))
  const texts = await generate(model, prompts, { maxNewTokens: longest, temperature: 0, stop: ['\n'] })
  return texts.map(({ text }, i) => parseAnswer(text, questions[i]))
}
