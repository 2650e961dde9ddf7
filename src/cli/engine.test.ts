import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { matmul, relu, type Tensor, zeros } from '../engine/index.ts'
import { exportOnnx } from '../engine/onnx/index.ts'
import { shell } from './testing/shell.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-engine-'))
const file = join(folder, 'net.onnx')
writeFileSync(
  file,
  exportOnnx((x: Tensor) => relu(matmul(x, zeros([3, 4]))), [zeros([2, 3])], { inputs: ['x'] }),
)
afterAll(() => rmSync(folder, { recursive: true }))

test('explains a model by its operations', async () => {
  const { status, out } = await shell(['engine', 'explain', file])
  expect(status).toBe(0)
  expect(out).toContain('x [2, 3]')
  expect(out).toMatch(/matmul +1 +48 /) // 2 · 2 · 3 · 4
})

test('as JSON, with another batch and a profile', async () => {
  const { out } = await shell(['engine', 'explain', file, '--shape', 'x=2x3', '--profile', '--json'])
  const result = JSON.parse(out)
  expect(result.inputs).toEqual({ x: [2, 3] })
  expect(result.profile.operations.length).toBeGreaterThan(0)
})

test.each([
  [['--shape', 'y=1'], "there is no input 'y'"],
  [['--shape', 'x=a'], '--shape x=a is no shape'],
])('%j is refused in one line', async (options, message) => {
  const { status, err } = await shell(['engine', 'explain', file, ...options])
  expect(status).toBe(2)
  expect(err).toContain(message)
  expect(err.trim().split('\n')).toHaveLength(1)
})

test('a file that is no model, and none at all, are refused in one line', async () => {
  const broken = join(folder, 'broken.onnx')
  writeFileSync(broken, 'not a model')
  for (const path of [broken, join(folder, 'absent.onnx')]) {
    const { status, err } = await shell(['engine', 'explain', path])
    expect(status).toBe(2)
    expect(err).toContain(path)
    expect(err.trim().split('\n')).toHaveLength(1)
  }
})
