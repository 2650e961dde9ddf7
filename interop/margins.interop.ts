import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadOptdigits, loadTabularOrImages, writeNpy } from '../src/data/index.ts'
import { key, type NDArray, ndarray, random } from '../src/engine/index.ts'
import { featureScale } from '../src/kits/classifier/index.ts'
import { standardizedBy } from '../src/methods/prgd/classifier-file.ts'
import { planeSet, simplexSet } from '../src/methods/prgd/datasets.ts'
import { digitPairs, pairOf } from '../src/methods/prgd/digits-unit.ts'
import { certify, exactMaxMargin, type MaxMargin, signExamples } from '../src/methods/prgd/index.ts'
import { keep, python, workFolder } from './python.ts'

/* The exact solver of the largest margin against two others: what it finds, which examples support it, and the proof that nothing is larger. */

/** Relative difference of margins, distance of unit vectors. */
const tolerance = 1e-8
/** libsvm stops where no example violates the margin by more than this, in relation to it; but it keeps products of examples in float32, which is its limit. */
const libsvmTolerance = 1e-9
/** What that leaves of its margin in the worst of cases, a largest margin of 7e-5 between examples of length 1. */
const libsvmLimit = 0.1

interface Found {
  readonly quadprog: { margin: number; bound: number; weights: number[]; multipliers: number[] }
  readonly libsvm: { margin: number; weights: number[]; support: number[] }
}

/** UCI's breast cancer table, standardized; where it is not at hand, two clouds that touch nearly as closely. */
async function tumours(): Promise<{ name: string; z: NDArray }> {
  const roots = [process.env.QUIRE_DATA, join(process.cwd(), '..', 'shared', 'data')].filter((root) => root !== undefined)
  const path = roots.map((root) => join(root, 'uci-wdbc', 'wdbc.csv')).find(existsSync)
  if (!path) return { name: 'generated-clouds', z: await clouds(569, 30, 0, 1e-4) }
  const { x, y } = await loadTabularOrImages(path, { target: 'diagnosis', drop: ['id'] })
  return {
    name: 'wdbc',
    z: signExamples(
      standardizedBy(x, featureScale(x)),
      Array.from(y.data, (label) => 2 * label - 1),
    ).z,
  }
}

/** Examples of which a hyperplane leaves none nearer than `room`. */
async function clouds(n: number, d: number, seed: number, room: number): Promise<NDArray> {
  const draws = await random.normal(key(seed), [n, d], { dtype: 'float64' }).data()
  const x = Float64Array.from(draws, (value, k) => (k % d === 0 ? Math.sign(value) * (Math.abs(value) + room) : value))
  const y = Array.from({ length: n }, (_, i) => Math.sign(x[i * d]))
  return signExamples(ndarray(x, [n, d], 'float64'), y).z
}

async function sets(): Promise<{ name: string; z: NDArray }[]> {
  const { train, provenance } = await loadOptdigits({ offline: true })
  const digits = digitPairs.map(async (pair) => {
    const { x, y } = await pairOf(train, pair)
    return { name: `${provenance.real ? 'optdigits' : 'generated-digits'}-${pair.join('-')}`, z: signExamples(x, y).z }
  })
  const planes = [0.05, 0.1, 0.2].map((g) => ({ name: `plane-${g}`, z: planeSet(g) }))
  const simplexes = [2, 3, 6, 11].map(async (m) => ({ name: `simplex-${m}`, z: await simplexSet(m, 0.05, 0) }))
  const random = [
    [60, 4],
    [200, 10],
    [400, 30],
  ].map(async ([n, d]) => ({ name: `clouds-${n}x${d}`, z: await clouds(n, d, n, 0.05) }))
  return Promise.all([...digits, tumours(), ...planes, ...simplexes, ...random])
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.hypot(...Array.from(a, (value, i) => value - b[i]))

/** The largest of our differences to one solver, over a family of sets. */
interface Row {
  readonly family: string
  readonly count: number
  margin: number
  weights: number
  certificate: number
  libsvmMargin: number
  libsvmWeights: number
  supports: number
}

function compare(row: Row, z: NDArray, ours: MaxMargin, { quadprog, libsvm }: Found): void {
  const relative = (value: number) => Math.abs(value / ours.margin - 1)
  row.margin = Math.max(row.margin, relative(quadprog.margin), relative(quadprog.bound))
  row.weights = Math.max(row.weights, apart(ours.weights, quadprog.weights))
  const { margin, upperBound } = certify(z, ours.weights)
  row.certificate = Math.max(row.certificate, relative(ours.upperBound), relative(upperBound), relative(margin))
  row.libsvmMargin = Math.max(row.libsvmMargin, relative(libsvm.margin))
  row.libsvmWeights = Math.max(row.libsvmWeights, apart(ours.weights, libsvm.weights))
}

/** The examples that a solver's plane rests on: those at the margin. Which of them have a multiplier is free where copies or dependent ones share it. */
const onMargin = ({ shape: [n, d], data }: NDArray, { weights, margin }: MaxMargin): Set<number> => {
  const score = (i: number) => weights.reduce((sum, value, j) => sum + value * data[i * d + j], 0)
  return new Set(Array.from({ length: n }, (_, i) => i).filter((i) => score(i) <= margin * (1 + 1e-6)))
}

test('the exact largest margin is that of quadprog and of scikit-learn', async () => {
  const work = workFolder('margins')
  const all = await sets()
  for (const { name, z } of all) writeFileSync(join(work, `${name}.npy`), writeNpy(z))
  const answer = python('margins.py', work, String(libsvmTolerance), ...all.map(({ name }) => name))
  const { found, sklearn } = answer as { found: Record<string, Found>; sklearn: string }
  const rows = new Map<string, Row>()
  for (const { name, z } of all) {
    const family = name.replace(/-\d.*$/, '')
    const row = rows.get(family) ?? {
      family,
      count: all.filter((other) => other.name.replace(/-\d.*$/, '') === family).length,
      margin: 0,
      weights: 0,
      certificate: 0,
      libsvmMargin: 0,
      libsvmWeights: 0,
      supports: 0,
    }
    rows.set(family, row)
    const ours = exactMaxMargin(z)
    compare(row, z, ours, found[name])
    const margin = onMargin(z, ours)
    const theirs = [...found[name].quadprog.multipliers.keys()].filter((i) => found[name].quadprog.multipliers[i] > 1e-9)
    row.supports += theirs.length
    for (const i of [...theirs, ...[...ours.multipliers.keys()].filter((i) => ours.multipliers[i] > 1e-9)])
      expect(margin, name).toContain(i)
    expect(found[name].libsvm.margin, name).toBeLessThan(ours.margin * (1 + tolerance))
    for (const i of found[name].libsvm.support) expect(margin, `${name}, libsvm`).toContain(i)
  }
  keep('margins', { sklearn, quadprog: pinned('quadprog'), tolerance, libsvmTolerance, rows: [...rows.values()] })
  for (const { family, margin, weights, certificate, libsvmMargin } of rows.values()) {
    expect([family, Math.max(margin, weights, certificate) < tolerance, libsvmMargin < libsvmLimit]).toEqual([family, true, true])
  }
})

/** quadprog does not say its version. */
const pinned = (name: string): string =>
  new RegExp(`^${name}==(.*)$`, 'm').exec(readFileSync(join(import.meta.dirname, 'requirements.txt'), 'utf8'))![1]
