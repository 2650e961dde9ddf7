/** What trackers take as the value of a parameter. */
export type Scalar = number | string | boolean

/**
 * A config with its groups opened: `{ mlp: { epochs: 3 } }` becomes `{ 'mlp.epochs': 3 }`. Lists, and what has no value, become JSON texts.
 */
export function flatConfig(config: object, prefix = ''): Record<string, Scalar> {
  const entries = Object.entries(config).flatMap(([key, value]): [string, Scalar][] => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(flatConfig(value, `${prefix}${key}.`))
    const scalar = ['number', 'string', 'boolean'].includes(typeof value) ? (value as Scalar) : JSON.stringify(value ?? null)
    return [[`${prefix}${key}`, scalar]]
  })
  return Object.fromEntries(entries)
}
