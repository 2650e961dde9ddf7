import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readNpy, readNpz, writeNpy } from '../src/data/index.ts'
import { type NDArray, ndarray } from '../src/engine/index.ts'
import { readSafetensors, writeSafetensors } from '../src/engine/safetensors.ts'
import { keep, python, workFolder } from './python.ts'

const extremes = [0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, 3.4e38, 5e-324, 1.7e308, Math.PI]

const arrays: Record<string, NDArray> = {
  float32: ndarray(Float32Array.from(extremes), [3, 4], 'float32'),
  float64: ndarray(Float64Array.from(extremes), [2, 3, 2], 'float64'),
  int32: ndarray(Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31)), [4], 'int32'),
  uint32: ndarray(Uint32Array.of(0, 2 ** 32 - 1), [2, 1], 'uint32'),
  bool: ndarray(Uint8Array.of(1, 0, 1, 1, 0, 0), [2, 3], 'bool'),
  scalar: ndarray(Float64Array.of(2.5), [], 'float64'),
  empty: ndarray(new Float32Array(0), [0, 3], 'float32'),
}

test('safetensors, npy and npz go both ways', async () => {
  const work = workFolder('formats')
  writeFileSync(join(work, 'quire.safetensors'), writeSafetensors(arrays, { writer: 'quire' }))
  for (const [name, array] of Object.entries(arrays)) writeFileSync(join(work, `${name}.npy`), writeNpy(array))
  const found = python('numpy_files.py', work) as { same: Record<string, boolean>; numpy: string; safetensors: string }
  expect(Object.values(found.same)).toEqual(Object.keys(arrays).map(() => true))

  const back = readSafetensors(readFileSync(join(work, 'python.safetensors')))
  expect(back.metadata).toEqual({ writer: 'python' })
  expect(back.tensors).toEqual(arrays)
  for (const file of ['python.npz', 'python-compressed.npz']) expect(await readNpz(join(work, file))).toEqual(arrays)
  for (const [name, array] of Object.entries(arrays)) expect(await readNpy(join(work, `python-${name}.npy`))).toEqual(array)
  const count = Object.keys(arrays).length
  keep('formats', {
    rows: [
      [`safetensors, to Python's \`safetensors\` ${found.safetensors} and back`, `${count} arrays, bit for bit`],
      [`npy and npz, to NumPy ${found.numpy} and back (Fortran order, compressed)`, `${count} arrays, bit for bit`],
    ],
  })
})
