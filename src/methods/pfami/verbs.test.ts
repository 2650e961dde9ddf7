import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { draws, seedKey } from '../../data/draws.ts'
import { loadTrainingImages, writeNpy } from '../../data/index.ts'
import { evaluate, InputError, key, type NDArray, ndarray } from '../../engine/index.ts'
import { exportDenoiser, initModel, loadDenoiser, saveDiffusionModel } from '../../kits/diffusion/index.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import { byteTokenizer, initDecoder, llamaConfig, saveModel, sizes } from '../../kits/lm/index.ts'
import type { Verb } from '../method.ts'
import { rowsOf } from './data.ts'
import { denoiserConfig } from './models.ts'
import { auditVerb } from './verb-audit.ts'
import { placeOf, scoreVerb } from './verb-score.ts'
import { trainVerb } from './verb-train.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-pfami-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (...names: string[]): string => join(folder, ...names)

const run = async (verb: Verb, options: Record<string, unknown>, progress = async (_done: number) => {}) => {
  const said: string[] = []
  const { json, lines } = await verb.run({
    options: verb.options.parse(options),
    signal: new AbortController().signal,
    log: (line) => said.push(line),
    out: () => {},
    progress,
  })
  return { json: json as never, text: [...said, ...(lines ?? [])].join('\n') }
}

/** Pictures of 6 × 6 independent pixels: nothing of one follows from another. */
const side = 6
function pictures(count: number, seed: number, brighter = 0): NDArray {
  const { uniform } = draws(seedKey(seed, 0x70696374))
  const data = Float32Array.from({ length: count * side * side }, () => Math.min(1, Math.max(-1, uniform(-1, 1) + brighter)))
  return ndarray(data, [count, 1, side, side], 'float32')
}
const file = (name: string, array: NDArray): string => {
  writeFileSync(at(name), writeNpy(array))
  return at(name)
}

interface Report {
  readonly attacks: readonly {
    readonly attack: string
    readonly auc: { readonly value: number; readonly interval: readonly [number, number] }
  }[]
  readonly notMade: readonly { readonly attack: string }[]
  readonly conclusion: string
  readonly warnings: readonly string[]
}
const areaOf = ({ attacks }: Report, name: string): number => attacks.find(({ attack }) => attack === name)!.auc.value

const few = { draws: 1, samples: 50, epochs: 3 }

beforeAll(async () => {
  // A fifth of 120 pictures each, trained on until they are known by heart.
  const data = file('pictures.npy', pictures(120, 1))
  await run(trainVerb, { data, out: at('private'), train: 24, steps: 500, width: 96 })
  const config = llamaConfig({ ...sizes.tiny })
  await saveModel({ config, params: await evaluate(initDecoder(config, key(0))), tokenizer: byteTokenizer }, at('lm'))
})

