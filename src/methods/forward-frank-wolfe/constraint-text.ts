import { InputError } from '../../engine/index.ts'
import { type ConstraintSet, sizes } from './lmo.ts'
import { type SetKind, setKinds } from './sets.ts'

/** What the short names in a text stand for. */
const names = { r: 'radius', d: 'diameter', init: 'initMultiple', k: 'k', p: 'p' } as const

const form = `write ${setKinds.slice(0, -1).join('|')} and r=RADIUS, d=DIAMETER or init=MULTIPLE, such as ksparse:k=100,r=1.5; or none`

/**
 * A set as people write it: `l1:r=5`, `ksparse:k=100,r=1.5`, `lp:p=3,d=4`, `l2:init=3`, `none`.
 *
 * @throws InputError that shows the form.
 */
export function parseConstraint(text: string): ConstraintSet {
  const refuse = (what: string): never => {
    throw new InputError(what, { where: `constraint '${text}'`, fix: form })
  }
  const [kind, parts = ''] = text.split(':', 2)
  if (!setKinds.includes(kind as SetKind)) refuse(`there is no set '${kind}'`)
  const entries = parts.split(',').flatMap((part) => {
    if (part === '') return []
    const [name, value] = part.split('=', 2)
    if (!(name in names)) refuse(`there is no '${name}'`)
    if (value === undefined || value.trim() === '' || !Number.isFinite(Number(value))) refuse(`${name} is '${value ?? ''}', not a number`)
    return [[names[name as keyof typeof names], Number(value)] as const]
  })
  if (kind !== 'none' && !sizes.some((size) => entries.some(([name]) => name === size))) refuse('no size is given')
  return { kind: kind as SetKind, ...Object.fromEntries(entries) }
}
