import { configureGlobal } from 'fast-check'

/** Before every test file where `QUIRE_PROPERTY_SEED` is set: properties draw the same examples again. Without it they draw others each time. */
const seed = Number(process.env.QUIRE_PROPERTY_SEED)
if (!Number.isInteger(seed)) throw new Error(`QUIRE_PROPERTY_SEED is a whole number, not '${process.env.QUIRE_PROPERTY_SEED}'`)
configureGlobal({ seed })
