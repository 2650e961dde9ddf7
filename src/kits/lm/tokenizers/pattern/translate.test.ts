import { describe, expect, test } from 'vitest'
import { translatePattern } from './translate.ts'

const found = (pattern: string, text: string): string[] => text.match(translatePattern(pattern)) ?? []

/* What Oniguruma finds, as Ruby's documentation of its patterns has it; interop/tokenizers.interop.ts asks Oniguruma itself on whole corpora. */
describe('patterns of tokenizer files', () => {
  test.each<[string, string, string[]]>([
    ['a++ab', 'aaab ab', []],
    ['a+ab', 'aaab', ['aaab']],
    ['(?>a|ab)c', 'abc ac', ['ac']],
    ['(?:ab)*+a', 'ababa', ['ababa']],
    ['(?:ab?)++b', 'abb', ['abb']],
    ['x?+x', 'xx x', ['xx']],
    ['a{2}+', 'aaaaa', ['aaaa']],
    ['a{,2}b', 'aaab', ['aab']],
    ['a{2}?b', 'aab b', ['aab', 'b']],
    ['a{1,2}?', 'aa', ['a', 'a']],
    ['a{x', 'a{x', ['a{x']],
    ["(?i:'s|'ll)", "'S 'ſ 'lL 'L", ["'S", "'ſ", "'lL"]],
    ['(?i)k(?-i:k)', 'Kk kk kK', ['Kk', 'kk']],
    ['(?i:[^k])', 'kKK!', ['!']],
    ['(?i:é)', 'Éé', ['É', 'é']],
    ['\\h+', 'xyzBEEF', ['BEEF']],
    ['\\p{Han}+|\\p{hiragana}', '水曜ひa', ['水曜', 'ひ']],
    ['\\p{^L}|\\P{^Lu}', 'aB1', ['B', '1']],
    ['[[:alpha:]&&[^aeiou]]+', 'strength', ['str', 'ngth']],
    ['[a-c[x-z]]+', 'abxyd', ['abxy']],
    ['[]a]+', 'a]b', ['a]']],
    ['[\\]\\-^]+', 'a]-^', [']-^']],
    ['[^\\S\\n]', 'a\n\u0085', ['\u0085']],
    ['\\s', '\u0085\ufeff', ['\u0085']],
    ['^.', 'ab\ncd', ['a', 'c']],
    ['.$', 'ab\ncd', ['b', 'd']],
    ['\\A.|.\\z', 'ab\ncd', ['a', 'd']],
    ['(?m:b.c)', 'b\nc', ['b\nc']],
    ['b.c', 'b\nc b\rc', ['b\rc']],
    ['\\R', '\r\n\n\u2028', ['\r\n', '\n', '\u2028']],
    ['\\bé', 'é aé', ['é']],
    ['(?<=a)b|(?<!a)c', 'ab ac cc', ['b', 'c', 'c']],
    ['(?<name>a)(b)', 'ab', ['ab']],
    ['\\x41\\u00e9\\x{1F30D}\\t\\e', 'Aé🌍\t\x1b', ['Aé🌍\t\x1b']],
    ['a(?#a note)b', 'ab', ['ab']],
  ])('%s in %j', (pattern, text, expected) => expect(found(pattern, text)).toEqual(expected))

  test.each([
    ['(a)\\1', 'has \\1, which is not known here, at offset 3'],
    ['(a', 'ends within a group'],
    ['a)', 'has a ")" too many at offset 1'],
    ['[a', 'ends within a class'],
    ['*a', 'repeats nothing, at offset 0'],
    ['\\p{Nonsense}', 'has the class "Nonsense"'],
    ['[[:nonsense:]]', 'has the class "nonsense"'],
    ['[z-a]', 'runs backwards'],
    ['\\K', 'has \\K'],
    ['\\', 'ends within an escape'],
    ['(?x:a b)', 'has the option x'],
    ['a(?i)b', 'has a group of a kind that is not known here, at offset 1'],
    ['(?<=a++b)c|(?<=(?>ab))c', 'has a possessive part in a look-behind'],
    ['a{1,2000}', 'repeats a part more than 1000 times'],
    ['('.repeat(60), 'is nested deeper than 50 groups'],
    ['a'.repeat(10_001), 'is longer than 10000 characters'],
    ['\\x{110000}', 'which there is not'],
  ])('%s is refused', (pattern, message) => expect(() => translatePattern(pattern, 'a file')).toThrow(message))

  test('an error quotes the beginning of a long pattern, and says where it stands', () => {
    expect(() => translatePattern(`${'a'.repeat(100)})`, 'a file')).toThrow(/^a file: the pattern "a{60}…" has/)
  })
})
