import { readVaeConfig } from '../src/kits/vae/files.ts'
import { readSplits } from '../src/methods/pfami/trained-folder.ts'
import type { Reader } from './readers.ts'

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const vaeConfig: Reader = {
  name: 'vae-config',
  text: true,
  good: async () => [
    encode({ model: 'vae', kind: 'mlp', hidden: [8, 8], latent: 2, shape: [16], range: [-1, 1] }),
    encode({ model: 'vae', kind: 'conv', hidden: [4], latent: 2, shape: [1, 8, 8], range: [0, 1] }),
  ],
  read: (bytes, where) => readVaeConfig(new TextDecoder().decode(bytes), where),
  words: ['"conv"', '"hidden":[', '"range":[1,-1]', '1e999', 'null'],
}

const splits: Reader = {
  name: 'pfami-splits',
  text: true,
  good: async () => [
    encode({
      version: 1,
      models: { target: 'target', reference: 'reference' },
      records: { members: 'members.npy', nonMembers: 'nonMembers.npy' },
    }),
  ],
  read: readSplits,
  words: ['"models":{', '"../"', '"version":2', 'null'],
}

/** What an audit reads beside models and records. */
export const audits: readonly Reader[] = [vaeConfig, splits]
