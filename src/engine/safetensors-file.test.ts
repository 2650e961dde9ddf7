import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { InputError } from './errors.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { openSafetensors, saveSafetensors, type TensorSource } from './safetensors-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-safetensors-'))
afterAll(() => rmSync(folder, { recursive: true }))
const place = (name: string) => join(folder, name)

const source = (name: string, format: TensorSource['format'], values: number[]): TensorSource => ({
  name,
  format,
  shape: [values.length],
  values: () => Float32Array.from(values),
})

test('what is written lazily is what the strict reader of whole files reads', async () => {
  await saveSafetensors(place('a'), [source('odd', 'BF16', [1, -2, 0.5]), source('x', 'F32', [0.1]), source('h', 'F16', [0.1, 7e4])], {
    format: 'pt',
  })
  const { tensors, metadata } = readSafetensors(readFileSync(place('a')))
  expect(metadata).toEqual({ format: 'pt' })
  expect([...tensors.odd.data, ...tensors.x.data]).toEqual([1, -2, 0.5, Math.fround(0.1)])
  expect([...tensors.h.data]).toEqual([0.0999755859375, Number.POSITIVE_INFINITY])
})

test('tensors are read one by one, by their names, wherever they lie', async () => {
  const data = { b: Float64Array.of(1, 2), a: Int32Array.of(3, -4), c: new Float32Array(0) }
  writeFileSync(
    place('b'),
    writeSafetensors({
      a: { data: data.a, shape: [2, 1], dtype: 'int32' },
      b: { data: data.b, shape: [2], dtype: 'float64' },
      c: { data: data.c, shape: [0], dtype: 'float32' },
    }),
  )
  const file = await openSafetensors(place('b'))
  expect([...file.entries.keys()].sort()).toEqual(['a', 'b', 'c'])
  expect(await file.read('a')).toEqual({ data: data.a, shape: [2, 1], dtype: 'int32' })
  expect(await file.read('b')).toEqual({ data: data.b, shape: [2], dtype: 'float64' })
  expect((await file.read('c')).data).toHaveLength(0)
  await expect(file.read('d')).rejects.toThrow('there is no tensor "d"')
  await file.close()
})

test('a header that says more than the file holds is refused before anything of that size is made', async () => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setBigUint64(0, 99_000_000n, true)
  bytes[8] = 0x7b
  writeFileSync(place('c'), bytes)
  await expect(openSafetensors(place('c'))).rejects.toThrow('a header of 99000000 bytes does not fit a file of 16')
  writeFileSync(place('d'), new Uint8Array(3))
  await expect(openSafetensors(place('d'))).rejects.toThrow(InputError)
  await expect(openSafetensors(place('none'))).rejects.toThrow('ENOENT')
})

test('a failed write leaves the old file and nothing beside it', async () => {
  await saveSafetensors(place('kept'), [source('x', 'F32', [1])])
  const before = readFileSync(place('kept'))
  const bad: TensorSource = { ...source('y', 'F32', [1, 2]), shape: [3] }
  await expect(saveSafetensors(place('kept'), [source('x', 'F32', [5]), bad])).rejects.toThrow('does not describe 2 values')
  await expect(saveSafetensors(place('kept'), [source('x', 'F32', [5]), source('x', 'F32', [5])])).rejects.toThrow('there twice')
  expect(readFileSync(place('kept'))).toEqual(before)
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
})
