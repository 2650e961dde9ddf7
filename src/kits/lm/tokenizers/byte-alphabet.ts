/** Bytes that are printable characters of Latin-1 stand for themselves. */
const isPrintable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174

/**
 * The printable characters that stand for bytes in the files of byte-level tokenizers (GPT-2): byte → character. The bytes that are not printable get the
 * characters from U+0100 on, in order, so a space is `Ġ`.
 */
export const byteCharacters: readonly string[] = (() => {
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++))
})()

/** Character code → byte; −1 where it stands for none. */
const byteOfCode: Int16Array = (() => {
  const table = new Int16Array(512).fill(-1)
  for (const [byte, character] of byteCharacters.entries()) table[character.charCodeAt(0)] = byte
  return table
})()

/** The bytes that a token's text stands for; undefined where a character stands for none. */
export function bytesOfCharacters(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const byte = code < 512 ? byteOfCode[code] : -1
    if (byte < 0) return undefined
    bytes[i] = byte
  }
  return bytes
}

/** A token's text, from its bytes. */
export const charactersOfBytes = (bytes: Iterable<number>): string => Array.from(bytes, (byte) => byteCharacters[byte]).join('')
