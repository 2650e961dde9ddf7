import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import * as disk from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { add, evaluate, key, random, type Tensor, tensor, zeros } from '../index.ts'
import { onnxModel } from './export.ts'
import { type FileOperations, saveModel } from './files.ts'
import { readOnnx, saveOnnx } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))

const shape = [20, 20]
const modelOf = (value: number) => {
  const [weights, more] = [value, 10 * value].map((each) => tensor(new Float32Array(400).fill(each), { shape }))
  return onnxModel((x: Tensor) => add(add(x, weights), more), [zeros(shape)], { arguments: ['x'], outputs: ['y'] })
}

/** What a saved model adds to 0: eleven times its number, for each element. */
async function sumsOf(path: string): Promise<number[]> {
  const model = await readOnnx(path)
  return [...new Set(await model.apply(model.parameters, { x: zeros(shape) }).y.data())]
}

class Crash extends Error {}

/** The disk's operations until the power is cut: before the one of this number, or in the middle of it where it writes. */
function untilCut(count: number): { files: FileOperations; done: () => number } {
  let operations = 0
  const isCut = () => ++operations > count
  const guarded =
    <A extends unknown[], R>(operation: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (isCut()) throw new Crash()
      return operation(...args)
    }
  const open = async (...args: Parameters<typeof disk.open>) => {
    const file = await guarded(disk.open)(...args)
    return {
      writeFile: async (bytes: Uint8Array) => {
        const cut = isCut()
        await file.writeFile(cut ? bytes.subarray(0, bytes.length / 2) : bytes)
        if (cut) throw new Crash()
      },
      sync: guarded(() => file.sync()),
      // The system closes what a program leaves open.
      close: () => file.close(),
    }
  }
  const files = { open, readdir: guarded(disk.readdir as never), rename: guarded(disk.rename), rm: guarded(disk.rm) }
  return { files: files as unknown as FileOperations, done: () => operations }
}

test.each([
  ['both with tensors beside them', true, true],
  ['the new one without', true, false],
  ['the old one without', false, true],
])('wherever a save is cut off, the path holds the old model or the new one, complete: %s', async (_, before, after) => {
  const path = join(folder, `cut-${before}-${after}.onnx`)
  const [old, next] = [modelOf(1), modelOf(2)]
  const seen = new Set<number>()
  for (let count = 0; ; count++) {
    await saveModel(path, old, before, disk)
    const { files, done } = untilCut(count)
    const failed = await saveModel(path, next, after, files).then(
      () => false,
      () => true,
    )
    const values = await sumsOf(path)
    expect(values.length, `${count}`).toBe(1)
    seen.add(values[0])
    if (!failed) {
      expect(done()).toBeGreaterThan(5)
      break
    }
  }
  expect([...seen].toSorted((a, b) => a - b)).toEqual([11, 22])
  // What was left behind goes with the next save.
  await saveModel(path, next, after, disk)
  const left = readdirSync(folder).filter((name) => name.startsWith(`cut-${before}-${after}.onnx`) && name.endsWith('.data'))
  expect(left.length).toBe(Number(after))
})

test('a save that fails says so and leaves no temporary file', async () => {
  const path = join(folder, 'full.onnx')
  const open = async (...args: Parameters<typeof disk.open>) => {
    const file = await disk.open(...args)
    const writeFile = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
    return { writeFile, sync: () => file.sync(), close: () => file.close() }
  }
  const files = { ...disk, open } as unknown as FileOperations
  await expect(saveModel(path, modelOf(1), true, files)).rejects.toThrow(/full\.onnx\.[0-9a-f]{40}\.data: cannot be written \(ENOSPC\)/)
  expect(readdirSync(folder).filter((name) => name.startsWith('full'))).toEqual([])
})

test('files of other models and of other programs stay', async () => {
  const weights = await evaluate(random.normal(key(1), shape))
  const save = (name: string) => saveOnnx(join(folder, name), (x: Tensor) => add(x, weights), [zeros(shape)], { external: true })
  await save('one.onnx')
  await save('one.onnx.two.onnx')
  const foreign = join(folder, 'one.onnx.data')
  await disk.writeFile(foreign, 'foreign')
  await save('one.onnx')
  expect(existsSync(foreign)).toBe(true)
  await readOnnx(join(folder, 'one.onnx.two.onnx'))
})
