import { z } from 'zod'

/* What the files of a run folder must hold for what reads them; whatever else they say is kept as it is. A file comes from anywhere. */

const count = z.number().int().min(0)
const hash = z.string()
const numbers = z.record(z.string(), z.number().nullable())
const curve = z.object({ x: z.array(z.number().nullable()), y: z.array(z.number().nullable()) })
const itemFile = z.looseObject({
  name: z.string(),
  path: z.string(),
  rows: count,
  columns: z.array(z.string()),
  bytes: count,
  sha256: hash,
})

const texts = z.record(z.string(), z.string())
const about = z.looseObject({ title: z.string(), arxiv: z.string(), summary: z.looseObject({ en: z.string(), zh: z.string() }) })
const provenance = z.looseObject({
  name: z.string(),
  real: z.boolean(),
  source: z.string(),
  sha256: hash,
  licence: z.string().optional(),
})
const split = z.looseObject({
  name: z.string(),
  of: z.string().optional(),
  by: z.string(),
  seed: count.optional(),
  size: count,
  groups: count,
  sha256: hash,
  duplicates: z.record(z.string(), count).optional(),
})

/** run.json */
export const storedRun = z.looseObject({
  schema: z.number(),
  method: z.string().min(1),
  id: z.string(),
  about: about.optional(),
  preset: z.enum(['smoke', 'small', 'paper']),
  seeds: z.array(count),
  config: z.record(z.string(), z.unknown()),
  settings: z.record(z.string(), z.unknown()),
  device: z.enum(['cpu', 'webgpu', 'cuda']),
  versions: z.looseObject({ quire: z.string(), node: z.string(), onnxruntime: z.string() }),
  machine: z.looseObject({ cpu: z.string(), cores: z.number(), threads: z.number(), memoryBytes: z.number(), platform: z.string() }),
  code: z.looseObject({ commit: z.string().optional(), sha256: hash, packages: texts, dependencies: z.string() }).optional(),
  command: z.array(z.string()),
  like: z.string().optional(),
  dataFrom: z.string().optional(),
  data: provenance.optional(),
  splits: z.array(split).optional(),
  units: z.array(
    z.looseObject({ unit: z.string(), arm: z.string(), seed: count, parameters: z.number(), flops: z.number(), bytes: z.number() }),
  ),
  parallel: z.looseObject({ shards: z.union([count, z.literal('fast')]), ranks: count }).optional(),
  atATime: z.number().optional(),
  status: z.enum(['running', 'complete']),
  started: z.iso.datetime(),
  finished: z.iso.datetime().optional(),
  resumed: z.array(z.iso.datetime()),
})

/** units/<unit>.json */
export const storedUnit = z.looseObject({
  unit: z.string(),
  arm: z.string(),
  seed: count,
  measurements: numbers,
  series: z.record(z.string(), curve),
  items: z.array(itemFile).optional(),
  seconds: z.number(),
  peakBytes: z.number(),
  observations: count,
  diverged: z.string().optional(),
})

/** checkpoints/<unit>--step-<n>.json */
export const storedCheckpoint = z.looseObject({
  unit: z.string(),
  step: count,
  sha256: z.record(z.string(), hash),
  observations: count,
  seconds: z.number(),
})

/** A file in the folder, and not beside it. */
const inside = z.string().regex(/^(?!\/|.*(^|\/)\.\.(\/|$)).+$/)

/** manifest.json */
export const storedManifest = z.looseObject({
  schema: z.literal(1),
  files: z.array(z.looseObject({ path: inside, sha256: hash })),
})
