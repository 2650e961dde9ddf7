/*
 * Pieces of program text that a reader's eye looks for: comments, strings, numbers, words of the language. Not a parser: what it takes for something else
 * is the wrong colour, and no more.
 */

export const tokenKinds = ['comment', 'string', 'number', 'keyword'] as const
export type TokenKind = (typeof tokenKinds)[number]

export interface Token {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

const verilog = words(
  'module endmodule input output inout wire reg logic assign always always_comb always_ff initial begin end if else case casez casex endcase default for generate endgenerate genvar function endfunction task endtask parameter localparam posedge negedge signed integer or and not xor nand nor xnor buf',
)
const python = words(
  'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield',
)
const script = words(
  'async await break case catch class const continue default do else export extends false finally for function if import in instanceof interface let new null of return static super switch this throw true try type typeof undefined var void while yield int float double char bool struct enum include define',
)

const slashes = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/.source
const hashes = /#[^\n]*/.source
const string = /"(?:[^"\\\n]|\\.)*"?/.source
const strings = `${string}|${/'(?:[^'\\\n]|\\.)*'?/.source}`
/** `8'hFF` too. */
const number = /\d+'s?[bodhBODH][\da-fA-FxzXZ_?]+|\b0[xXbBoO][\da-fA-F_]+|\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?/.source

interface Language {
  readonly pattern: string
  readonly keywords: ReadonlySet<string>
}

/** Comments, strings, numbers and words, each in its own group. */
const pattern = (comment: string, text: string): string => `(${comment})|(${text})|(${number})|([A-Za-z_$][\\w$]*)`

const hdl: Language = { pattern: pattern(slashes, string), keywords: verilog }
const py: Language = { pattern: pattern(hashes, strings), keywords: python }
const ts: Language = { pattern: pattern(slashes, `${strings}|${/`(?:[^`\\]|\\[\s\S])*`?/.source}`), keywords: script }
const json: Language = { pattern: pattern('(?!)', string), keywords: words('true false null') }
const settings: Language = { pattern: pattern(hashes, strings), keywords: words('true false null') }

const languages: ReadonlyMap<string, Language> = new Map([
  ...['v', 'sv', 'vh', 'svh'].map((ending) => [ending, hdl] as const),
  ...['py', 'sh'].map((ending) => [ending, py] as const),
  ...['ts', 'js', 'mjs', 'c', 'h', 'cpp', 'cu'].map((ending) => [ending, ts] as const),
  ...['json', 'jsonl'].map((ending) => [ending, json] as const),
  ...['yaml', 'yml', 'toml'].map((ending) => [ending, settings] as const),
])

/** The tokens of a text that are worth a colour, by the ending of its file's name; none for prose. */
export function tokensOf(path: string, text: string): Token[] {
  const language = languages.get(/[^.]*$/.exec(path.toLowerCase())![0])
  if (!language) return []
  return Array.from(text.matchAll(new RegExp(language.pattern, 'g'))).flatMap(({ 0: whole, 1: a, 2: b, 3: c, index }): Token[] => {
    const kind =
      a !== undefined
        ? 'comment'
        : b !== undefined
          ? 'string'
          : c !== undefined
            ? 'number'
            : language.keywords.has(whole)
              ? 'keyword'
              : undefined
    return kind ? [{ kind, start: index, end: index + whole.length }] : []
  })
}
