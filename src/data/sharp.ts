import type sharp from 'sharp'
import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'

const { createRequire } = builtin('node:module')

// In a file of its own: declarations that users read name nothing of sharp, whose own need a newer TypeScript than ours do.
export type Sharp = typeof sharp

/** The library that reads and writes pictures. @throws InputError where it is not installed. */
export function loadSharp(): Sharp {
  try {
    return createRequire(import.meta.url)('sharp') as Sharp // not imported: bundlers would follow it into pages
  } catch (cause) {
    throw new InputError('pictures are read and written with the package sharp, which is not usable here', {
      fix: 'install it with: npm install sharp',
      cause,
    })
  }
}
