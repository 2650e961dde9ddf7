import fc from 'fast-check'
import { Molecule as Reference } from 'openchemlib'
import { describe, expect, test } from 'vitest'
import { locate } from '../../../data/index.ts'
import type { AttributedGraph, Edge } from '../graph.ts'
import { moleculeKey } from './canonical.ts'
import { qm9Elements } from './elements.ts'
import { loadQm9, qm9Source, randomMolecules } from './qm9.ts'
import { parseSmiles } from './smiles.ts'
import { parseSmilesLines } from './smiles-file.ts'
import { checkValence, graphOfMolecule, objectionTo } from './valence.ts'
import { toSmiles } from './write-smiles.ts'

const graphOf = (smiles: string): AttributedGraph => graphOfMolecule(parseSmiles(smiles), qm9Elements)!

/** The other library's name of a molecule, without stereo. */
function idCode(smiles: string): string {
  const molecule = Reference.fromSmiles(smiles)
  molecule.stripStereoInformation()
  return molecule.getIDCode()
}

const formula = (smiles: string): string => Reference.fromSmiles(smiles).getMolecularFormula().formula

/** The formula that bonds and valences of our graph make. */
function ownFormula(graph: AttributedGraph): string {
  const sums = new Array<number>(graph.n).fill(0)
  for (const [from, to, bond] of graph.edges) for (const end of [from, to]) sums[end] += bond + 1
  const counts: Record<string, number> = {}
  graph.x.forEach(([element], i) => {
    counts[qm9Elements[element]] = (counts[qm9Elements[element]] ?? 0) + 1
    counts.H = (counts.H ?? 0) + [4, 3, 2, 1][element] - sums[i]
  })
  const order = ['C', 'H', ...Object.keys(counts).sort()].filter((name, i, all) => all.indexOf(name) === i && counts[name] > 0)
  const sorted = counts.C ? order : order.sort()
  return sorted.map((name) => `${name}${counts[name] > 1 ? counts[name] : ''}`).join('')
}

function permuted(graph: AttributedGraph, order: readonly number[]): AttributedGraph {
  const place = new Map(order.map((node, i) => [node, i]))
  const edges = graph.edges.map(([from, to, ...rest]): Edge => {
    const ends = [place.get(from)!, place.get(to)!].sort((a, b) => a - b)
    return [ends[0], ends[1], ...rest]
  })
  return { n: graph.n, x: order.map((i) => graph.x[i]), edges: edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]) }
}

const sample = [
  ...[
    'C',
    'C#N',
    'c1ccccc1',
    'c1cc[nH]c1',
    'c1ccoc1',
    'n1ccncc1',
    'Cc1nnc(O)o1',
    'O=c1cc[nH]cc1',
    'C1CC2CC1C2',
    'CC(=O)N(C)C',
    'FC(F)(F)C#C',
  ],
  ...[
    'c1ccc2ccccc2c1',
    'N1C2CC12',
    'C[C@H](O)C(=O)O',
    'O=C1NC=CN1',
    '[CH2]=[CH][CH3]',
    'C%12CC%12',
    'c1cn[nH]n1',
    'Oc1cc[nH]c1',
    'C12C3C4C1C5C2C3C45',
  ],
  // Hydrogens that are written as atoms.
  ...[
    '[H]C([H])([H])[H]',
    'C([H])C',
    '[H]O[H]',
    '[H][C]([H])=O',
    '[H]c1c([H])c([H])c([H])c([H])c1[H]',
    '[H]n1c([H])ccc1',
    'C(=O)([H])N([H])C([H])([H])C#N',
  ],
]

