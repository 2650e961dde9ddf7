import fc from 'fast-check'

const character = fc.oneof(
  fc.constantFrom(...' \t\r\n\u0085\ufeff\u00a0\u2028\u3000\'sStTlLrRdDveEmM.,;-_!"0123456789²Ⅷ٣αΣςßİéﬁ水日한ह🌍👩\u200d\u0301<|>▁\0\x1c'),
  fc.integer({ min: 0, max: 0xd7ff }).map((code) => String.fromCodePoint(code)),
  fc.integer({ min: 0xe000, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
)

/** Any text; characters that tokenizers treat in some special way are more common. */
export const anyText = (maxLength = 100): fc.Arbitrary<string> => fc.array(character, { maxLength }).map((all) => all.join(''))
