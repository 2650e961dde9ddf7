import { decodeText } from '../files.ts'

/** The lines of a UTF-8 file, without carriage returns and without the empty line after the last newline. @throws InputError where it is not UTF-8. */
export function linesOf(content: Uint8Array, where: string): string[] {
  const lines = decodeText(content, where).replaceAll('\r', '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** The records of a checked JSON-lines file. */
export const recordsOf = <Row>(content: Uint8Array, where: string): Row[] =>
  linesOf(content, where)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
