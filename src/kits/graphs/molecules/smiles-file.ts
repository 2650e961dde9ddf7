import Papa from 'papaparse'
import { InputError } from '../../../engine/index.ts'
import { keptItems, keptLines, type Skipped } from '../formats/read-options.ts'
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
  /** What errors call the file; by a name that ends in `.csv` it is one. Default: `SMILES`. */
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
 * Molecules from lines of SMILES, of which each one's first word is read and a header `smiles` is read over, or from the column of a CSV that is headed `smiles`
 * or `canonical_smiles`, and of one without a header from the first. Only neutral molecules in one piece whose valences are kept.
 *
 * @throws InputError that names the line, unless bad lines are skipped, and the columns of a CSV that has none of SMILES.
 * @example
 * parseSmilesLines('smiles\nCCO\n').schema.node[0].values // ['C', 'O']
 */
export function parseSmilesLines(
  text: string,
  { where = 'SMILES', skipBad = false, unchecked = false, elements, maxNodes }: SmilesOptions = {},
): SmilesFile {
  const read = (smiles: string, at: string): Read => {
    const molecule = parseSmiles(smiles, at)
    const objection = unchecked ? undefined : objectionTo(molecule)
    if (objection) throw new InputError(`'${smiles}': ${objections[objection]}`, { where: at })
    const foreign = elements && molecule.atoms.find(({ element }) => !elements.includes(element))
    if (foreign) throw new InputError(`'${smiles}': ${foreign.element} is none of ${elements!.join(', ')}`, { where: at })
    if (maxNodes !== undefined && molecule.atoms.length > maxNodes)
      throw new InputError(`'${smiles}': ${molecule.atoms.length} atoms are more than maxNodes = ${maxNodes}`, {
        where: at,
        fix: 'raise it, or leave the molecule out',
      })
    return { molecule, where: at }
  }
  const { graphs: molecules, skipped } = /\.csv(\.gz)?$/i.test(where)
    ? keptItems(cellsOfSmiles(text, where), { skipBad }, ({ cell, at }) => read(cell, at))
    : keptLines(text, { where, skipBad }, (line, at) => {
        const [word] = line.trim().split(/[\s,;]+/)
        return isHeading(word) ? undefined : read(word, at)
      })
  const occurring = new Set(molecules.flatMap(({ molecule }) => molecule.atoms.map(({ element }) => element)))
  const own = elements ?? (Object.keys(valences) as ElementSymbol[]).filter((element) => occurring.has(element))
  const largest = Math.max(1, ...molecules.map(({ molecule }) => molecule.atoms.length))
  const schema = moleculeSchema(own.length > 0 ? own : ['C'], maxNodes ?? largest)
  return { schema, graphs: molecules.map(({ molecule }) => graphOfMolecule(molecule, own)!), skipped }
}

const isHeading = (name: string): boolean => /^(canonical_)?smiles$/i.test(name.trim())

interface Cell {
  readonly cell: string
  readonly at: string
}

/** The cells of the column of SMILES. */
function cellsOfSmiles(text: string, where: string): Cell[] {
  const records = recordsOf(text, where)
  if (records.length === 0) return []
  const [{ cells: header, at }] = records
  const headed = header.findIndex(isHeading)
  if (headed < 0 && !isSmiles(header[0]))
    throw new InputError(`no column is headed smiles: ${header.join(', ')}`, { where: at, fix: 'head it so' })
  return (headed < 0 ? records : records.slice(1)).map(({ cells, at }) => ({ cell: cells[Math.max(0, headed)]?.trim() ?? '', at }))
}

interface CsvRecord {
  readonly cells: readonly string[]
  readonly at: string
}

function recordsOf(text: string, where: string): CsvRecord[] {
  const records: CsvRecord[] = []
  const [header] = text.split('\n', 1)
  let line = 1
  Papa.parse<string[]>(text.replace(/^\ufeff/, ''), {
    delimiter: [',', ';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',',
    step({ data: cells, errors: [error] }) {
      const at = `${where}, line ${line}`
      if (error) throw new InputError(error.message, { where: at, fix: 'a cell with quotes begins and ends with one' })
      if (cells.some((cell) => cell.trim() !== '')) records.push({ cells, at })
      line += cells.join('').split('\n').length
    },
  })
  return records
}

function isSmiles(text: string): boolean {
  try {
    parseSmiles(text.trim())
    return true
  } catch {
    return false
  }
}

const objections: Readonly<Record<Objection, string>> = {
  charged: 'it has formal charges, which graphs of atoms and bonds do not carry',
  'several fragments': 'it is in several pieces',
  radical: 'an atom has too few hydrogens (a radical)',
  valence: 'an atom has more bonds than its valence',
}
