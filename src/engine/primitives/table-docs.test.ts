import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lowerGraph } from '../compile/lower.ts'
import type { Primitive } from '../graph/primitive.ts'
import { trace } from '../graph/trace.ts'
import * as quire from '../index.ts'
import * as operations from '../ops.ts'
import { functionOf, inputsOf } from '../testing/checks.ts'
import { type Sample, samples } from '../testing/samples.ts'
import { primitiveTable } from './table.ts'

const page = new URL('../../../docs/operations.md', import.meta.url).pathname

/** The types of the ONNX nodes that a primitive's samples compile to. */
function operators(primitive: Primitive, all: readonly Sample[], dtype: 'float32' | 'float64'): Set<string> {
  const types = all.flatMap((sample) => {
    const inputs = inputsOf(sample, dtype)
    const graph = trace(functionOf(primitive, sample) as never, inputs)
    const names = (prefix: string, of: readonly unknown[]) => of.map((_, i) => `${prefix}${i}`)
    return lowerGraph(graph, names('in', graph.parameters), names('out', graph.outputs)).nodes.map(({ type }) => type)
  })
  return new Set(types.filter((type) => type !== 'Identity'))
}

function runtimeOf(primitive: Primitive, all: readonly Sample[]): string {
  if (primitive.onHost) return 'on the host'
  const single = operators(primitive, all, 'float32')
  const besides = [...operators(primitive, all, 'float64')].filter((type) => !single.has(type))
  const list = [...single].sort().join(' ') || 'nothing'
  return besides.length > 0 ? `${list}; float64 ${besides.sort().join(' ')}` : list
}

function derivativeOf(primitive: Primitive, all: readonly Sample[]): string {
  const passes = all.some((sample) => {
    if (sample.run) return true
    const inputs = inputsOf(sample, 'float64')
    const outputs = functionOf(primitive, sample)(...inputs)
    if (!inputs.some(quire.isDifferentiable) || !outputs.some(quire.isDifferentiable)) return false
    const attributes = sample.attributes ?? {}
    return primitive.jvp({ inputs, outputs, attributes }, inputs).some((tangent) => tangent !== null)
  })
  return passes ? 'any' : 'zero'
}

const dtypesOf = (all: readonly Sample[]): string => [...new Set(all.flatMap(({ inputs }) => inputs.map(({ kind }) => kind)))].join(' ')

function row(primitive: Primitive): string {
  const all = samples[primitive.name]
  const cells = [`\`${primitive.name}\``, primitive.kind, dtypesOf(all), derivativeOf(primitive, all), runtimeOf(primitive, all)]
  return `| ${cells.join(' | ')} |`
}

test("the page's table of primitives is that of the code", async () => {
  const rows = primitiveTable
    .filter(({ name }) => name in samples)
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(row)
  const table = ['| primitive | kind | dtypes | derivative | runtime |', '|---|---|---|---|---|', ...rows].join('\n')
  const text = readFileSync(page, 'utf8').replace(/(<!-- primitives -->\n)[\s\S]*(<!-- \/primitives -->)/, `$1\n${table}\n\n$2`)
  await expect(text).toMatchFileSnapshot(page)
})

test('the page names every function of arrays, and nothing else', () => {
  const themes = readFileSync(page, 'utf8').split('## NaN')[0]
  const named = themes.split('\n').flatMap((line) => (line.startsWith('| ') ? [...line.matchAll(/`(\w+)`/g)].map(([, name]) => name) : []))
  for (const name of named) expect(quire, name).toHaveProperty(name)
  const missing = Object.keys(operations).filter((name) => name in quire && !named.includes(name))
  expect(missing).toEqual([])
})
