import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { digitImages, generateDigits, parseNpy, writeIdx, writeNpy } from '../../data/index.ts'
import { key, ndarray } from '../../engine/index.ts'
import { readSafetensors } from '../../engine/safetensors.ts'
import { type DiffusionConfig, initModel, saveBundle, saveDiffusionModel } from '../../kits/diffusion/index.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import type { Verb } from '../method.ts'
import type { UTurnReport } from './analyse.ts'
import { analyseVerb } from './verb-analyse.ts'
import { editVerb } from './verb-edit.ts'
import { generateVerb } from './verb-generate.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-u-turn-'))
afterAll(() => rmSync(folder, { recursive: true }))
const place = (name: string): string => join(folder, name)
const file = (name: string, content: Uint8Array): string => {
  writeFileSync(place(name), content)
  return place(name)
}

const said: string[] = []
const run = async (verb: Verb, options: Record<string, unknown>) => {
  said.length = 0
  const result = await verb.run({
    options: verb.options.parse(options),
    signal: new AbortController().signal,
    log: (line) => said.push(line),
    out: () => {},
    progress: async () => {},
  })
  said.push(...(result.lines ?? []))
  return result.json
}

const digits = generateDigits({ count: 200, seed: 0 })
const { x } = digitImages(digits, { side: 7 }).train
const data = file('digits.npy', writeNpy(x))
const idx = file('digits-images-idx3-ubyte', writeIdx(digits.images, { ubyte: true }))
const config: DiffusionConfig = {
  network: { kind: 'mlp', width: 8, hidden: [8], embedding: 8 },
  process: { kind: 'discrete', steps: 50, schedule: 'linear', betas: [1e-3, 0.2] },
  predict: 'eps',
  skip: true,
  shape: [1, 7, 7],
  range: [-1, 1],
}
const small = { steps: 6, samples: 64, sigmas: [0.5, 2, 10] }

describe('analyse', () => {
  test('without classes: the speciation time is not reported, and said not to be', async () => {
    const report = (await run(analyseVerb, { model: 'memory', data, ...small, sampler: 'ode', out: place('memory') })) as UTurnReport
    expect(said.join('\n')).toContain('the speciation time is not reported')
    expect(report.speciation).toBeNaN()
    expect(report.points.map(({ sameClass }) => sameClass)).toEqual([Number.NaN, Number.NaN, Number.NaN])
    // The memory's samples are its examples: copies all of them, from wherever they come.
    for (const { copyRate } of report.points) expect(copyRate).toBeGreaterThan(0.9)
    for (const name of ['report.json', 'curves.csv', 'run.csv', 'correlation.svg', 'turns.png'])
      expect(existsSync(place(`memory/${name}`))).toBe(true)
    const [header, ...rows] = readFileSync(place('memory/curves.csv'), 'utf8').trim().split('\n')
    expect(header.split(',')).toContain('correlation')
    expect(rows).toHaveLength(3)
  })

  test('takes a run whose artifacts hold a bundle of chains, on the levels of σ', async () => {
    const models = [initModel(config, key(0)), initModel(config, key(1))]
    await saveBundle(place('run/artifacts/bundle'), { models, boundaries: [0, 20, 50] })
    const report = (await run(analyseVerb, { model: place('run'), data, ...small, out: place('bundle') })) as UTurnReport
    expect(said[0]).toContain('model of examples [1, 7, 7], σ from 0.03')
    expect(report.points).toHaveLength(3)
    expect(report.full.nfe).toBe(11)
  })

  test('makes images as large as the model’s', async () => {
    await saveDiffusionModel(place('model'), initModel(config, key(0)))
    const report = (await run(analyseVerb, { model: place('model'), data: idx, ...small, out: place('idx') })) as UTurnReport
    expect(report.samples).toBe(64)
  })

  test.each([
    [{ model: 'gaussian', sigmas: [100] }, 'σ 100 is outside of the range that the model was trained on', '0.02 to 80'],
    [{ model: 'nowhere' }, 'nowhere: there is no such file or folder', ''],
    [{ data: file('few.npy', writeNpy({ ...x, shape: [60, 1, 7, 7], data: x.data.slice(0, 60 * 49) })) }, 'samples are too few', '64'],
    [{ data: file('wide.npy', writeNpy({ ...x, data: x.data.map((value) => 300 * value) })) }, 'values go from -300', 'range'],
    [{ process: 'linear' }, '--process and --predict go together', ''],
    [{ sampler: 'ode', churn: 40 }, "--churn: says nothing of the way back 'ode'", 'leave it out'],
    [{ model: 'gaussian', data: idx, size: 5 }, 'cannot be made 5 by 5', ''],
  ])('refuses %o', async (options, what, more) => {
    const error = await run(analyseVerb, {
      model: 'process' in options ? place('model') : 'gaussian',
      data,
      ...small,
      out: place('refused'),
      ...options,
    }).then(
      () => undefined,
      (error: Error) => error,
    )
    expect(error?.name).toBe('InputError')
    expect(error?.message).toContain(what)
    expect(error?.message).toContain(more)
    expect(error?.message).not.toContain('\n')
    expect(existsSync(place('refused'))).toBe(false)
  })
})