describe('a model that knows its records by heart', () => {
  test('is found out, one that was trained on others is not', async () => {
    const { json, text } = await run(auditVerb, { model: at('private'), ...few, out: at('audit') })
    const report = json as Report
    expect(areaOf(report, 'loss-calibrated')).toBeGreaterThan(0.9)
    expect(areaOf(report, 'pfami-met')).toBeGreaterThan(0.8)
    expect(report.conclusion).toContain('consistent with the model remembering')
    expect(text).not.toMatch(/was in the training/i)
    expect(report.notMade.map(({ attack }) => attack)).toEqual(expect.arrayContaining(['pfami-nn', 'latent']))
    const sides = { members: at('private', 'members.npy'), nonMembers: at('private', 'nonMembers.npy') }
    const stranger = (await run(auditVerb, { model: at('private', 'reference'), ...sides, ...few, out: at('stranger') })).json as Report
    for (const { auc } of stranger.attacks) expect(auc.interval[0]).toBeLessThan(0.6)
    expect(stranger.conclusion).toContain('no evidence')
  })

  test('is scored record by record, beside the non-members of the audit', async () => {
    const scored = async (records: string) =>
      (await run(scoreVerb, { audit: at('audit'), records, out: at('scores.csv') })).json as {
        records: { falsePositiveRate: number; score: number }[]
      }
    const members = await scored(at('private', 'members.npy'))
    const mean = (rows: { falsePositiveRate: number }[]) =>
      rows.reduce((sum, { falsePositiveRate }) => sum + falsePositiveRate, 0) / rows.length
    expect(mean(members.records)).toBeLessThan(0.3)
    expect(mean((await scored(file('strangers.npy', pictures(24, 9)))).records)).toBeGreaterThan(0.3)
    expect(readFileSync(at('scores.csv'), 'utf8').split('\n')[0]).toBe('record,score,error,percentile,falsePositiveRate,queries')
    // The scores of members are those that the audit gave: noise follows the record's number, which both count from the first member.
    const audited = readFileSync(at('audit', 'scores.csv'), 'utf8').split('\n')[1].split(',')
    expect(members.records[0].score).toBeCloseTo(Number(audited[2]), 6)
  })

  test('is compared with another version of itself by the same records', async () => {
    const sides = { members: at('private', 'members.npy'), nonMembers: at('private', 'nonMembers.npy') }
    const options = { model: at('private', 'target'), ...sides, attack: ['loss'], draws: 1, out: at('versions') }
    const of = async (against: string) =>
      (await run(auditVerb, { ...options, against })).json as { differences: { difference: { value: number; interval: number[] } }[] }
    const [same] = (await of(at('private', 'target'))).differences
    expect(same.difference).toMatchObject({ value: 0, interval: [0, 0] })
    // A model that never saw them: what unlearning would have to reach.
    const [other] = (await of(at('private', 'reference'))).differences
    expect(other.difference.interval[0]).toBeGreaterThan(0)
  })

  test('is audited by the error of a DDIM step, and its records are scored by the same', async () => {
    const options = { model: at('private'), attack: ['loss'], error: 'ddim', out: at('ddim') }
    await run(auditVerb, options)
    expect(JSON.parse(readFileSync(at('ddim', 'report.json'), 'utf8'))).toMatchObject({ kind: 'ddim', rows: { 0: 'step=50' } })
    const members = at('private', 'members.npy')
    const { json } = await run(scoreVerb, { audit: at('ddim'), records: members, attack: 'loss' })
    const audited = readFileSync(at('ddim', 'scores.csv'), 'utf8').split('\n')[1].split(',')
    expect((json as { records: { score: number }[] }).records[0].score).toBeCloseTo(Number(audited[2]), 6)
    const text = run(auditVerb, { ...options, model: at('lm'), members, nonMembers: members })
    await expect(text).rejects.toThrow('only diffusion models')
  })

  test('is the same as an ONNX file', async () => {
    const onnx = at('model.onnx')
    await exportDenoiser(onnx, await loadDenoiser(at('private', 'target')))
    const sides = {
      members: at('private', 'members.npy'),
      nonMembers: at('private', 'nonMembers.npy'),
      attack: ['loss', 'pfami-uncalibrated'],
    }
    const [own, read] = await Promise.all(
      [at('private', 'target'), onnx].map(
        async (model, k) => (await run(auditVerb, { model, ...sides, draws: 1, out: at(`same-${k}`) })).json as Report,
      ),
    )
    for (const name of sides.attack) expect(areaOf(read, name)).toBeCloseTo(areaOf(own, name), 2)
  })
})

describe.each(['diffusion', 'vae'])('training a %s model', (model) => {
  test('goes on where it was killed: models that are finished are not trained again', async () => {
    const options = { data: file('few.npy', pictures(60, 2)), out: at('killed', model), model, train: 12, steps: 4, width: 8 }
    const killed = run(trainVerb, options, async (done) => {
      if (done === 6) throw new Error('killed')
    })
    await expect(killed).rejects.toThrow('killed')
    const seen = async (more: object = {}) => {
      const told: number[] = []
      await run(trainVerb, { ...options, ...more }, async (done) => {
        told.push(done)
      })
      return told
    }
    expect(await seen()).toEqual([4, 7, 8])
    expect(await seen()).toEqual([4, 8])
    await run(trainVerb, { ...options, out: at('whole', model) })
    for (const name of ['target', 'reference']) {
      const [again, whole] = ['killed', 'whole'].map((out) => readFileSync(at(out, model, name, 'model.safetensors')))
      expect(again.equals(whole)).toBe(true)
    }
    // By other options they are others.
    expect(await seen({ seed: 1 })).toHaveLength(8)
  })
})

test('images that cannot be read are left out if one says so, of the training and of the audit of what was trained without them', async () => {
  const data = at('damaged')
  mkdirSync(data)
  const x = pictures(60, 8)
  for (let n = 0; n < 60; n++) writeFileSync(join(data, `${n}.png`), await imageGrid(rowsOf(x, [n]), { gap: 0, scale: 1 }))
  writeFileSync(join(data, 'zz.png'), readFileSync(join(data, '0.png')).subarray(0, 40))
  const training = { data, out: at('without-damaged'), train: 12, steps: 2, width: 8 }
  await expect(run(trainVerb, training)).rejects.toThrow('zz.png: cannot be read')
  expect((await run(trainVerb, { ...training, skipDamaged: true })).text).toContain('left out')

  const { provenance } = await loadTrainingImages(data, { damaged: 'skip' })
  const model = initModel(denoiserConfig([1, side, side], 8), key(0))
  await saveDiffusionModel(at('kept-back'), model, { data: provenance.sha256, keepEvery: '2' })
  const audited = { model: at('kept-back'), data, attack: ['loss'], draws: 1, out: at('audit-damaged') }
  await expect(run(auditVerb, audited)).rejects.toThrow('zz.png: cannot be read')
  expect((await run(auditVerb, { ...audited, skipDamaged: true })).text).toContain('30 members, 30 non-members')
  const records = { audit: at('audit-damaged'), records: data, attack: 'loss' }
  await expect(run(scoreVerb, records)).rejects.toThrow('zz.png: cannot be read')
  expect((await run(scoreVerb, { ...records, skipDamaged: true })).json).toMatchObject({ records: { length: 60 } })
})

