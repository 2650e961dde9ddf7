/**
 * Graphs whose nodes and edges carry data: a container with a schema, readers and writers, molecules, generators, statistics.
 *
 * @module
 */
export {
  channelsOf,
  decodeGraphs,
  type EncodedGraphs,
  encodeGraphs,
  fitScales,
  type GraphScales,
  pairsOf,
  vectorLength,
} from './encoding.ts'
export { writeDot } from './formats/dot.ts'
export { inferEdgeListSchema, parseEdgeLists, writeEdgeLists } from './formats/edge-list.ts'
export {
  formatOf,
  type GraphFile,
  type GraphFormat,
  graphFormats,
  graphsText,
  parseGraphs,
  type ReadGraphsOptions,
  readGraphs,
} from './formats/files.ts'
export { inferGraphMlSchema, parseGraphMl, writeGraphMl } from './formats/graphml.ts'
export { inferGraphSchema, parseGraphLines, writeGraphLines } from './formats/jsonl.ts'
export type { Kept, ReadOptions, Skipped } from './formats/read-options.ts'
export { loadTu, type TuDataset } from './formats/tu.ts'
export { type CommunityOptions, communitySmall, egoSmall, plainSchema } from './generators/community.ts'
export { geoTraffic, geoTrafficReach, geoTrafficRule, geoTrafficSchema } from './generators/geo-traffic.ts'
export { checkMdp, gridMdp, gridMdpSchema, type MdpChecks } from './generators/grid-mdp.ts'
export { meanTies, signedBalance, signedBalanceReach, signedBalanceSchema } from './generators/signed-balance.ts'
export {
  type Attribute,
  type AttributedGraph,
  checkedGraph,
  components,
  type Edge,
  type GraphSchema,
  graphSchemaSchema,
  neighbours,
  parseGraphSchema,
} from './graph.ts'
export { canonicalKey, moleculeKey } from './molecules/canonical.ts'
export { bondNames, type ElementSymbol, isElement, mostBonds, qm9Elements, valences } from './molecules/elements.ts'
export { loadQm9, type Qm9, qm9Source, randomMolecules } from './molecules/qm9.ts'
export { type Atom, type Bond, type Molecule, mostAtoms, parseSmiles } from './molecules/smiles.ts'
export { parseSmilesLines, type SmilesFile, type SmilesOptions } from './molecules/smiles-file.ts'
export {
  checkValence,
  elementsOf,
  graphOfMolecule,
  moleculeSchema,
  type Objection,
  objectionTo,
  type ValenceCheck,
} from './molecules/valence.ts'
export { toSmiles } from './molecules/write-smiles.ts'
export { drawGraphs, type GalleryRow } from './pictures/gallery.ts'
export { type Point, stressLayout } from './pictures/layout.ts'
export { pairTriples, rowMmd, tripleMmd, wasserstein } from './statistics/attributes.ts'
export { balance, triangles } from './statistics/balance.ts'
export { clusterings, degreeHistogram, laplacianSpectrum } from './statistics/histograms.ts'
export {
  earthMovers,
  type GraphStatistic,
  graphMmd,
  graphStatistics,
  type HistogramKernel,
  isolatedShare,
  kernelName,
  squaredMmd,
  withoutIsolated,
} from './statistics/mmd.ts'
export { type MoleculeScores, scoreMolecules } from './statistics/molecules.ts'
export { type Novelty, nearestDistances, novelty } from './statistics/novelty.ts'
export { meanOrbits, nodeOrbits, orbitCount } from './statistics/orbits.ts'
