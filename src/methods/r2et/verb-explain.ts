import { z } from 'zod'
import { rows } from '../../data/index.ts'
import { evaluate, fromArray, InputError, jit, key, type NDArray, type Tensor } from '../../engine/index.ts'
import { writeAtomically } from '../../experiment/index.ts'
import { unscaledIn } from '../../kits/classifier/index.ts'
import { verb } from '../method.ts'
import { attackExplanation } from './attack.ts'
import { descending } from './certificate.ts'
import { barChart, heatMaps } from './picture.ts'
import { requireK } from './ranking.ts'
import { predicted, saliency } from './saliency.ts'
import { loadSubject, type Subject, subjectOptions } from './subject.ts'

const explainOptions = z.object({
  ...subjectOptions,
  row: z.number().int().nonnegative().default(0).describe('which example, from 0'),
  picture: z.string().default('saliency.svg').describe('where the picture goes: bars for a table, a heat map for an image'),
})

export const explainVerb = verb({
  name: 'explain',
  summary: {
    en: 'Draws which features decided one row or image of any classifier, before and after an attack',
    zh: '画出任意分类器对一行数据或一张图像的显著性（攻击前后）',
  },
  options: explainOptions,
  positional: 'model',
  example: 'quire r2et explain runs/r2et/credit --data credit.csv --target default --row 17 --picture why.svg',
  async run({ options, log, progress }) {
    const { data, row, eps, picture, steps, keeping } = options
    const subject = await loadSubject(options, log)
    const { network, card, k, nameOf, feasible } = subject
    if (row >= subject.x.shape[0])
      throw new InputError(`there is no row ${row} among ${subject.x.shape[0]}`, { where: data, fix: 'rows count from 0' })
    const { x } = rows({ x: subject.x }, [row])
    requireK(k, x.shape[1] / (subject.saliency.channels ?? 1))
    const { adversarial } = await attackExplanation(network, {}, fromArray(x), {
      kind: 'er',
      k,
      eps,
      steps,
      keeping,
      feasible,
      saliency: subject.saliency,
      key: key(0),
      progress,
    })
    const [before, after] = [await explained(subject, fromArray(x)), await explained(subject, adversarial)]
    const kept = after.top.filter((feature) => before.top.includes(feature)).length
    const title = `row ${row}: ${card.classes[before.label]}`
    writeAtomically(picture, card.image ? await maps(title, x, before, after, subject) : chart(title, before, after, nameOf))
    return {
      lines: [
        `predicted: ${card.classes[before.label]}`,
        ...before.top.map(
          (feature, i) => `${String(i + 1).padStart(3)}. ${nameOf(feature).padEnd(32)} ${before.map[feature].toPrecision(4)}`,
        ),
        `${kept} of these ${k} stay under an attack of radius ${eps}`,
        `written: ${picture}`,
      ],
      json: {
        predicted: card.classes[before.label],
        top: before.top.map((feature) => ({ feature: nameOf(feature), saliency: before.map[feature] })),
        topAfterAttack: after.top.map(nameOf),
        kept,
        k,
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

async function explained({ network, saliency: about, k }: Subject, x: Tensor): Promise<Explained> {
  const run = jit((x: Tensor) => {
    const classify = (x: Tensor) => network.apply({}, x)
    return { label: predicted(classify(x)), map: saliency(classify, x, about) }
  })
  const { label, map } = await evaluate(run(x))
  const values = [...(await map.data())]
  return { label: (await label.data())[0], map: values, top: descending(values).slice(0, k) }
}

/** The most salient features of a table, enough to see what stands below the top k. */
function chart(title: string, before: Explained, after: Explained, name: (feature: number) => string): string {
  const bars = descending(before.map)
    .slice(0, 2 * before.top.length)
    .map((feature) => ({
      name: name(feature),
      before: before.map[feature],
      after: after.map[feature],
      top: before.top.includes(feature),
    }))
  return barChart(`${title} (dark: as it is, pale: after an attack)`, bars)
}

async function maps(title: string, x: NDArray, before: Explained, after: Explained, { card }: Subject): Promise<string> {
  const [channels, height, width] = card.image!
  const pixels = height * width
  const raw = await unscaledIn(fromArray(x), card).data()
  const grey = Array.from({ length: pixels }, (_, i) => {
    let total = 0
    for (let channel = 0; channel < channels; channel++) total += raw[channel * pixels + i]
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
