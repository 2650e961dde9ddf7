import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InputError } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import { loadModel } from './saved-model.ts'

test.each([{ quire: '{torn' }, { quire: '{"network":"mlp"}' }, {}])(
  'weights with the description %j are refused in one line',
  async (metadata) => {
    const folder = await mkdtemp(join(tmpdir(), 'quire-'))
    try {
      await writeFile(join(folder, 'weights.safetensors'), writeSafetensors({}, metadata as Record<string, string>))
      await expect(loadModel(folder)).rejects.toThrow(InputError)
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
