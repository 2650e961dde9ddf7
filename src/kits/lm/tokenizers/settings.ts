import { type Field, parseJson } from './field.ts'
import type { RoleTexts } from './roles.ts'
import { encodeJson } from './write.ts'

/** What `tokenizer_config.json` and `special_tokens_map.json` say beside the tokenizer itself. */
export interface TokenizerSettings {
  readonly roles: RoleTexts
  /** Whether a text gets its begin and end tokens, where this is said. */
  readonly addBegin?: boolean
  readonly addEnd?: boolean
  /** The longest text that the model takes, in tokens, where this is said. */
  readonly maxLength?: number
  /** A template in Jinja, which is never run: see `recognizeChatFormat`. */
  readonly chatTemplate?: string
}

/** Files say 10³⁰ where they mean that there is no limit. */
const noLimit = 1e12

/** Reads the texts of the two files, and of the one for the chat template; each may be missing. @throws InputError for damaged ones. */
export function parseSettings(
  files: { readonly config?: string; readonly specialMap?: string; readonly template?: string },
  where: (name: string) => string,
): TokenizerSettings {
  const config = parseJson(files.config ?? '{}', where('tokenizer_config.json'))
  const map = parseJson(files.specialMap ?? '{}', where('special_tokens_map.json'))
  const role = (key: string) => tokenText(config.at(key)) ?? tokenText(map.at(key))
  return {
    roles: { begin: role('bos_token'), end: role('eos_token'), pad: role('pad_token') },
    addBegin: optionalFlag(config.at('add_bos_token')),
    addEnd: optionalFlag(config.at('add_eos_token')),
    maxLength: limitOf(config.at('model_max_length')),
    chatTemplate: files.template ?? templateOf(config.at('chat_template')),
  }
}

const optionalFlag = (field: Field): boolean | undefined => (field.missing ? undefined : field.flag())

/** A text, or an object with its `content`. */
function tokenText(field: Field): string | null | undefined {
  if (field.missing) return field.value as null | undefined
  return typeof field.value === 'string' ? field.value : field.at('content').text()
}

function limitOf(field: Field): number | undefined {
  if (field.missing) return undefined
  const { value } = field
  if (typeof value !== 'number' || !(value > 0)) return field.refuse('is not a length')
  return value < noLimit ? value : undefined
}

/** A text, or a list of named ones, of which `default` counts. */
function templateOf(field: Field): string | undefined {
  if (!Array.isArray(field.value)) return field.optionalText()
  return field
    .items()
    .find((item) => item.at('name').text() === 'default')
    ?.at('template')
    .text()
}

/** The two files that say so. */
export function settingsFiles({ roles, addBegin, addEnd, maxLength, chatTemplate }: TokenizerSettings): Record<string, Uint8Array> {
  const tokens = { bos_token: roles.begin, eos_token: roles.end, pad_token: roles.pad }
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: addBegin,
    add_eos_token: addEnd,
    model_max_length: maxLength,
    chat_template: chatTemplate,
    ...tokens,
  }
  return { 'tokenizer_config.json': encodeJson(config), 'special_tokens_map.json': encodeJson(tokens) }
}
