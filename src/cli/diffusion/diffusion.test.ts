import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateDigits, writeIdx, writeNpy } from '../../data/index.ts'
import { ndarray } from '../../engine/index.ts'
import { scratch } from '../../experiment/testing/comparable.ts'
import { shell } from '../testing/shell.ts'

let folder: string
let data: string

beforeAll(() => {
  folder = scratch()
  const { images, labels } = generateDigits({ count: 60, seed: 0 })
  data = join(folder, 'train-images-idx3-ubyte')
  writeFileSync(data, writeIdx(images, { ubyte: true }))
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), writeIdx(labels, { ubyte: true }))
})

const train = (out: string, ...words: string[]) =>
  shell([
    'diffusion',
    'train',
    data,
    '--size',
    '7',
    '--network-size',
    'tiny',
    '--steps',
    '4',
    '--batch',
    '8',
    '--samples',
    '4',
    '--out',
    join(folder, out),
    ...words,
  ])

describe('quire diffusion', () => {
  test('trains, samples and exports; the same command gives the same bytes', async () => {
    expect(await train('model')).toMatchObject({ status: 0 })
    await train('again')
    const file = (out: string) => readFileSync(join(folder, out, 'model.safetensors'))
    expect(file('again').equals(file('model'))).toBe(true)
    for (const name of ['config.json', 'samples.png', 'losses.json']) expect(existsSync(join(folder, 'model', name))).toBe(true)
    expect(existsSync(join(folder, 'model', 'unfinished.safetensors'))).toBe(false)

    const sampled = await shell([
      'diffusion',
      'sample',
      join(folder, 'model'),
      '--count',
      '3',
      '--steps',
      '3',
      '--out',
      join(folder, 's'),
      '--json',
    ])
    expect(JSON.parse(sampled.out)).toMatchObject({ shape: [3, 1, 7, 7], evaluations: 5, notFinite: 0 })
    const exported = await shell(['diffusion', 'export', join(folder, 'model'), '--out', join(folder, 'e'), '--json'])
    expect(JSON.parse(exported.out).difference).toBeLessThan(1e-4)
  })

  test('what it cannot use is one line and status 2', async () => {
    await train('other', '--process', 'cosine')
    const refused = async (words: string[], message: string | RegExp) => {
      const { status, err } = await shell(['diffusion', ...words])
      expect(status).toBe(2)
      expect(err.trim().split('\n').at(-1)).toMatch(message)
    }
    const model = join(folder, 'other')
    const out = ['--out', join(folder, 'x')]
    await refused(['train', join(folder, 'nowhere'), ...out], /nowhere: there is no such file or folder/)
    await refused(['sample', model, '--labels', '1', ...out], /--labels: this model knows no classes/)
    await refused(['sample', model, '--guidance', '1', ...out], /--guidance: this model knows no classes/)
    await refused(['sample', model, '--steps', '2000', ...out], /2000 of a chain.s 1000 steps cannot be kept/)
    await refused(['sample', data, ...out], /train-images-idx3-ubyte/)
    await refused(['sample', model, '--process', 'edm', ...out], /--process and --predict go together/)
    await refused(['eval', model, '--data', data, '--size', '14'], /images are \[1, 14, 14\], the model's \[1, 7, 7\]/)
    const wrong = join(folder, 'wrong.npy')
    writeFileSync(wrong, writeNpy(ndarray(new Float32Array(30 * 49).fill(7), [30, 7, 7], 'float32')))
    await refused(['train', wrong, ...out], /wrong\.npy/)
    // A folder in which another training stands unfinished is covered by `trainResumably`; a file in the place of a folder is not.
    await refused(['train', data, '--out', data], /is a file/)
    await refused(['train', data, '--size', '7', '--learned-variance', ...out], /variance of reverse steps is learned of a chain/)
  })
})
