import { join } from 'node:path'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import type { Snapshot } from '../definition.ts'
import { namesIn, readIfThere, readJson, removeFile, sha256, writeAtomically, writeJson } from './disk.ts'
import { storedCheckpoint } from './stored.ts'

/** What is written last: a checkpoint without it, or whose hash it does not have, does not count. */
interface Manifest {
  readonly unit: string
  readonly step: number
  readonly meta: unknown
  readonly sha256: Readonly<Record<string, string>>
  /** How many observations the unit had logged. */
  readonly observations: number
  /** Seconds that the unit had worked. */
  readonly seconds: number
}

export type StoredSnapshot = Snapshot & Pick<Manifest, 'observations' | 'seconds'>

export interface CheckpointStore {
  save(snapshot: StoredSnapshot): void
  /** The newest complete one; a damaged one is reported and the one before it is taken. */
  newest(): StoredSnapshot | undefined
  /** Removes all but the newest `count`. */
  prune(count: number): void
}

/** The checkpoints of one unit, of which metrics.jsonl holds `logged()` observations, as `<unit>--step-<n>.safetensors` with a manifest `.json` beside each. */
export function checkpointStore(folder: string, unit: string, logged: () => number, notice: (line: string) => void): CheckpointStore {
  const prefix = `${unit}--step-`
  const nameOf = (step: number) => `${prefix}${String(step).padStart(9, '0')}`
  const manifests = () =>
    namesIn(folder)
      .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
      .reverse()

  function load(manifestName: string): StoredSnapshot | undefined {
    const json = readJson(join(folder, manifestName))
    const manifest = storedCheckpoint.safeParse(json).success ? (json as Manifest) : undefined
    const file = join(folder, manifestName.replace(/\.json$/, '.safetensors'))
    if (manifest?.unit !== unit || manifest.observations > logged()) return undefined
    const bytes = readIfThere(file)
    if (!bytes || manifest.sha256[`${nameOf(manifest.step)}.safetensors`] !== sha256(bytes)) return undefined
    const { step, meta, observations, seconds } = manifest
    return { step, meta, observations, seconds, tensors: readSafetensors(bytes, file).tensors }
  }

  /** Manifests first: what has none does not count, and is removed here if a kill left it. */
  const prune = (count: number) => {
    const kept = manifests().slice(0, count)
    for (const name of manifests().slice(count)) removeFile(join(folder, name))
    for (const name of namesIn(folder))
      if (name.startsWith(prefix) && name.endsWith('.safetensors') && !kept.includes(name.replace(/\.safetensors$/, '.json')))
        removeFile(join(folder, name))
  }

  return {
    save({ step, tensors, meta, observations, seconds }) {
      const name = nameOf(step)
      const bytes = writeSafetensors({ ...tensors }, { unit, step: String(step) })
      writeAtomically(join(folder, `${name}.safetensors`), bytes)
      const hashes = { [`${name}.safetensors`]: sha256(bytes) }
      writeJson(join(folder, `${name}.json`), { unit, step, meta, sha256: hashes, observations, seconds } satisfies Manifest)
      prune(2)
    },
    newest() {
      for (const name of manifests()) {
        const snapshot = load(name)
        if (snapshot) return snapshot
        notice(`checkpoint ${name.replace(/\.json$/, '')} is damaged; the one before it is used`)
        removeFile(join(folder, name))
      }
      return undefined
    },
    prune,
  }
}
