import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { norm, tensor } from '../../engine/index.ts'
import { readSafetensors } from '../../engine/safetensors.ts'
import { loadClassifier } from '../../kits/classifier/index.ts'
import type { Verb } from '../method.ts'
import { verbs } from './command.ts'
import { parseConstraint } from './constraint-text.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quire-forward-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function run(name: string, options: Record<string, unknown>) {
  const verb = verbs.find((verb) => verb.name === name) as Verb
  const lines: string[] = []
  const { signal } = new AbortController()
  const result = await verb.run({
    options: verb.options.parse(options) as Record<string, unknown>,
    signal,
    log: (line) => lines.push(line),
    out: (line) => lines.push(line),
    progress: async () => {},
  })
  return { ...result, lines: [...lines, ...(result.lines ?? [])] }
}

/** Three classes on a circle. */
function circle(name = 'circle.csv'): string {
  const angle = (i: number) => 2.1 * (i % 3) + 0.01 * i
  const rows = Array.from({ length: 90 }, (_, i) => [Math.cos(angle(i)), Math.sin(angle(i)), 'pqr'[i % 3]].join())
  const path = join(folder, name)
  writeFileSync(path, `a,b,y\n${rows.join('\n')}\n`)
  return path
}

const weightsIn = (out: string) => readSafetensors(readFileSync(join(out, 'weights.safetensors')), 'weights').tensors

test.each(['forward', 'reverse'])('train by %s mode keeps each weight matrix in its set, and writes a classifier', async (gradient) => {
  const out = join(folder, gradient)
  const { json } = await run('train', { data: circle(), network: 'logistic', constraint: 'l2:r=4', steps: 500, batch: 32, gradient, out })
  expect((json as { accuracy: number }).accuracy).toBeGreaterThan(0.9)
  const { 'layers.0.weight': weight } = weightsIn(out)
  expect(await norm(tensor(weight.data as Float32Array)).item()).toBeLessThanOrEqual(4 + 1e-5)
  const { card, apply } = await loadClassifier(out)
  const logits = [...(await apply(tensor([[1, 0]])).data())]
  expect(card!.classes[logits.indexOf(Math.max(...logits))]).toBe('p')
  const metrics = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(metrics).toHaveLength(20)
  expect(metrics.at(-1)).toMatchObject({ step: 500, accuracy: expect.any(Number), loss: expect.any(Number) })
})

test('training starts from weights that were saved, moved into the set with a warning', async () => {
  const out = join(folder, 'again')
  const data = circle()
  await run('train', { data, network: 'logistic', constraint: 'l2:r=4', steps: 300, out })
  const start = join(out, 'weights.safetensors')
  const { lines } = await run('train', { data, network: 'logistic', constraint: 'l2:r=0.5', steps: 1, start, out: join(folder, 'moved') })
  expect(lines.some((line) => /'layers\.0\.weight' lay outside of its set and was moved by/.test(line))).toBe(true)
  const { 'layers.0.weight': weight } = weightsIn(join(folder, 'moved'))
  expect(await norm(tensor(weight.data as Float32Array)).item()).toBeLessThanOrEqual(0.5 + 1e-5)
})

test('memory says what a step holds, and draws it', async () => {
  const out = join(folder, 'memory')
  const { json, lines } = await run('memory', { depths: [2, 6], width: 16, batch: 64, out })
  const { rows } = json as { rows: { depth: number; mode: string; activationBytes: number }[] }
  const of = (mode: string, depth: number) => rows.find((row) => row.mode === mode && row.depth === depth)!.activationBytes
  // Reverse mode keeps each layer's values [64, 16].
  expect(of('reverse', 6) - of('reverse', 2)).toBeGreaterThanOrEqual(4 * 64 * 16 * 4)
  expect(lines.join('\n')).toMatch(/layers +mode +activations/)
  expect(readFileSync(join(out, 'memory.svg'), 'utf8')).toMatch(/<svg/)
})

test.each([
  ['ksparse:k=100,r=1.5', { kind: 'ksparse', k: 100, radius: 1.5 }],
  ['lp:p=3,d=4', { kind: 'lp', p: 3, diameter: 4 }],
  ['l2:init=3', { kind: 'l2', initMultiple: 3 }],
  ['none', { kind: 'none' }],
])('the constraint %s is read', (text, set) => {
  expect(parseConstraint(text)).toEqual(set)
})

test.each([
  [/there is no set 'l9'.*write l1\|l2/, { constraint: 'l9:r=1' }],
  [/there is no 'q'/, { constraint: 'l1:q=1' }],
  [/r is 'x', not a number/, { constraint: 'l1:r=x' }],
  [/radius is 0/, { constraint: 'l1:r=0' }],
  [/no size is given/, { constraint: 'l1' }],
  [/k is 99, and the tensor \[3, 2\] has 6 elements/, { constraint: 'ksparse:k=99,r=1' }],
  [/averaging is 'some'/, { averaging: 'some' }],
  [/all components of a rademacher direction are as large/, { constraint: 'l1:r=1', averaging: 'none', distribution: 'rademacher' }],
  [/there are no such weights/, { start: '/nowhere.safetensors' }],
])('refused: %s', async (message, options) => {
  const given = { data: circle('refused.csv'), network: 'logistic', steps: 2, out: join(folder, 'refused'), ...options }
  await expect(run('train', given)).rejects.toThrow(message)
})
