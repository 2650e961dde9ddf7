import { z } from 'zod'
import { loadTabularOrImages, rows } from '../../data/index.ts'
import { evaluate, fromArray, InputError, jit, key, type NDArray, type Tensor } from '../../engine/index.ts'
import { writeAtomically } from '../../experiment/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { verb } from '../method.ts'
import { attackExplanation } from './attack.ts'
import { barChart, heatMaps } from './picture.ts'
import { predicted, saliency } from './saliency.ts'
import { inputsFor, loadModel, type SavedModel } from './saved-model.ts'

const explainOptions = z.object({
  model: z.string().describe('the folder that train wrote, or its weights file'),
  data: z.string().describe('data as train takes them'),
  target: z.string().optional().describe('the column of the class, of a CSV; default the last'),
  row: z.number().int().nonnegative().default(0).describe('which example, from 0'),
  eps: z.number().nonnegative().default(0.5).describe('radius of the attack that is shown beside the explanation'),
  picture: z.string().default('saliency.svg').describe('where the picture goes: bars for a table, a heat map for an image'),
})

export const explainVerb = verb({
  name: 'explain',
  summary: {
    en: 'Draws which features decided one row or image, before and after an attack',
    zh: '画出一行数据或一张图像的显著性（攻击前后）',
  },
  options: explainOptions,
  positional: 'model',
  example: 'quire r2et explain runs/r2et/credit --data credit.csv --target default --row 17 --picture why.svg',
  async run({ options: { model: path, data, target, row, eps, picture }, progress }) {
    const model = await loadModel(path)
    const { about, network, params } = model
    const own = await loadTabularOrImages(data, { target, size: about.image ? [about.image[1], about.image[2]] : undefined })
    const inputs = inputsFor(about, own, data)
    if (row >= inputs.shape[0])
      throw new InputError(`there is no row ${row} among ${inputs.shape[0]}`, { where: data, fix: 'rows count from 0' })
    const { x } = rows({ x: inputs }, [row])
    const channels = about.image?.[0] ?? 1
    const attacked = await attackExplanation(network, params, fromArray(x), {
      kind: 'er',
      k: about.k,
      eps,
      channels,
      key: key(0),
      progress,
    })
    const [before, after] = [await explained(model, fromArray(x), channels), await explained(model, attacked.adversarial, channels)]
    const kept = after.top.filter((feature) => before.top.includes(feature)).length
    const name = (feature: number) =>
      about.image ? `row ${Math.floor(feature / about.image[2])}, column ${feature % about.image[2]}` : about.featureNames[feature]
    const title = `row ${row}: ${about.classes[before.label]}`
    writeAtomically(picture, about.image ? maps(title, x, before, after, about.image) : chart(title, before, after, name))
    return {
      lines: [
        `predicted: ${about.classes[before.label]}`,
        ...before.top.map(
          (feature, i) => `${String(i + 1).padStart(3)}. ${name(feature).padEnd(32)} ${before.map[feature].toPrecision(4)}`,
        ),
        `${kept} of these ${about.k} stay under an attack of radius ${eps}`,
        `written: ${picture}`,
      ],
      json: {
        predicted: about.classes[before.label],
        top: before.top.map((feature) => ({ feature: name(feature), saliency: before.map[feature] })),
        topAfterAttack: after.top.map(name),
        kept,
        k: about.k,
        eps,
        picture,
      },
    }
  },
})

interface Explained {
  readonly label: number
  readonly map: readonly number[]
  /** The k most salient features, the first first. */
  readonly top: readonly number[]
}

async function explained({ network, params, about }: SavedModel, x: Tensor, channels: number): Promise<Explained> {
  const run = jit((params: LayeredParams, x: Tensor) => {
    const classify = (x: Tensor) => network.apply(params, x)
    return { label: predicted(classify(x)), map: saliency(classify, x, { channels }) }
  })
  const { label, map } = await evaluate(run(params, x))
  const values = [...(await map.data())]
  const order = [...values.keys()].sort((a, b) => values[b] - values[a] || a - b)
  return { label: await labelOf(label), map: values, top: order.slice(0, about.k) }
}

const labelOf = async (label: Tensor): Promise<number> => (await label.data())[0]

/** The most salient features of a table, enough to see what stands below the top k. */
function chart(title: string, before: Explained, after: Explained, name: (feature: number) => string): string {
  const order = [...before.map.keys()].sort((a, b) => before.map[b] - before.map[a] || a - b)
  const bars = order.slice(0, 2 * before.top.length).map((feature) => ({
    name: name(feature),
    before: before.map[feature],
    after: after.map[feature],
    top: before.top.includes(feature),
  }))
  return barChart(`${title} (dark: as it is, pale: after an attack)`, bars)
}

function maps(
  title: string,
  x: NDArray,
  before: Explained,
  after: Explained,
  [channels, height, width]: readonly [number, number, number],
): string {
  const pixels = height * width
  const grey = Array.from({ length: pixels }, (_, i) => {
    let total = 0
    for (let channel = 0; channel < channels; channel++) total += x.data[channel * pixels + i]
    return total
  })
  return heatMaps(
    title,
    [
      { title: 'image', values: grey },
      { title: 'saliency, top k in red', values: before.map, marked: new Set(before.top) },
      { title: 'after an attack', values: after.map, marked: new Set(after.top) },
    ],
    [height, width],
  )
}
