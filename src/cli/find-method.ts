import { unknownName } from '../experiment/nearest.ts'
import type { Method } from '../methods/method.ts'

/** A method by its name, or an error with the nearest known one. */
export function findMethod(methods: readonly Method[], name: string): Method {
  const found = methods.find((method) => method.name === name)
  if (!found)
    throw unknownName(
      'method',
      name,
      methods.map((method) => method.name),
    )
  return found
}