describe('what is wrong with the records is said', () => {
  const audited = (members: NDArray | string, nonMembers: NDArray | string, more: object = {}) =>
    run(auditVerb, {
      model: at('private', 'target'),
      members: typeof members === 'string' ? members : file('a.npy', members),
      nonMembers: typeof nonMembers === 'string' ? nonMembers : file('b.npy', nonMembers),
      attack: ['loss'],
      draws: 1,
      out: at('wrong'),
      ...more,
    })

  test('records on both sides are named', async () => {
    const own = pictures(12, 3)
    const shared = { ...own, data: own.data.slice(0, 5 * side * side), shape: [5, 1, side, side] }
    await expect(audited(own, shared)).rejects.toThrow('5 records are both members and non-members: 0 = 0; 1 = 1; 2 = 2 and 2 more')
  })

  test('a split that tells the sides apart has a banner in the place of a conclusion', async () => {
    const { json, text } = await audited(pictures(40, 4, 0.5), pictures(40, 5, -0.5))
    expect((json as Report).conclusion).toContain('The split, not the model')
    expect(text).toContain('THE SPLIT, NOT THE MODEL, SEPARATES THEM')
  })

  test('models of other kinds, and sides that are not known, are refused in one line', async () => {
    await expect(run(auditVerb, { model: at('private', 'target'), out: at('x') })).rejects.toThrow('--members and --non-members')
    await expect(run(auditVerb, { model: at('nowhere'), out: at('x') })).rejects.toThrow(InputError)
    await expect(audited(pictures(12, 6), pictures(12, 7), { reference: at('lm') })).rejects.toThrow('the reference is a language model')
  })
})

test('a language model is audited by swaps of tokens', async () => {
  const text = (seed: number) => {
    const { integer } = draws(seedKey(seed, 0x74657874))
    return Array.from({ length: 240 }, () => String.fromCharCode(97 + integer(26))).join('')
  }
  writeFileSync(at('in.txt'), text(1))
  writeFileSync(at('out.txt'), text(2))
  const { json } = await run(auditVerb, {
    model: at('lm'),
    members: at('in.txt'),
    nonMembers: at('out.txt'),
    tokens: 24,
    limit: 10,
    attack: ['pfami-uncalibrated', 'loss', 'secmi'],
    out: at('text'),
  })
  const report = json as Report
  expect(report.attacks.map(({ attack }) => attack)).toEqual(['pfami-uncalibrated', 'loss'])
  expect(report.notMade).toEqual([{ attack: 'secmi', why: 'the model is no diffusion model' }])
  expect(report).toMatchObject({ tokens: 24, field: 'text' })
  // An untrained model remembers nothing: the interval holds one half.
  const [low, high] = report.attacks[1].auc.interval
  expect(low).toBeLessThan(0.5)
  expect(high).toBeGreaterThan(0.4)
})

test('all attacks are joined by the one that all leaves out, where it is named too', async () => {
  writeFileSync(at('a.txt'), 'one text and its words. '.repeat(12))
  writeFileSync(at('b.txt'), 'another text, with others. '.repeat(12))
  const options = { model: at('lm'), members: at('a.txt'), nonMembers: at('b.txt'), tokens: 8, limit: 10, draws: 1, out: at('all') }
  const refused = async (attack: string[]) =>
    ((await run(auditVerb, { ...options, attack })).json as Report).notMade.map(({ attack }) => attack)
  expect(await refused(['all'])).not.toContain('logan')
  expect(await refused(['all', 'logan', 'mc'])).toEqual([...(await refused(['all'])), 'logan'])
})

test.each([
  ['lm', { neighbours: 'rotation' }, '--neighbours says nothing of a language model'],
  ['lm', { skipDamaged: true }, '--skip-damaged says nothing of a language model'],
  ['private', { tokens: 32 }, '--tokens says nothing of a model of images'],
  ['private', { field: 'body' }, '--field says nothing of a model of images'],
])('of %s: what would change nothing is refused, %o', async (model, option, message) => {
  await expect(run(auditVerb, { model: at(model), ...option, out: at('idle') })).rejects.toThrow(message)
})

test('no score has a false positive rate of 0', () => {
  expect(placeOf(5, Float64Array.of(1, 2, 3))).toEqual({ percentile: 1, falsePositiveRate: 0.25 })
  expect(placeOf(2, Float64Array.of(1, 2, 3))).toEqual({ percentile: 1 - 2 / 3, falsePositiveRate: 0.75 })
})
