/** What is said of a category that the schema does not have. */
export const unknownValue = (name: string, value: unknown, known: readonly string[]): string =>
  `${name}: '${String(value)}' is none of ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`
