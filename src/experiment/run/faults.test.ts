import { expect, test } from 'vitest'
import { modes, sweep } from '../testing/sweep.ts'
import { walk } from '../testing/walk.ts'

test.each(modes)(
  '%s at the k-th file operation, for every k of a run: what resumes is the same',
  async (mode) => {
    const { operations, cases, failures } = await sweep(walk(), { preset: 'smoke', settings: { steps: 15 } }, { modes: [mode] })
    console.log(`${mode}: ${cases} of ${operations} operations`)
    expect(failures).toEqual([])
    expect(cases).toBeGreaterThan(300)
  },
  120_000,
)
