import { argmax, jit, type Tensor, tensor } from '../../engine/index.ts'
import { forward } from '../../kits/lm/decoder.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { byteTokenizer } from '../../kits/lm/tokenizers/bytes.ts'
import { type Data, measuredDomains } from './data.ts'

/** Bytes that a text begins with, and that the model adds. */
const [given, added] = [48, 72]

/** The first words of each domain's test part, and how a model goes on with them, always with the most probable byte. */
export async function sampleTexts(
  { config, corpora }: Pick<Data, 'config' | 'corpora'>,
  params: DecoderParams,
): Promise<Record<string, string>> {
  const length = given + added
  const best = jit((params: DecoderParams, ids: Tensor) => argmax(forward(config, params, { ids }), { axis: -1 }))
  const rows = measuredDomains.map((domain) => Int32Array.from({ length }, (_, i) => (i < given ? corpora[domain].test[i] : 0)))
  for (let at = given; at < length; at++) {
    const ids = tensor(Int32Array.from(rows.flatMap((row) => [...row])), { shape: [rows.length, length], dtype: 'int32' })
    const next = await best(params, ids).data()
    for (const [i, row] of rows.entries()) row[at] = next[i * length + at - 1]
  }
  return Object.fromEntries(measuredDomains.map((domain, i) => [domain, byteTokenizer.decode(rows[i])]))
}