describe('generate', () => {
  test('says what was copied, and from where each sample started', async () => {
    const out = place('samples')
    const report = (await run(generateVerb, { model: 'memory', data, sigma: 0.1, steps: 6, count: 100, out })) as {
      copyRate: number
      starts: number[]
      self: number
    }
    expect(report.copyRate).toBeGreaterThan(0.9)
    expect(report.self).toBeGreaterThan(0.9)
    expect(said.join('\n')).toContain('warning: these samples depend on their starts')
    expect(report.starts).toHaveLength(100)
    const samples = parseNpy(readFileSync(join(out, 'samples.npy')))
    expect(samples.shape).toEqual([100, 1, 7, 7])
    expect(readSafetensors(readFileSync(join(out, 'samples.safetensors'))).tensors.samples.data).toEqual(samples.data)
  })

  test('takes the σ that an analysis recommends', async () => {
    const analysis = place('recommended')
    const more = file('more.npy', writeNpy(digitImages(generateDigits({ count: 500, seed: 1 }), { side: 7 }).train.x))
    await run(analyseVerb, { model: 'gaussian', data: more, steps: 12, sigmas: [0.5, 2, 20, 80], samples: 240, out: analysis })
    const { recommended } = JSON.parse(readFileSync(join(analysis, 'report.json'), 'utf8')) as UTurnReport
    const options = { model: 'gaussian', data: more, analysis, count: 4, out: place('from') }
    // And returns as the analysis did.
    expect(await run(generateVerb, options)).toMatchObject({ sigma: recommended!.sigma, sampler: 'churn', steps: 12, churn: 8 })
    expect(await run(generateVerb, { ...options, sigma: 5, steps: 12 })).toMatchObject({ sigma: 5, steps: 12 })
    for (const [other, message] of [
      [{ data }, 'is the analysis of another model, or of one made from other data'],
      [{ model: 'memory' }, 'is the analysis of another model'],
      [{ steps: 6 }, '--steps 6: the analysis was made with --steps 12'],
      [{ sampler: 'ode' }, '--sampler ode: the analysis was made with --sampler churn'],
      [{ churn: 40 }, '--churn 40: the analysis was made with --churn 8'],
    ] as const)
      await expect(run(generateVerb, { ...options, ...other })).rejects.toThrow(message)
    const nothing = run(generateVerb, { model: 'gaussian', data, count: 4, out: place('none') })
    await expect(nothing).rejects.toThrow('nothing says where to turn')
  })
})

test('an analysis knows its model by the file', async () => {
  for (const [name, seed] of Object.entries({ one: 2, other: 3 })) await saveDiffusionModel(place(name), initModel(config, key(seed)))
  await run(analyseVerb, { model: place('one'), data, ...small, sampler: 'ode', out: place('of-one') })
  expect(JSON.parse(readFileSync(place('of-one/report.json'), 'utf8'))).not.toHaveProperty('churn')
  const options = { data, sigma: 2, analysis: place('of-one'), count: 2, out: place('by-one') }
  expect(await run(generateVerb, { ...options, model: place('one') })).toMatchObject({ sampler: 'ode', steps: 6 })
  await expect(run(generateVerb, { ...options, model: place('other') })).rejects.toThrow('is the analysis of another model')
  await expect(run(generateVerb, { ...options, model: place('one'), churn: 8 })).rejects.toThrow(
    "--churn: says nothing of the way back 'ode'",
  )
  mkdirSync(place('none-of-them'))
  file('none-of-them/report.json', new TextEncoder().encode('{}'))
  await expect(run(generateVerb, { ...options, model: place('one'), analysis: place('none-of-them') })).rejects.toThrow(
    'is no report of an analysis',
  )
})

test('images that cannot be read are left out if one says so', async () => {
  const images = place('images')
  mkdirSync(images)
  const one = (n: number) => ndarray(x.data.slice(49 * n, 49 * (n + 1)), [1, 1, 7, 7], 'float32')
  for (let n = 0; n < 100; n++) writeFileSync(join(images, `${n}.png`), await imageGrid(one(n), { gap: 0, scale: 1 }))
  writeFileSync(join(images, 'zz.png'), readFileSync(join(images, '0.png')).subarray(0, 40))
  await saveDiffusionModel(place('own'), initModel(config, key(4)))
  for (const model of ['gaussian', place('own')]) {
    const options = { model, data: images, sigma: 2, steps: 6, count: 2, out: place('whole-ones') }
    await expect(run(generateVerb, options)).rejects.toThrow('zz.png: cannot be read')
    await run(generateVerb, { ...options, skipDamaged: true })
    expect(said.join()).toContain('left out')
  }
})

describe('edit', () => {
  test('changes an image the more the larger σ is', async () => {
    const image = file('one.png', await imageGrid(ndarray(x.data.slice(0, 49), [1, 1, 7, 7], 'float32'), { gap: 0, scale: 1 }))
    const out = place('edit')
    const { turns } = (await run(editVerb, { image, model: 'gaussian', data, sigma: [0.1, 1, 10], steps: 8, out })) as {
      turns: { distance: number }[]
    }
    const distances = turns.map(({ distance }) => distance)
    expect(distances).toEqual([...distances].sort((a, b) => a - b))
    expect(distances[0]).toBeLessThan(0.15)
    expect(parseNpy(readFileSync(join(out, 'edits.npy'))).shape).toEqual([3, 4, 1, 7, 7])
    await expect(run(editVerb, { image: data, model: 'gaussian', data, sigma: [1], out })).rejects.toThrow('cannot be read as an image')
    await expect(run(editVerb, { image, model: 'gaussian', sigma: [1], out })).rejects.toThrow('the model gaussian is made from data')
  })
})
