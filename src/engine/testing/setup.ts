import { configureGlobal } from 'fast-check'
import { afterAll } from 'vitest'

/*
 * Before every file of tests. Files share processes (vitest.config.ts says which do not), so what one changes of the process ends with it. And where
 * `QUIRE_PROPERTY_SEED` is set, properties draw the same examples again; without it they draw others each time.
 */

const [home, env] = [process.cwd(), { ...process.env }]
afterAll(() => {
  process.chdir(home)
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
})

if (process.env.QUIRE_PROPERTY_SEED) {
  const seed = Number(process.env.QUIRE_PROPERTY_SEED)
  if (!Number.isInteger(seed)) throw new Error(`QUIRE_PROPERTY_SEED is a whole number, not '${process.env.QUIRE_PROPERTY_SEED}'`)
  configureGlobal({ seed })
}
