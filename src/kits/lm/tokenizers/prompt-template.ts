import { InputError } from '../../../engine/index.ts'

const names = ['instruction', 'input', 'response'] as const
type Name = (typeof names)[number]

/** What a template is filled with; `input` is left empty where there is none. */
export interface PromptValues {
  readonly instruction: string
  readonly input?: string
}

export interface PromptTemplate {
  /** The text up to the response. */
  prompt(values: PromptValues): string
  /** The text behind the response. */
  readonly end: string
}

/**
 * A prompt with places for `{instruction}`, `{input}` and `{response}`: nothing else is replaced, and what is put in is not looked through again. Without
 * `{response}`, the response stands at the end.
 *
 * @throws InputError for a place of another name, a missing `{instruction}`, or anything filled in behind the response.
 * @example
 * promptTemplate('Q: {instruction}\nA: {response}\n').prompt({ instruction: '1 + 1?' }) // 'Q: 1 + 1?\nA: '
 */
export function promptTemplate(text: string): PromptTemplate {
  const parts = text.split(/\{([A-Za-z_]+)\}/)
  const places = parts.filter((_, i) => i % 2 === 1)
  const refuse = (what: string): never => {
    throw new InputError(`the template ${what}`, { fix: 'it has {instruction}, and may have {input} and {response}' })
  }
  for (const place of places) if (!names.includes(place as Name)) refuse(`has {${place}}, which there is not`)
  if (!places.includes('instruction')) refuse('has no {instruction}')
  const response = places.indexOf('response')
  if (response >= 0 && response < places.length - 1) refuse('goes on behind {response}')
  const prompt = response < 0 ? parts : parts.slice(0, -2)
  return {
    prompt: ({ instruction, input = '' }) =>
      prompt.map((part, i) => (i % 2 === 0 ? part : part === 'instruction' ? instruction : input)).join(''),
    end: response < 0 ? '' : parts.at(-1)!,
  }
}