describe('SMILES, beside another library', () => {
  test.each(sample)('%s', (smiles) => {
    const graph = graphOf(smiles)
    expect(ownFormula(graph)).toBe(formula(smiles))
    expect(idCode(toSmiles(graph, qm9Elements))).toBe(idCode(smiles))
  })

  test('molecules that are written are read back, whatever their numbering', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (seed, stream) => {
        const [graph] = randomMolecules({ count: 1, seed })
        const order = graph.x
          .map((_, i) => ({ i, by: stream.next().value as number }))
          .sort((a, b) => a.by - b.by)
          .map(({ i }) => i)
        const [one, other] = [toSmiles(graph, qm9Elements), toSmiles(permuted(graph, order), qm9Elements)]
        expect(idCode(other)).toBe(idCode(one))
        expect(moleculeKey(graphOf(other))).toBe(moleculeKey(graph))
        expect(checkValence(graphOf(one), qm9Elements).valid).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('two molecules have one key exactly if they have one name there', () => {
    const graphs = randomMolecules({ count: 250, seed: 3, most: 5 })
    const keys = graphs.map(moleculeKey)
    const codes = graphs.map((graph) => idCode(toSmiles(graph, qm9Elements)))
    expect(new Set(codes).size).toBeLessThan(graphs.length)
    for (let i = 0; i < graphs.length; i++) for (let j = 0; j < i; j++) expect(keys[i] === keys[j]).toBe(codes[i] === codes[j])
  })
  test('both ways of alternating the bonds of a ring are one molecule', () => {
    expect(moleculeKey(graphOf('CC1=CC=CC=C1F'))).toBe(moleculeKey(graphOf('CC1=C(F)C=CC=C1')))
    expect(moleculeKey(graphOf('C1=CCC=CC1'))).not.toBe(moleculeKey(graphOf('C1=CC=CCC1')))
  })
})

describe('what is no molecule', () => {
  test.each([
    ['C(', /branch.*not closed/],
    ['C)', /closes nothing/],
    ['C1CC', /ring 1 is not closed/],
    ['CX', /'X' is no atom.*character 2/],
    ['C==C', /no atom before it/],
    ['C=', /leads nowhere/],
    ['', /nothing is there/],
    ['c1cccc1', /alternating/],
    ['C11', /itself/],
    ['[Xx]', /no element/],
    ['[C', /begins no atom/],
    ['C%1', /two digits/],
    ['C1CCC=1C-1C', /not closed/],
    [`${'C'.repeat(1001)}`, /more than 1000 atoms/],
    ['[H][H]', /no atom is there but hydrogens/],
    ['C.[H]', /a hydrogen is neutral and stands on one atom by a single bond/],
    ['C[H]C', /stands on one atom/],
    ['C=[H]', /single bond/],
    ['C[H+]', /neutral/],
  ])('%s', (smiles, message) => expect(() => parseSmiles(smiles, 'x.smi, line 3')).toThrow(message))

  test.each([
    ['[NH4+]', 'charged'],
    ['C.C', 'several fragments'],
    ['[CH3]', 'radical'],
    ['C(C)(C)(C)(C)C', 'valence'],
    ['CO', undefined],
    ['[C]([H])([H])[H]', 'radical'],
    ['C([H])([H])([H])([H])[H]', 'valence'],
  ])('%s: %s', (smiles, objection) => expect(objectionTo(parseSmiles(smiles))).toBe(objection))

  test('is named with its line, or left out and counted', () => {
    const text = 'smiles\nCCO\nC1CC\nC[O-]\n\nCC#N ethanenitrile\n'
    expect(() => parseSmilesLines(text, { where: 'a.smi' })).toThrow(/a\.smi, line 3/)
    const { graphs, skipped, schema } = parseSmilesLines(text, { where: 'a.smi', skipBad: true })
    expect([graphs.length, schema.maxNodes, schema.node[0].values]).toEqual([2, 3, ['C', 'N', 'O']])
    expect(skipped.map(({ where }) => where)).toEqual(['a.smi, line 3', 'a.smi, line 4'])
    expect(() => parseSmilesLines('CCCC', { maxNodes: 3 })).toThrow(/4 atoms are more than maxNodes = 3/)
  })

  test('is told by the check of valences', () => {
    expect(checkValence({ n: 2, x: [[0], [3]], edges: [[0, 1, 1]] }, qm9Elements)).toEqual({
      stableAtoms: 1,
      connected: true,
      valid: false,
    })
    expect(checkValence({ n: 2, x: [[0], [0]], edges: [] }, qm9Elements)).toEqual({ stableAtoms: 2, connected: false, valid: false })
  })
})

test('SMILES of a CSV are looked for in the column that is headed so, wherever it stands', () => {
  const read = (text: string, more = {}) => parseSmilesLines(text, { where: 'm.csv', ...more }).graphs.map(({ n }) => n)
  expect(read('mol_id,smiles,A\ngdb_1,C,1\ngdb_2,CCO,2\n')).toEqual([1, 3])
  expect(read('\ufeffsmiles,logP\r\n"CCO",1\r\n')).toEqual([3])
  expect(read('name;Canonical_SMILES\n"an ""odd"" one;\nof two lines";C#N\n')).toEqual([2])
  expect(read('CCO\nC#N\n')).toEqual([3, 2])
  expect(() => read('mol_id,structure\n1,C\n')).toThrow('m.csv, line 1: no column is headed smiles: mol_id, structure')
  expect(() => read('name,smiles\n"two\nlines",C\n\nb,C1\n')).toThrow('m.csv, line 5')
  expect(() => read('name,smiles\na\n')).toThrow('nothing is there')
  expect(() => read('smiles\n"C\n')).toThrow(/m\.csv, line 2.*quote/)
  expect(read('name,smiles\na,C1\nb,CC\n', { skipBad: true })).toEqual([2])
})

const found = await locate(qm9Source, { offline: true })

test.runIf(found)('QM9: as an independent parser counted it', { timeout: 120_000 }, async () => {
  const { graphs, left } = await loadQm9({ offline: true })
  expect(graphs.length).toBe(104_206)
  expect(left).toEqual({ charged: 28_810, 'several fragments': 229, radical: 2 })
  const [atoms, bonds, rings, sizes] = [[0, 0, 0, 0], [0, 0, 0], new Array<number>(7).fill(0), new Array<number>(9).fill(0)]
  let invalid = 0
  for (const graph of graphs) {
    for (const [element] of graph.x) atoms[element]++
    for (const [, , bond] of graph.edges) bonds[bond]++
    rings[graph.edges.length - graph.n + 1]++
    sizes[graph.n - 1]++
    if (!checkValence(graph, qm9Elements).valid) invalid++
  }
  const shares = (counts: readonly number[]) => counts.map((count) => Number((count / counts.reduce((a, b) => a + b, 0)).toFixed(4)))
  expect(invalid).toBe(0)
  expect(shares(atoms)).toEqual([0.7286, 0.1003, 0.1683, 0.0028])
  expect(shares(bonds)).toEqual([0.8558, 0.112, 0.0322])
  expect((bonds.reduce((a, b) => a + b, 0) / graphs.length).toFixed(4)).toBe('9.2988')
  expect(rings).toEqual([12437, 43150, 33162, 13365, 1970, 121, 1])
  expect(sizes).toEqual([3, 5, 9, 28, 124, 554, 2743, 14819, 85921])
})
