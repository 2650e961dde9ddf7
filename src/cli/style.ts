import type { Terminal } from './terminal.ts'

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const
export type Style = keyof typeof codes

/** Colours text if results go to a terminal that wants colours (NO_COLOR, FORCE_COLOR). */
export function painter({ outIsTty, env }: Pick<Terminal, 'outIsTty' | 'env'>): (style: Style, text: string) => string {
  const colours = env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : outIsTty && env.TERM !== 'dumb'
  return (style, text) => (colours ? `\x1b[${codes[style]}m${text}\x1b[0m` : text)
}

export { aligned } from '../experiment/format.ts'

/** Text in lines of at most `width`, each after `indent`. */
export function wrapped(text: string, width = 100, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line && line.length + word.length + 1 > width) {
      lines.push(indent + line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  return line ? [...lines, indent + line] : lines
}
