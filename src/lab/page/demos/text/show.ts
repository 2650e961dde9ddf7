/** How a byte is written for people: letters as they are, blanks as signs, parts of longer characters by their number. */
export function byteText(id: number): string {
  if (id === 10) return '↵'
  if (id === 32) return '␣'
  if (id === 9) return '⇥'
  if (id > 32 && id < 127) return String.fromCharCode(id)
  if (id < 256) return `0x${id.toString(16).toUpperCase().padStart(2, '0')}`
  return ['⟨pad⟩', '⟨begin⟩', '⟨end⟩', '⟨reserved⟩'][id - 256] ?? `#${id}`
}
