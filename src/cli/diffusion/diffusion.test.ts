import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateDigits, writeIdx, writeNpy } from '../../data/index.ts'
import { ndarray } from '../../engine/index.ts'
import { scratch } from '../../experiment/testing/comparable.ts'
import { shell } from '../testing/shell.ts'
import { train as trainVerb } from './train.ts'

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
    const range = join(folder, 'range.npy')
    writeFileSync(
      range,
      writeNpy(
        ndarray(
          Float32Array.from({ length: 30 * 49 }, (_, i) => i % 255),
          [30, 7, 7],
          'float32',
        ),
      ),
    )
    await refused(['train', range, ...out], /range\.npy: values go from 0 to 254, .* state their range/)
    await refused(['train', data, '--range', '0,255', ...out], /a range is of arrays of floats/)
    const quick = ['--network-size', 'tiny', '--steps', '1', '--batch', '8', '--samples', '1']
    expect(await shell(['diffusion', 'train', range, '--range', '0,254', ...quick, '--out', join(folder, 'ranged')])).toMatchObject({
      status: 0,
    })
  })

  test('an option that would do nothing is refused', async () => {
    await train('edm')
    const asked = { data: ['--data', data, '--size', '7'], out: ['--out', join(folder, 'x')] }
    const refused = async (words: string[], message: RegExp) => {
      for (const [verb, more] of [
        ['sample', asked.out],
        ['eval', asked.data],
      ] as const) {
        const { status, err } = await shell(['diffusion', verb, join(folder, 'edm'), ...more, ...words])
        expect(status).toBe(2)
        expect(err.trim().split('\n').at(-1)).toMatch(message)
      }
    }
    await refused(['--eta', '0.5'], /--eta: the sampler heun has no eta/)
    await refused(['--sampler', 'ode', '--eta', '0.5'], /--eta: the sampler ode has no eta/)
    await refused(['--guidance', '3'], /--guidance: this model knows no classes/)
    await refused(['--process', 'edm', '--predict', 'eps'], /--process: this model says its process and prediction itself/)
  })

  test('an evaluation holds out what the training has held out', async () => {
    await train('held', '--keep-every', '5')
    const evaluated = (data: string, ...words: string[]) => {
      const quick = ['--size', '7', '--feature-steps', '2', '--steps', '2', '--json']
      return shell(['diffusion', 'eval', join(folder, 'held'), '--data', data, ...quick, ...words])
    }
    const own = await evaluated(data, '--count', '5000')
    expect(JSON.parse(own.out)).toMatchObject({ keepEvery: 5, data: 'own', n: 12 })
    expect(own.err).toContain('12 samples a seed, not 5000: so many images are kept back')
    const refused = await evaluated(data, '--keep-every', '3')
    expect(refused.status).toBe(2)
    expect(refused.err).toContain('--keep-every: the model was trained with 5, and has seen images that 3 would hold out')
    const other = join(folder, 'other.npy')
    writeFileSync(other, writeNpy(generateDigits({ count: 30, seed: 1 }).images))
    expect(JSON.parse((await evaluated(other, '--range', '0,255', '--keep-every', '3')).out)).toMatchObject({
      keepEvery: 3,
      data: 'other',
      n: 10,
    })
  })

  test('an interrupted training goes on by the same recipe alone, and forgets no measurement', async () => {
    const trained = (out: string, more: object, dies?: number) =>
      trainVerb.run({
        options: trainVerb.options.parse({
          ...{ data, size: 7, process: 'cosine', networkSize: 'tiny', steps: 16, batch: 8, samples: 1, out: join(folder, out) },
          ...more,
        }),
        signal: new AbortController().signal,
        log: () => {},
        out: () => {},
        async progress(done) {
          if (done === dies) throw new Error('killed')
        },
      })
    await trained('whole', {})
    for (const dies of [1, 7]) await expect(trained('killed', {}, dies)).rejects.toThrow('killed')
    await expect(trained('killed', { keepEvery: 5 })).rejects.toThrow('an unfinished training with other options or data stands there')
    await trained('killed', {})
    const [whole, resumed] = ['whole', 'killed'].map((out) => JSON.parse(readFileSync(join(folder, out, 'losses.json'), 'utf8')))
    expect(whole.history).toHaveLength(8)
    expect(resumed).toEqual(whole)
  })
})
