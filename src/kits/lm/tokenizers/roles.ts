/** Ids of the tokens that begin, end and fill up a text. */
export interface Roles {
  readonly begin?: number
  readonly end?: number
  readonly pad?: number
}

/** The same as texts, as `tokenizer_config.json` has them; null where it says that there is none. */
export interface RoleTexts {
  readonly begin?: string | null
  readonly end?: string | null
  readonly pad?: string | null
}

/** Where no file says them: what the tokens of well-known models are called. */
const usual: Readonly<Record<keyof Roles, readonly string[]>> = {
  begin: ['<|begin_of_text|>', '<|begin|>', '<s>', '<bos>', '<|endoftext|>'],
  end: ['<|end_of_text|>', '<|end|>', '</s>', '<eos>', '<|endoftext|>'],
  pad: ['<|pad|>', '<pad>', '[PAD]'],
}

/** The tokens with a role, among those that there are. */
export function rolesOf(ids: ReadonlyMap<string, number>, texts: RoleTexts = {}): Roles {
  const idOf = (role: keyof Roles): number | undefined => {
    const text = texts[role]
    if (text === null) return undefined
    return text === undefined ? usual[role].map((name) => ids.get(name)).find((id) => id !== undefined) : ids.get(text)
  }
  return { begin: idOf('begin'), end: idOf('end'), pad: idOf('pad') }
}
