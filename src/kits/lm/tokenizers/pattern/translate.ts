import { InputError } from '../../../../engine/index.ts'
import { bracketClass, complement, ignoringCase, literal, propertyClass, shorthands, wordAlone } from './classes.ts'

/** What the files' patterns may at most be; those in use have a few hundred characters. */
const limits = { characters: 10_000, depth: 50, count: 1000 }

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 }

/** Of `(?i:…)` and `(?m:…)`. */
interface Options {
  /** Letters stand for both cases. */
  readonly ignoreCase: boolean
  /** `.` is also a line break. */
  readonly dotAll: boolean
  readonly lookbehind: boolean
}

/** A part of a pattern that a quantifier may follow. */
interface Atom {
  readonly source: string
  /** It is one character of a class. */
  readonly single: boolean
}

/**
 * A pattern of a tokenizer file as JavaScript's, with flags `gv`. Files hold Oniguruma's syntax (that of Ruby), which differs: classes are Unicode's, `\h`
 * is a hexadecimal digit, `^` and `$` are ends of lines, quantifiers can be possessive, groups atomic, and parts ignore case. Groups do not capture.
 *
 * @throws InputError for what cannot be translated, such as backreferences.
 */
export function translatePattern(pattern: string, where?: string): RegExp {
  const refuse = (what: string): never => {
    throw new InputError(`the pattern "${shortened(pattern)}" ${what}`, { where })
  }
  const source = new Translation(pattern, refuse).whole()
  try {
    const compiled = new RegExp(source, 'gv')
    // Compiled at its first use, for either width of characters.
    for (const text of ['a', '\u4e00']) text.replace(compiled, '')
    return compiled
  } catch (cause) {
    return refuse(`cannot be used (${(cause as Error).message.replace(/^.*: /, '')})`)
  }
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

class Translation {
  readonly #pattern: string
  readonly #characters: readonly string[]
  /** Where each character begins in the pattern. */
  readonly #starts: readonly number[]
  readonly #refuse: (what: string) => never
  #at = 0
  #depth = 0
  #captures = 0

  constructor(pattern: string, refuse: (what: string) => never) {
    this.#pattern = pattern
    this.#characters = Array.from(pattern)
    let start = 0
    this.#starts = this.#characters.map((character) => {
      start += character.length
      return start - character.length
    })
    this.#refuse = refuse
    if (this.#characters.length > limits.characters) refuse(`is longer than ${limits.characters} characters`)
  }

  whole(): string {
    const source = this.#alternatives({ ignoreCase: false, dotAll: false, lookbehind: false })
    if (this.#at < this.#characters.length) this.#refuse(`has a ")" too many at offset ${this.#at}`)
    return source
  }

  /** Takes what matches a pattern that begins with `^` here, within 64 characters. */
  #take(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.#pattern.slice(this.#starts[this.#at] ?? this.#pattern.length, this.#starts[this.#at + 64]))
    if (found) this.#at += Array.from(found[0]).length
    return found
  }

  #next(inside: string): string {
    if (this.#at >= this.#characters.length) this.#refuse(`ends within ${inside}, at offset ${this.#at}`)
    return this.#characters[this.#at++]
  }

  #alternatives(options: Options): string {
    if (++this.#depth > limits.depth) this.#refuse(`is nested deeper than ${limits.depth} groups`)
    const inline = this.#take(/^\(\?([a-z]*)(?:-([a-z]*))?\)/)
    const own = inline ? this.#changed(options, inline[1], inline[2]) : options
    let source = ''
    while (this.#at < this.#characters.length && this.#characters[this.#at] !== ')')
      source += this.#take(/^\|/) ? '|' : this.#quantified(own)
    this.#depth--
    return source
  }

  #changed(options: Options, on = '', off = ''): Options {
    if (/[^im]/.test(on + off)) this.#refuse(`has the option ${on || off}, which is not known here`)
    return {
      ...options,
      ignoreCase: on.includes('i') || (options.ignoreCase && !off.includes('i')),
      dotAll: on.includes('m') || (options.dotAll && !off.includes('m')),
    }
  }

  #quantified(options: Options): string {
    let atom = this.#atom(options)
    for (let times = 0; ; times++) {
      const found = this.#take(/^(?:([*+?])([?+]?)|\{(?:(\d+)(,?)(\d*)|,(\d+))\}(\??))/)
      if (!found) return atom.source
      if (times > 0) atom = { source: `(?:${atom.source})`, single: false }
      const [, sign, mode, least, comma, most, only, lazy] = found
      atom = {
        source: sign ? this.#repeated(atom, sign, mode, options) : this.#counted(atom, { least, comma, most, only, lazy }),
        single: false,
      }
    }
  }

  #repeated(atom: Atom, sign: string, mode: string, options: Options): string {
    if (mode !== '+') return `${atom.source}${sign}${mode}`
    // A class that is taken as often as possible: no other of it may follow.
    if (atom.single) return sign === '?' ? `(?:${atom.source}|(?!${atom.source}))` : `(?:${atom.source}${sign}(?!${atom.source}))`
    return this.#atomic(`${atom.source}${sign}`, options)
  }

  #counted(
    { source }: Atom,
    { least, comma, most, only, lazy }: { least?: string; comma?: string; most?: string; only?: string; lazy: string },
  ): string {
    const [low, high] = only === undefined ? [least!, comma ? most! : least!] : ['0', only]
    if (Math.max(Number(low), Number(high)) > limits.count) this.#refuse(`repeats a part more than ${limits.count} times`)
    const count = low === high ? `{${low}}` : `{${low},${high}}`
    // {n}? is a part that may be missing.
    return lazy && low === high ? `(?:${source}${count})?` : `${source}${count}${lazy}`
  }

  /** What a look-ahead has found is not given back. */
  #atomic(source: string, { lookbehind }: Options): string {
    if (lookbehind) this.#refuse('has a possessive part in a look-behind, which is not known here')
    const name = `atom${this.#captures++}`
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`
  }

  #atom(options: Options): Atom {
    const character = this.#next('a group')
    if (character === '(') return { source: this.#group(options), single: false }
    if (character === '[') return { source: this.#class(options), single: true }
    if (character === '\\') return this.#escape(options)
    if (character === '.') return { source: options.dotAll ? '[\\s\\S]' : '[^\\n]', single: true }
    if (character === '^') return { source: '(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))', single: false }
    if (character === '$') return { source: '(?![^\\n])', single: false }
    if (/[*+?]/.test(character)) this.#refuse(`repeats nothing, at offset ${this.#at - 1}`)
    return this.#character(character.codePointAt(0)!, options)
  }

  #character(code: number, { ignoreCase }: Options): Atom {
    return { source: ignoreCase ? `[${ignoringCase(literal(code))}]` : literal(code), single: true }
  }

  #group(options: Options): string {
    if (this.#take(/^\?#[^)]*\)/)) return '(?:)'
    const look = this.#take(/^\?<?[=!]/)?.[0]
    const changed = look ? null : this.#take(/^\?([a-z]*)(?:-([a-z]*))?:/)
    const atomic = !look && !changed && this.#take(/^\?>/) !== null
    if (!look && !changed && !atomic) this.#take(/^\?(?:<[A-Za-z_]\w*>)/)
    if (this.#characters[this.#at] === '?') this.#refuse(`has a group of a kind that is not known here, at offset ${this.#at - 1}`)
    const inside = changed
      ? this.#changed(options, changed[1], changed[2])
      : { ...options, lookbehind: options.lookbehind || !!look?.includes('<') }
    const source = this.#alternatives(inside)
    this.#next('a group')
    if (atomic) return this.#atomic(source, options)
    return look ? `(?:(${look}${source}))` : `(?:${source})`
  }

  #escape(options: Options): Atom {
    const code = this.#code()
    if (code !== undefined) return this.#character(code, options)
    const word = this.#take(/^w/i)?.[0]
    const set = word ? (word === 'w' ? wordAlone : complement(wordAlone)) : this.#set()
    if (set !== undefined) return { source: options.ignoreCase ? `[${ignoringCase(set)}]` : `[${set}]`, single: true }
    const w = wordAlone
    const letter = this.#next('an escape')
    const assertions: Readonly<Record<string, string>> = {
      A: '(?<![\\s\\S])',
      z: '(?![\\s\\S])',
      Z: '(?=\\n?(?![\\s\\S]))',
      b: `(?:(?<=${w})(?!${w})|(?<!${w})(?=${w}))`,
      B: `(?:(?<=${w})(?=${w})|(?<!${w})(?!${w}))`,
    }
    if (Object.hasOwn(assertions, letter)) return { source: `(?:${assertions[letter]})`, single: false }
    if (letter === 'R') return { source: this.#atomic('\\r\\n|[\\n-\\r\\u{85}\\u{2028}\\u{2029}]', options), single: false }
    return this.#refuse(`has \\${letter}, which is not known here, at offset ${this.#at - 2}`)
  }

  /** The character that an escape stands for; undefined, and nothing taken, for a class or an assertion. */
  #code(): number | undefined {
    const hexadecimal = this.#take(/^(?:x\{([0-9A-Fa-f]{1,8})\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4}))/)
    if (hexadecimal) {
      const code = Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? hexadecimal[3], 16)
      return code <= 0x10ffff ? code : this.#refuse(`has the character ${hexadecimal[0]}, which there is not`)
    }
    const octal = this.#take(/^0[0-7]{0,2}/)
    if (octal) return Number.parseInt(octal[0], 8)
    const other = this.#take(/^(?:[tnvfrae]|[^A-Za-z0-9])/u)
    return other ? (controls[other[0]] ?? other[0].codePointAt(0)!) : undefined
  }

  /** The class that an escape stands for; undefined, and nothing taken, for others. */
  #set(): string | undefined {
    const short = this.#take(/^[dhsw]/i)?.[0]
    if (short) return Object.hasOwn(shorthands, short) ? shorthands[short] : complement(shorthands[short.toLowerCase()])
    const property = this.#take(/^([pP])\{(\^?)([^}]*)\}/)
    if (!property) return undefined
    const [, letter, not, name] = property
    const set = propertyClass(name) ?? this.#refuse(`has the class "${name}", which is not known here`)
    return (letter === 'P') !== (not === '^') ? complement(set) : set
  }

  /** What follows a bracket: `a-z`, classes, classes within, and what several have in common (`&&`). */
  #class({ ignoreCase }: Options): string {
    if (++this.#depth > limits.depth) this.#refuse(`is nested deeper than ${limits.depth} groups`)
    const negated = this.#take(/^\^/) !== null
    const parts: string[] = ['']
    let items = this.#take(/^\](?=.*\])/s) ? literal(0x5d) : ''
    while (!this.#take(/^\]/)) {
      if (this.#take(/^&&/)) {
        parts[parts.length - 1] = items
        parts.push((items = ''))
      } else items += this.#item()
    }
    parts[parts.length - 1] = items
    this.#depth--
    const united = parts.length === 1 ? items : parts.map((part) => `[${part}]`).join('&&')
    const set = ignoreCase ? ignoringCase(parts.length === 1 ? united : `[${united}]`) : united
    return `[${negated ? '^' : ''}${set}]`
  }

  #item(): string {
    const bracket = this.#take(/^\[:(\^?)(\w+):\]/)
    if (bracket) {
      const set = bracketClass(bracket[2]) ?? this.#refuse(`has the class "${bracket[2]}", which is not known here`)
      return bracket[1] ? complement(set) : set
    }
    if (this.#take(/^\[/)) return this.#class({ ignoreCase: false, dotAll: false, lookbehind: false })
    const first = this.#member()
    if (typeof first === 'string') return first
    if (!this.#take(/^-(?!\])/)) return literal(first)
    const last = this.#characters[this.#at] === '[' ? '' : this.#member()
    if (typeof last === 'string') return `${literal(first)}${literal(0x2d)}${last}`
    return last >= first
      ? `${literal(first)}-${literal(last)}`
      : this.#refuse(`has a range of characters that runs backwards, before offset ${this.#at}`)
  }

  /** A character's code, or a class. */
  #member(): number | string {
    const character = this.#next('a class')
    if (character !== '\\') return character.codePointAt(0)!
    if (this.#take(/^b/)) return 8
    return this.#code() ?? this.#set() ?? this.#refuse(`has \\${this.#next('an escape')} in a class, which is not known here`)
  }
}
