import { distance } from 'fastest-levenshtein'
import { InputError } from '../engine/errors.ts'

const bare = (name: string): string => name.replace(/^-+/, '').toLowerCase()

const letters = (name: string): string => [...name].sort().join('')

/** Edits, where exchanged letters count as one. */
const editsBetween = (typed: string, known: string): number =>
  letters(typed) === letters(known) ? Math.min(1, distance(typed, known)) : distance(typed, known)

/** A slip of the finger, or the beginning of the name. */
function isClose(typed: string, known: string, edits: number): boolean {
  const length = Math.max(typed.length, known.length)
  return edits <= Math.max(typed.length > 3 ? 2 : 1, Math.floor(length / 3)) || (typed.length >= 3 && known.startsWith(typed))
}

/**
 * The known name closest to what was typed, unless nothing is close enough to be meant.
 *
 * @example
 * nearest('adma', ['adam', 'sgd']) // 'adam'
 */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const candidates = known
    .map((name) => ({ name, edits: editsBetween(bare(typed), bare(name)) }))
    .filter(({ name, edits }) => isClose(bare(typed), bare(name), edits))
  return candidates.sort((a, b) => a.edits - b.edits)[0]?.name
}

/** Names that fit in the one line of an error. */
const fewNames = 4

/**
 * The error for a name that is not among the known ones.
 * @example throw unknownName('preset', 'smal', ['smoke', 'small', 'paper'])   // unknown preset 'smal'; did you mean 'small'? (smoke, small, paper)
 */
export function unknownName(kind: string, typed: string, known: readonly string[], where?: string): InputError {
  const guess = nearest(typed, known)
  const all = known.length ? known.join(', ') : 'none'
  const fix = guess ? `did you mean '${guess}'?${known.length <= fewNames ? ` (known: ${all})` : ''}` : `known: ${all}`
  return new InputError(`unknown ${kind} '${typed}'`, { where, fix })
}
