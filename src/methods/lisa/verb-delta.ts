import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { bytesText } from '../../engine/inspect/text.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import { makeFolder, writeAtomically } from '../../experiment/index.ts'
import { saveAdapter } from '../../kits/lm/checkpoints/adapters.ts'
import { loadDecoder } from '../../kits/lm/checkpoints/read.ts'
import { type LinearPlace, linearPlaces } from '../../kits/lm/params.ts'
import type { Adapter, AdapterParams } from '../../kits/lm/peft/adapter.ts'
import { toArrays } from '../../train/index.ts'
import { verb } from '../method.ts'
import { deltaOf, truncated } from './delta.ts'
import { loadBase } from './own-model.ts'

const isMap = (path: string): boolean => /^blocks\.\d+\.(attention|network)\..*\.weight$/.test(path)

export const deltaVerb = verb({
  name: 'delta',
  summary: {
    en: 'Writes what tuning changed: all of it, and as a LoRA adapter of a rank, with the error of that',
    zh: '写出微调带来的改变：完整差值，以及给定秩的 LoRA 适配器及其误差',
  },
  options: z.object({
    model: z.string().describe('folder of the tuned model'),
    base: z.string().default('tiny').describe('what it was tuned from: a model directory, or tiny, nano, micro'),
    rank: z.number().int().min(1).max(100_000).optional().describe('of the adapter; without it none is written'),
    out: z.string().default('runs/lisa/delta').describe('folder for delta.safetensors, and adapter/ in the layout of Hugging Face’s PEFT'),
  }),
  positional: 'model',
  example: 'quire lisa delta tuned --base tiny --rank 8 --out delta',
  async run({ options: { model, base, rank, out }, log }) {
    const [tuned, first] = [await loadDecoder(model), await loadBase(base, log)]
    const changes = deltaOf(await toArrays(tuned.params), await toArrays(first.params))
    makeFolder(out)
    const content = writeSafetensors(changes, { format: 'pt' })
    await writeAtomically(join(out, 'delta.safetensors'), content)
    const names = Object.keys(changes)
    const lines = [`${names.length} tensors changed; written: ${join(out, 'delta.safetensors')} (${bytesText(content.length)})`]
    if (rank === undefined) return { lines, json: { changed: names, bytes: content.length } }
    const maps = names.filter(isMap)
    if (maps.length === 0) throw new InputError('no linear map of a block was changed, so that there is nothing to adapt', { where: model })
    const approximated = maps.map((path) => ({ path, ...truncated(changes[path], rank) }))
    await saveAdapter(adapterOf(approximated, rank, tuned.config.layers), { config: tuned.config }, join(out, 'adapter'))
    const worst = approximated.toSorted((a, b) => b.error - a.error)[0]
    const left = names.filter((path) => !isMap(path))
    lines.push(
      `rank ${rank}: ${maps.length} maps with an error of ${mean(approximated.map(({ error }) => error)).toFixed(3)} on average, ${worst.error.toFixed(3)} at ${worst.path} (Frobenius, of the change)`,
      `written: ${join(out, 'adapter')}${left.length > 0 ? `; not in it: ${left.join(', ')}` : ''}`,
    )
    return {
      lines,
      json: {
        changed: names,
        bytes: content.length,
        rank,
        errors: Object.fromEntries(approximated.map(({ path, error }) => [path, error])),
        left,
      },
    }
  },
})

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function adapterOf(parts: readonly ({ readonly path: string } & ReturnType<typeof truncated>)[], rank: number, layers: number): Adapter {
  const maps: NonNullable<AdapterParams['maps']>[number][] = Array.from({ length: layers }, () => ({}))
  const places = new Set<LinearPlace>()
  for (const { path, lora } of parts) {
    const [, layer, place] = /^blocks\.(\d+)\.(.*)\.weight$/.exec(path) as unknown as [string, string, LinearPlace]
    maps[Number(layer)] = { ...maps[Number(layer)], [place]: { lora } }
    places.add(place)
  }
  const targets = linearPlaces.filter((place) => places.has(place))
  return { config: { kind: 'lora', rank, alpha: rank, dropout: 0, targets }, params: { maps } }
}
