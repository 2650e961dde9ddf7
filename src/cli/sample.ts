import { sampleAbout, sampleNames, writeSample } from '../data/index.ts'
import { unknownName } from '../experiment/nearest.ts'
import type { Shell } from './cli.ts'

/** `quire sample <names…>`: files to try a command on. */
export async function sample({ terminal }: Shell, names: readonly string[]): Promise<number> {
  for (const name of names) if (!sampleNames.includes(name)) throw unknownName('sample', name, sampleNames, 'quire sample')
  for (const name of names) terminal.out(`${await writeSample(name, '.')}: ${sampleAbout(name)} (generated, not real)`)
  return 0
}
