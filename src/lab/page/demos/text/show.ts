const names: Readonly<Record<number, string>> = { 256: '⟨pad⟩', 257: '⟨begin⟩', 258: '⟨end⟩', 259: '⟨reserved⟩' }

/** How a token is written for people: blanks as signs, a part of a longer character by its byte. Both tokenizers have bytes as their first ids. */
export function tokenText(id: number, text: string): string {
  if (id > 127 && id < 256) return `0x${id.toString(16).toUpperCase()}`
  return names[id] ?? text.replaceAll(' ', '␣').replaceAll('\n', '↵').replaceAll('\t', '⇥')
}
