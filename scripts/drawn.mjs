import { createHash } from 'node:crypto'

/** Options of a script that can look at some things instead of all: --sample N, drawn by --seed S, which is another one each time. */
export const sampleOptions = { sample: { type: 'string' }, seed: { type: 'string', default: String(Date.now() % 1e6) } }

/** As many of the things as --sample says, in their order, and how to draw them again; all without it. Ends the process where the options are wrong. */
export function drawn(things, { sample = String(things.length), seed }) {
  if (!/^[1-9]\d*$/.test(sample) || !/^\d+$/.test(seed)) {
    console.error(`--sample is a whole number from 1 on, --seed one from 0 on; they are ${sample} and ${seed}`)
    process.exit(2)
  }
  const place = (i) => createHash('sha256').update(`${seed} ${i}`).digest('hex')
  const places = things.map((_, i) => i).sort((a, b) => (place(a) < place(b) ? -1 : 1))
  const kept = new Set(places.slice(0, Number(sample)))
  if (kept.size < things.length) console.log(`drawn by --sample ${sample} --seed ${seed}`)
  return things.filter((_, i) => kept.has(i))
}
