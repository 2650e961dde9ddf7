import { InputError } from '../../../engine/index.ts'
import { bleu } from '../bleu.ts'
import { nGramCounts, sharedCount, totalOf, wordsOf } from '../n-grams.ts'
import { nodesOf, pythonParser, type SyntaxNode } from '../python/parse.ts'
import { type DataFlowEdge, dataFlow } from './data-flow.ts'

/**
 * `proper`: Python as it is, without its comments. `official`: as the paper's code scored it: predictions in one line, where programs of several lines are
 * no Python any more, comments removed as if they were Java's, and no penalty for brevity in the weighted match.
 */
export type CodeBleuMode = 'proper' | 'official'

/** Each 0 to 1. */
export interface CodeBleu {
  readonly codebleu: number
  readonly bleu: number
  readonly weightedMatch: number
  readonly astMatch: number
  readonly dataFlowMatch: number
}

/** Those of Python 3.8, which weigh five times a word. */
const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
)

/**
 * CodeBLEU of a corpus of Python (Ren et al. 2020): a quarter each of BLEU-4, of n-gram recall with keywords weighing more, of the reference's subtrees found
 * in the prediction, and of its data flow found there.
 *
 * @throws InputError for lists of unlike or no length, or where Python's parser is not installed.
 * @example
 * const { codebleu } = await codeBleu(['x = 1 + y'], ['x = 1 + y']) // 1
 */
export async function codeBleu(
  references: readonly string[],
  predictions: readonly string[],
  { mode = 'proper' }: { readonly mode?: CodeBleuMode } = {},
): Promise<CodeBleu> {
  if (references.length !== predictions.length || references.length === 0)
    throw new InputError(`CodeBLEU needs as many predictions as references, not ${predictions.length} and ${references.length}`)
  const parse = await pythonParser()
  const pairs = references.map((reference, i) => ({ reference: reference.trim(), prediction: predictions[i].trim() }))
  const prepared =
    mode === 'official' ? pairs.map(({ reference, prediction }) => ({ reference, prediction: prediction.replace(/[\n\t]/g, ' ') })) : pairs
  const words = prepared.map(({ reference, prediction }) => ({ hypothesis: wordsOf(prediction), references: [wordsOf(reference)] }))
  const parsed = prepared.map(({ reference, prediction }) =>
    [reference, prediction].map((text) => {
      const code = mode === 'official' ? withoutJavaComments(text) : text
      return { code, root: parse(code) }
    }),
  )
  const parts = {
    bleu: bleu(words).score,
    weightedMatch: weightedMatch(
      words.map(({ hypothesis, references: [reference] }) => ({ hypothesis, reference })),
      mode,
    ),
    astMatch: astMatch(parsed.map(([reference, prediction]) => ({ reference: reference.root, prediction: prediction.root }))),
    dataFlowMatch: dataFlowMatch(
      parsed.map(([reference, prediction]) => [reference, prediction].map(({ root, code }) => dataFlow(root, code))),
    ),
  }
  return { codebleu: Object.values(parts).reduce((sum, part) => sum + part, 0) / 4, ...parts }
}

const withoutJavaComments = (code: string): string =>
  code.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^\\'])*'|"(?:\\[\s\S]|[^\\"])*"/g, (found) =>
    found.startsWith('/') ? ' ' : found,
  )

/** Recall of n-grams up to 4, of 1-grams with 1 for a keyword and 0.2 for another word. */
function weightedMatch(pairs: readonly { hypothesis: readonly string[]; reference: readonly string[] }[], mode: CodeBleuMode): number {
  const [hits, all] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]
  let [own, wanted] = [0, 0]
  for (const { hypothesis, reference } of pairs) {
    own += hypothesis.length
    // The reference implementation takes the length of a pair, the words and their weights, for that of the words.
    wanted += mode === 'official' ? 2 : reference.length
    for (const n of [1, 2, 3, 4]) {
      const [found, sought] = [nGramCounts(hypothesis, n), nGramCounts(reference, n)]
      if (n === 1) {
        const [weighed, total] = [
          weigh(sought, (gram) => Math.min(sought.get(gram)!, found.get(gram) ?? 0)),
          weigh(sought, (gram) => sought.get(gram)!),
        ]
        hits[0] += weighed
        all[0] += Math.max(1, total)
      } else {
        hits[n - 1] += sharedCount(sought, found)
        all[n - 1] += Math.max(1, totalOf(sought))
      }
    }
  }
  if (hits[0] === 0) return 0
  const brevity = own > wanted ? 1 : Math.exp(1 - wanted / own)
  const recalls = hits.map((count, i) => (count === 0 ? 0.1 : count) / all[i])
  return brevity * Math.exp(recalls.reduce((sum, r) => sum + Math.log(r), 0) / 4)
}

const weigh = (counts: ReadonlyMap<string, number>, amount: (gram: string) => number): number =>
  [...counts.keys()].reduce((sum, gram) => sum + (keywords.has(gram) ? 1 : 0.2) * amount(gram), 0)

/** The share of the references' subtrees that stand in the prediction, over the corpus. */
function astMatch(pairs: readonly { reference: SyntaxNode; prediction: SyntaxNode }[]): number {
  let [hits, all] = [0, 0]
  for (const { reference, prediction } of pairs) {
    const found = new Set(subtrees(prediction))
    const sought = subtrees(reference)
    hits += sought.filter((tree) => found.has(tree)).length
    all += sought.length
  }
  return all === 0 ? 0 : hits / all
}

/**
 * The root and all subtrees with children, as expressions of the types of their named nodes and their fields; comments do not count. What the parser
 * misses stands in them as such: a tree that had to be mended is not that of the mended text.
 */
function subtrees(root: SyntaxNode): string[] {
  const texts = new Map<SyntaxNode, string>()
  const nodes = [...nodesOf(root)].filter(({ type }) => type !== 'comment')
  // Children come after their parents.
  for (const node of nodes.toReversed()) {
    const inner = node.children.flatMap((child) =>
      (child.named || child.missing) && texts.has(child) ? `${child.field ? `${child.field}: ` : ''}${texts.get(child)}` : [],
    )
    texts.set(node, `(${[node.missing ? `MISSING ${node.type}` : node.type, ...inner].join(' ')})`)
  }
  return nodes.filter((node) => node === root || node.children.length > 0).map((node) => texts.get(node)!)
}

/** The share of the references' edges that the prediction has as well, variables by the order in which they appear. */
function dataFlowMatch(pairs: readonly (readonly DataFlowEdge[])[][]): number {
  let [hits, all] = [0, 0]
  for (const [reference, prediction] of pairs) {
    const left = anonymous(prediction)
    for (const edge of anonymous(reference)) {
      all++
      const at = left.indexOf(edge)
      if (at < 0) continue
      hits++
      left.splice(at, 1)
    }
  }
  return all === 0 ? 0 : hits / all
}

function anonymous(edges: readonly DataFlowEdge[]): string[] {
  const names = new Map<string, string>()
  const nameOf = (variable: string) => {
    if (!names.has(variable)) names.set(variable, `var_${names.size}`)
    return names.get(variable)!
  }
  return edges.map(({ variable, kind, sources }) => {
    const from = [...new Set(sources.map((source) => source.variable))].map(nameOf)
    return [nameOf(variable), kind, ...from].join(' ')
  })
}
