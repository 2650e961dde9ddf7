/* Classes of characters: their names in Oniguruma's patterns, and what JavaScript's patterns (flag v) call them. */

/** Oniguruma's classes for Unicode texts, by the names that brackets (`[:alpha:]`) and properties (`\p{Alpha}`) give them. */
const named: Readonly<Record<string, string>> = {
  alnum: '[\\p{Alphabetic}\\p{Nd}]',
  alpha: '\\p{Alphabetic}',
  ascii: '\\p{ASCII}',
  blank: '[\\p{Zs}\\t]',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '[^\\p{White_Space}\\p{Cc}\\p{Cn}\\p{Cs}]',
  lower: '\\p{Lowercase}',
  print: '[[^\\p{White_Space}\\p{Cc}\\p{Cn}\\p{Cs}]\\p{Zs}]',
  punct: '[\\p{P}\\p{S}]',
  space: '\\p{White_Space}',
  upper: '\\p{Uppercase}',
  xdigit: '[0-9A-Fa-f]',
  word: '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]',
}

/** What properties call otherwise than brackets do. */
const properties: Readonly<Record<string, string>> = { ...named, punct: '\\p{P}' }

/** What follows a backslash and stands for a class; the capital letter is its complement. */
export const shorthands: Readonly<Record<string, string>> = {
  d: named.digit,
  h: named.xdigit,
  s: named.space,
  w: named.word,
}

/** `\w` outside of brackets: it has the superscripts and fractions of Latin-1, too. */
export const wordAlone = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}²³¹¼½¾]'

/** `\w` of Rust's patterns, which differs from Oniguruma's. */
export const rustWord = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]'

export const complement = (set: string): string => `[^${set}]`

const plain = (name: string): string => name.replace(/[\s_-]/g, '').toLowerCase()

/** The class that brackets stand for, `[:alpha:]`. */
export const bracketClass = (name: string): string | undefined => (Object.hasOwn(named, plain(name)) ? named[plain(name)] : undefined)

/** The class that a property's name stands for: a class of Oniguruma's, a category, a property or a script of Unicode. */
export function propertyClass(name: string): string | undefined {
  if (Object.hasOwn(properties, plain(name))) return properties[plain(name)]
  if (!/^[A-Za-z][A-Za-z0-9_ -]*$/.test(name)) return undefined
  const word = name.trim().replace(/[ -]/g, '_')
  const title = word.replace(/[A-Za-z]+/g, (part) => part[0].toUpperCase() + part.slice(1).toLowerCase())
  return [word, title, `Script=${title}`].map((property) => `\\p{${property}}`).find(isClass)
}

function isClass(set: string): boolean {
  try {
    return new RegExp(set, 'v').source !== ''
  } catch {
    return false
  }
}

/** A character as it stands in a pattern or a class. */
export const literal = (code: number): string => {
  const character = String.fromCodePoint(code)
  return /^[A-Za-z0-9 ]$/.test(character) ? character : `\\u{${code.toString(16)}}`
}

let casedCharacters: readonly string[] | undefined

/** Characters that have another case; all of them lie in the first two planes. */
const cased = (): readonly string[] =>
  (casedCharacters ??= Array.from({ length: 0x20000 }, (_, code) => String.fromCodePoint(code)).filter((character) =>
    /\p{Changes_When_Casemapped}/u.test(character),
  ))

/** The members of a class, and all that differ from one only by case. */
export function ignoringCase(items: string): string {
  const [exact, same] = ['v', 'iv'].map((flags) => new RegExp(`^[${items}]$`, flags))
  const others = cased().filter((character) => same.test(character) && !exact.test(character))
  return `${items}${others.map((character) => literal(character.codePointAt(0)!)).join('')}`
}
