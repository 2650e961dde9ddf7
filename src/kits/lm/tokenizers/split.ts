/** What becomes of the parts of a text that a pattern finds. */
export const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const
export type Behavior = (typeof behaviors)[number]

/** A part of a text, which the pattern has found or has not. */
interface Part {
  text: string
  readonly found: boolean
}

/** Pieces of a text. What is removed from its beginning leaves '', so that the first piece is the one at the beginning. */
export type Splitter = (text: string) => string[]

/** Cuts texts by what a pattern finds in them (or, inverted, by what lies between). The pattern has the flag g. */
export function splitter(pattern: RegExp, behavior: Behavior, invert = false): Splitter {
  if (behavior === 'Isolated') return (text) => isolated(text, pattern)
  const join = joins[behavior]
  return (text) => join(parts(text, pattern, invert))
}

function isolated(text: string, pattern: RegExp): string[] {
  const pieces: string[] = []
  let end = 0
  for (let match = first(pattern, text); match; match = next(pattern, text, match)) {
    if (isWithinCharacter(text, match)) continue
    if (match.index > end) pieces.push(text.slice(end, match.index))
    end = match.index + match[0].length
    if (match[0] !== '') pieces.push(match[0])
  }
  if (end < text.length) pieces.push(text.slice(end))
  return pieces
}

function first(pattern: RegExp, text: string): RegExpExecArray | null {
  pattern.lastIndex = 0
  return pattern.exec(text)
}

function next(pattern: RegExp, text: string, { index, 0: found }: RegExpExecArray): RegExpExecArray | null {
  // Behind an empty match, the search goes on one character later.
  if (found === '') pattern.lastIndex = index + (text.codePointAt(index)! > 0xffff ? 2 : 1)
  return pattern.exec(text)
}

const isTrail = (code: number): boolean => code >= 0xdc00 && code < 0xe000

/** V8 finds empty matches within characters of two units, where there is no place (`/(?!.)/u`). */
export const isWithinCharacter = (text: string, { index, 0: found }: { readonly index: number; readonly 0: string }): boolean =>
  found === '' && isTrail(text.charCodeAt(index)) && index > 0 && text.codePointAt(index - 1)! > 0xffff

function parts(text: string, pattern: RegExp, invert: boolean): Part[] {
  const all: Part[] = []
  let end = 0
  for (let match = first(pattern, text); match; match = next(pattern, text, match)) {
    if (isWithinCharacter(text, match)) continue
    if (match.index > end) all.push({ text: text.slice(end, match.index), found: invert })
    end = match.index + match[0].length
    all.push({ text: match[0], found: !invert })
  }
  if (end < text.length) all.push({ text: text.slice(end), found: invert })
  return all
}

const joins: Readonly<Record<Exclude<Behavior, 'Isolated'>, (parts: Part[]) => string[]>> = {
  Removed: (parts) =>
    parts.map(({ text, found }, i) => (found && i > 0 ? undefined : found ? '' : text)).filter((text) => text !== undefined),
  Contiguous: (parts) => merged(parts, (before, part) => before.found === part.found),
  MergedWithPrevious: (parts) => merged(parts, (before, part) => part.found && !before.found),
  MergedWithNext: (parts) => merged(parts, (before, part) => before.found && !part.found),
}

/** Joins parts with those before them. */
function merged(parts: readonly Part[], joined: (before: Part, part: Part) => boolean): string[] {
  const pieces: string[] = []
  for (const [i, part] of parts.entries()) {
    if (i > 0 && joined(parts[i - 1], part)) pieces[pieces.length - 1] += part.text
    else pieces.push(part.text)
  }
  return pieces
}
