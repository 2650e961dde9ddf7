import { InputError } from '../../../engine/index.ts'

/** A turn of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** How a conversation is written as one text that the model goes on with. */
export interface ChatFormat {
  readonly name: string
  /** Texts that end the assistant's words, besides the model's end token. */
  readonly stops: readonly string[]
  /**
   * The conversation up to where the assistant's next words begin; `answer: false` leaves that beginning out, as training on whole conversations needs. The
   * token that begins a text is not written: encode with `special`.
   */
  render(messages: readonly ChatMessage[], options?: { readonly answer?: boolean }): string
}

/**
 * The names of the formats that are known.
 *
 * @example
 * chatFormatNames[0] // 'plain'
 */
export const chatFormatNames = ['plain', 'alpaca', 'starcoder', 'llama2', 'llama3', 'chatml'] as const
export type ChatFormatName = (typeof chatFormatNames)[number]

interface Writing {
  readonly stops: readonly string[]
  /** `turn` counts the messages of users and assistants. */
  write(message: ChatMessage, turn: number): string
  readonly answer: string
}

const writings: Readonly<Record<ChatFormatName, Writing>> = {
  plain: { stops: [], write: ({ content }) => `${content}\n`, answer: '' },
  alpaca: {
    stops: ['### Instruction:'],
    write: ({ role, content }) =>
      role === 'user' ? `### Instruction:\n${content}\n` : role === 'system' ? `${content}\n\n` : `### Response:\n${content}\n\n`,
    answer: '### Response:\n',
  },
  starcoder: {
    stops: ['<|end|>'],
    write: ({ role, content }) => `<|${role}|>\n${content}<|end|>\n`,
    answer: '<|assistant|>\n',
  },
  llama2: {
    stops: [],
    write: ({ role, content }, turn) =>
      role === 'user' ? `${turn > 0 ? '<s>' : ''}[INST] ${content.trim()} [/INST]` : ` ${content.trim()} </s>`,
    answer: '',
  },
  llama3: {
    stops: ['<|eot_id|>'],
    write: ({ role, content }) => `<|start_header_id|>${role}<|end_header_id|>\n\n${content.trim()}<|eot_id|>`,
    answer: '<|start_header_id|>assistant<|end_header_id|>\n\n',
  },
  chatml: {
    stops: ['<|im_end|>'],
    write: ({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`,
    answer: '<|im_start|>assistant\n',
  },
}

/**
 * A format by its name.
 *
 * @throws InputError for a name that is not known; it lists those that are.
 * @example
 * chatFormat('alpaca').render([{ role: 'user', content: 'Add.' }]) // '### Instruction:\nAdd.\n### Response:\n'
 */
export function chatFormat(name: string): ChatFormat {
  const known = chatFormatNames.find((other) => other === name)
  if (!known) throw new InputError(`there is no chat format "${name}"`, { fix: `known are ${chatFormatNames.join(', ')}` })
  const { stops, write, answer } = writings[known]
  return {
    name: known,
    stops,
    render(messages, { answer: open = true } = {}) {
      const turns = known === 'llama2' ? withSystemInside(messages) : messages
      const text = turns.map((message, i) => write(message, i)).join('')
      return open && turns.at(-1)?.role !== 'assistant' ? text + answer : text
    },
  }
}

/** Llama 2 has the system's words in the first message of the user, and users and assistants take turns. */
function withSystemInside(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const [first, ...rest] = messages
  if (first === undefined) return messages
  const turns = first.role === 'system' ? rest : messages
  const wrong = turns.findIndex(({ role }, i) => role !== (i % 2 === 0 ? 'user' : 'assistant'))
  if (wrong >= 0 || turns.length === 0)
    throw new InputError('in the llama2 format, user and assistant take turns, the user first', {
      where: `message ${Math.max(wrong, 0) + 1}`,
    })
  if (first.role !== 'system') return turns
  const [user, ...others] = turns
  return [{ role: 'user', content: `<<SYS>>\n${first.content}\n<</SYS>>\n\n${user.content}` }, ...others]
}

/** Texts that a checkpoint's template in Jinja holds where it is of a format. */
const marks: readonly (readonly [ChatFormatName, readonly string[]])[] = [
  ['chatml', ['<|im_start|>', '<|im_end|>']],
  ['llama3', ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>']],
  ['llama2', ['[INST]', '[/INST]', '<<SYS>>']],
  ['starcoder', ['<|system|>', '<|user|>', '<|assistant|>', '<|end|>']],
  ['alpaca', ['### Instruction:', '### Response:']],
]

/**
 * The format of a checkpoint's chat template, which is Jinja and is never run: it is known by the texts that it puts around messages. What else it does,
 * such as words of its own or tools, is not followed.
 *
 * @throws InputError for a template that is of none of the known formats, or of several.
 * @example
 * recognizeChatFormat("{{ '<|im_start|>' + role + '\n' + content + '<|im_end|>' }}").name // 'chatml'
 */
export function recognizeChatFormat(template: string): ChatFormat {
  const found = marks.filter(([, texts]) => texts.every((text) => template.includes(text)))
  if (found.length === 1) return chatFormat(found[0][0])
  throw new InputError('the chat template is of no format that is known', {
    where: 'chat_template',
    fix: `choose one of ${chatFormatNames.join(', ')}`,
  })
}
