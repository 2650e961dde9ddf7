import { z } from 'zod'
import type { DiffusionConfig } from '../denoiser.ts'
import { scheduleNames } from '../schedule.ts'

/* A config comes from a file that anybody may have written: extents that no honest model has are refused before anything is made of them. */

const count = (most: number) => z.number().int().min(1).max(most)
const extent = count(1 << 20)
const pair = z.tuple([z.number(), z.number()])

const mlp = z.object({
  kind: z.literal('mlp'),
  width: extent,
  hidden: z.array(extent).max(1000),
  embedding: extent.optional(),
  embed: z.enum(['blocks', 'input']).optional(),
  norm: z.boolean().optional(),
  scale: z.number().optional(),
})

const unet = z.object({
  kind: z.literal('unet'),
  channels: extent,
  multiples: z.array(count(1000)).min(1).max(20),
  blocks: count(100),
  attention: z.array(extent).max(20),
  heads: count(1000).optional(),
  dropout: z.number().min(0).max(1).optional(),
  groups: extent.optional(),
  inner: z.array(extent).max(5000).optional(),
  innerGroups: z.array(extent).max(5000).optional(),
  imageChannels: count(1000).optional(),
  embedding: z.enum(['step', 'gamma']).optional(),
  init: z.enum(['zero', 'orthogonal']).optional(),
  scale: z.number().optional(),
})

const attention = z.object({
  kind: z.literal('attention'),
  patch: extent,
  width: extent,
  depth: count(1000),
  heads: count(1000),
  hidden: z.array(extent).max(1000).optional(),
  blockHeads: z.array(count(1000)).max(1000).optional(),
  scale: z.number().optional(),
})

/** A noise process as plain data. */
export const processSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('discrete'),
    steps: count(1e6),
    schedule: z.enum(scheduleNames as readonly [string, ...string[]]),
    betas: pair.optional(),
  }),
  z.object({ kind: z.enum(['vp', 'subVp']), betas: pair }),
  z.object({ kind: z.literal('ve'), sigmas: pair }),
  z.object({ kind: z.literal('edm'), sigmas: pair, train: pair }),
])

const config = z.object({
  network: z.discriminatedUnion('kind', [mlp, unet, attention]),
  process: processSchema,
  predict: z.enum(['eps', 'x0', 'v', 'score', 'edm']),
  skip: z.boolean().optional(),
  sigmaData: z.number().positive().optional(),
  shape: z.array(extent).min(1).max(4),
  range: pair.optional(),
  classes: count(1e6).optional(),
  variance: z.literal('learned').optional(),
})

/** A diffusion model's config as it stands in files. */
export const configSchema = config as unknown as z.ZodType<DiffusionConfig>
