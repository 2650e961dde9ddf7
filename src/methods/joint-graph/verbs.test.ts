import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tensor } from '../../engine/index.ts'
import { readOnnx } from '../../engine/onnx/index.ts'
import { parseGraphLines, parseSmiles, qm9Elements, randomMolecules, toSmiles } from '../../kits/graphs/index.ts'
import type { Verb } from '../method.ts'
import { loadModel, stepFile } from './model-file.ts'
import { jointNetwork } from './network.ts'
import { convertVerb } from './verb-convert.ts'
import { evalVerb } from './verb-eval.ts'
import { sampleVerb } from './verb-sample.ts'
import { trainVerb } from './verb-train.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-joint-graph-'))
afterAll(() => rmSync(folder, { recursive: true }))

const said: string[] = []
const run = async (verb: Verb, options: Record<string, unknown>, progress = async (_done: number) => {}) => {
  said.length = 0
  const context = { signal: new AbortController().signal, log: (line: string) => said.push(line), out: () => {}, progress }
  return (await verb.run({ ...context, options: verb.options.parse(options) })).json as Record<string, unknown>
}

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const at = (name: string) => join(folder, name)
const textOf = (name: string) => readFileSync(at(name), 'utf8')

const molecules = file(
  'molecules.smi',
  randomMolecules({ count: 40, seed: 1, most: 5 })
    .map((graph) => `${toSmiles(graph, qm9Elements)}\n`)
    .join(''),
)
const small = { data: molecules, steps: 6, batch: 8, width: 8, edgeWidth: 4, layers: 1, heads: 2 }

beforeAll(() => run(trainVerb, { ...small, out: at('model') }))

describe('a generator of molecules', () => {
  test('writes SMILES, says how many are valid, and draws them', async () => {
    const told = await run(sampleVerb, { model: at('model'), count: 12, steps: 5, out: at('new.smi'), picture: at('new.svg') })
    const lines = textOf('new.smi').trim().split('\n')
    expect(lines).toHaveLength(12)
    for (const line of lines) for (const piece of line.split('.')) parseSmiles(piece)
    expect(told.valid).toBeLessThanOrEqual(12)
    expect(textOf('new.svg').match(/<rect/g)).toHaveLength(12 + 1)
    await run(sampleVerb, { model: at('model'), count: 12, steps: 5, onlyValid: true, out: at('valid.smi') })
    expect(textOf('valid.smi').split('\n').filter(Boolean)).toHaveLength(told.valid as number)
  })

  test('is judged beside real ones: those are all valid and as near to each other as can be', async () => {
    const told = await run(evalVerb, { generated: molecules, real: molecules, out: at('numbers.json') })
    expect(told.generated).toMatchObject({ validity: 1, atomStability: 1, novelty: 0 })
    expect(JSON.parse(textOf('numbers.json'))).toEqual(told)
  })

  test('goes on after it was killed, and ends with the same bytes', async () => {
    await run(trainVerb, { ...small, steps: 4, out: at('whole') })
    const stop = async (done: number) => {
      if (done === 2) throw new Error('killed')
    }
    await expect(run(trainVerb, { ...small, steps: 4, out: at('again') }, stop)).rejects.toThrow('killed')
    await run(trainVerb, { ...small, steps: 4, out: at('again') })
    const bytes = (name: string) => readFileSync(join(folder, name, 'model.safetensors'))
    expect(bytes('again').equals(bytes('whole'))).toBe(true)
  })

  test('is an ONNX model of the same numbers', async () => {
    const model = loadModel(at('model'))
    const onnx = await readOnnx(join(folder, 'model', stepFile))
    const [x, time, sizes] = [
      tensor([Array.from({ length: onnx.inputs[0].shape?.[1] as number }, (_, i) => Math.sin(i))]),
      tensor([0.3]),
      tensor([5], { dtype: 'int32' }),
    ]
    const found = await onnx.apply(onnx.parameters, { x, time, sizes }).noise.data()
    const own = await jointNetwork(model.schema, model.network).apply(model.params, x, time, sizes).data()
    for (const [i, value] of own.entries()) expect(found[i]).toBeCloseTo(value, 5)
  })
})

test('graphs go from format to format, with their schema', async () => {
  const told = await run(convertVerb, { data: molecules, out: at('m.graphml'), writeSchema: at('m.json'), picture: at('m.svg') })
  await run(convertVerb, { data: at('m.graphml'), schema: at('m.json'), out: at('m.jsonl') })
  const { graphs } = parseGraphLines(textOf('m.jsonl'), told.schema as Parameters<typeof parseGraphLines>[1])
  expect(graphs.map((graph) => toSmiles(graph, (told.schema as { node: { values: ['C'] }[] }).node[0].values)).join('\n')).toBe(
    textOf('molecules.smi').trim(),
  )
})

test('lines that are no molecules are named, or left out and counted', async () => {
  const data = file('bad.smi', 'CCO\nC1CC\nCC(C)(C)(C)C\nCN\n')
  await expect(run(convertVerb, { data, out: at('x.jsonl') })).rejects.toThrow(/bad\.smi, line 2.*ring 1 is not closed/)
  const told = await run(convertVerb, { data, skipBad: true, out: at('x.jsonl') })
  expect(told).toMatchObject({ graphs: 2, skipped: [{ where: `${data}, line 2` }, { where: `${data}, line 3` }] })
  expect(said[0]).toContain('left out')
})

describe.each<[string, Verb, Record<string, unknown>, RegExp]>([
  ['a width that heads do not divide', trainVerb, { ...small, width: 7 }, /width 7 is no multiple of 2 heads/],
  ['graphs beyond the limit', trainVerb, { ...small, maxNodes: 2 }, /atoms are more than maxNodes = 2/],
  ['no such file', trainVerb, { ...small, data: at('nothing.smi') }, /no such file/],
  ['no model', sampleVerb, { model: at('nowhere') }, /there is no model/],
  ['a file that is none', sampleVerb, { model: molecules }, /safetensors/],
  ['more nodes than it knows', sampleVerb, { model: at('model'), nodes: 50, out: at('y.jsonl') }, /50 nodes; graphs have 1 to 5/],
  ['an ending that says nothing', sampleVerb, { model: at('model'), out: at('y.bin') }, /says no format/],
  ['nothing to complete', sampleVerb, { model: at('model'), complete: molecules, out: at('y.jsonl') }, /nothing is left to generate/],
  [
    'nodes to keep of no graphs',
    sampleVerb,
    { model: at('model'), nodesOnly: true, out: at('y.jsonl') },
    /--nodes-only: there are no graphs/,
  ],
  [
    'more nodes where only edges are generated',
    sampleVerb,
    { model: at('model'), complete: molecules, nodesOnly: true, nodes: 6, out: at('y.jsonl') },
    /--nodes 6: --nodes-only adds no nodes/,
  ],
])('refused: %s', (_, verb, options, message) => {
  test('in one line', async () => {
    await expect(run(verb, { out: at('o'), ...options })).rejects.toThrow(message)
  })
})
