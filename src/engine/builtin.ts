import { InputError } from './errors.ts'

type Builtin = typeof process.getBuiltinModule

/**
 * A module of Node's. Asked of the process and not imported, so that what uses it loads in a page too; there, each of its functions is an error
 * that says so.
 */
export const builtin: Builtin = (name: string) =>
  globalThis.process?.getBuiltinModule?.(name) ??
  (new Proxy({}, { get: (_, member) => () => absent(`${name.replace('node:', '')}.${String(member)}`) }) as never)

const absent = (what: string): never => {
  throw new InputError(`${what} is asked for, which only Node has`, {
    fix: 'in a page, fetch the bytes and give them to parseCsv, parseIdx, parseNpy …',
  })
}
