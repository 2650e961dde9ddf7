import { InputError } from '../../../engine/index.ts'
import { keptLines, type Skipped } from '../formats/read-options.ts'
import type { AttributedGraph, GraphSchema } from '../graph.ts'
import { type ElementSymbol, valences } from './elements.ts'
import { type Molecule, parseSmiles } from './smiles.ts'
import { graphOfMolecule, moleculeSchema, type Objection, objectionTo } from './valence.ts'

export interface SmilesFile {
  readonly schema: GraphSchema
  readonly graphs: readonly AttributedGraph[]
  readonly skipped: readonly Skipped[]
}

export interface SmilesOptions {
  readonly where?: string
  readonly skipBad?: boolean
  /** Default: those that occur, in the order of the periodic table's usual listing here (B, C, N, O, F, …). */
  readonly elements?: readonly ElementSymbol[]
  /** Default: as many atoms as the largest has. */
  readonly maxNodes?: number
  /** Also takes what is no molecule, as a generator may write it: pieces, exceeded valences. Default: false. */
  readonly unchecked?: boolean
}

interface Read {
  readonly molecule: Molecule
  readonly where: string
}

/**
 * Molecules from lines of SMILES: the first word of each line, or the first cell of a CSV; a header `smiles` is read over. Only neutral molecules in one piece
 * whose valences are kept.
 *
 * @throws InputError that names the line, unless bad lines are skipped.
 * @example
 * parseSmilesLines('smiles\nCCO\n').schema.node[0].values // ['C', 'O']
 */
export function parseSmilesLines(
  text: string,
  { where = 'SMILES', skipBad = false, unchecked = false, elements, maxNodes }: SmilesOptions = {},
): SmilesFile {
  const { graphs: molecules, skipped } = keptLines(text, { where, skipBad }, (line, at): Read | undefined => {
    const [word] = line.trim().split(/[\s,;]+/)
    if (/^(canonical_)?smiles$/i.test(word)) return undefined
    const molecule = parseSmiles(word, at)
    const objection = unchecked ? undefined : objectionTo(molecule)
    if (objection) throw new InputError(`'${word}': ${objections[objection]}`, { where: at })
    const foreign = elements && molecule.atoms.find(({ element }) => !elements.includes(element))
    if (foreign) throw new InputError(`'${word}': ${foreign.element} is none of ${elements!.join(', ')}`, { where: at })
    if (maxNodes !== undefined && molecule.atoms.length > maxNodes)
      throw new InputError(`'${word}': ${molecule.atoms.length} atoms are more than maxNodes = ${maxNodes}`, {
        where: at,
        fix: 'raise it, or leave the molecule out',
      })
    return { molecule, where: at }
  })
  const occurring = new Set(molecules.flatMap(({ molecule }) => molecule.atoms.map(({ element }) => element)))
  const own = elements ?? (Object.keys(valences) as ElementSymbol[]).filter((element) => occurring.has(element))
  const largest = Math.max(1, ...molecules.map(({ molecule }) => molecule.atoms.length))
  const schema = moleculeSchema(own.length > 0 ? own : ['C'], maxNodes ?? largest)
  return { schema, graphs: molecules.map(({ molecule }) => graphOfMolecule(molecule, own)!), skipped }
}

const objections: Readonly<Record<Objection, string>> = {
  charged: 'it has formal charges, which graphs of atoms and bonds do not carry',
  'several fragments': 'it is in several pieces',
  radical: 'an atom has too few hydrogens (a radical)',
  valence: 'an atom has more bonds than its valence',
}
