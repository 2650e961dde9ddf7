import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'

const { createRequire } = builtin('node:module')

/** A node of a syntax tree, as tree-sitter's grammar of Python names them. */
export interface SyntaxNode {
  readonly type: string
  /** Whether it is a rule of the grammar, not a token of punctuation. */
  readonly named: boolean
  /** Characters from the begin of the text. */
  readonly start: number
  readonly end: number
  /** Something that was expected and is not there. */
  readonly missing: boolean
  readonly children: readonly SyntaxNode[]
  /** The field of its parent that it is, such as `left`. */
  readonly field?: string
}

type Parse = (code: string) => SyntaxNode

let loaded: Promise<Parse> | undefined

/**
 * Python's parser; it gives a tree for any text, with nodes of type ERROR where it is no Python.
 *
 * @throws InputError where web-tree-sitter or tree-sitter-python is not installed.
 */
export function pythonParser(): Promise<Parse> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Parse> {
  const { Parser, Language } = await import('web-tree-sitter').catch(missing)
  const grammar = await findGrammar()
  await Parser.init()
  const parser = new Parser()
  parser.setLanguage(await Language.load(grammar))
  return (code) => {
    const tree = parser.parse(code)
    if (!tree) throw new InputError('the code could not be parsed')
    const cursor = tree.walk()
    const root = plainNode(cursor)
    cursor.delete()
    tree.delete()
    return root
  }
}

async function findGrammar(): Promise<string> {
  try {
    return createRequire(import.meta.url).resolve('tree-sitter-python/tree-sitter-python.wasm')
  } catch (cause) {
    return missing(cause)
  }
}

const missing = (cause: unknown): never => {
  throw new InputError('parsing Python needs web-tree-sitter and tree-sitter-python', {
    fix: 'npm install web-tree-sitter tree-sitter-python',
    cause,
  })
}

/** The tree below a cursor as plain data, which needs not be freed. Deep trees are walked without recursion. */
function plainNode(cursor: import('web-tree-sitter').TreeCursor): SyntaxNode {
  type Growing = { -readonly [K in keyof SyntaxNode]: SyntaxNode[K] } & { children: Growing[] }
  const here = (): Growing => ({
    type: cursor.nodeType,
    named: cursor.nodeIsNamed,
    start: cursor.startIndex,
    end: cursor.endIndex,
    missing: cursor.nodeIsMissing,
    children: [],
    ...(cursor.currentFieldName && { field: cursor.currentFieldName }),
  })
  const root = here()
  const path = [root]
  for (;;) {
    if (cursor.gotoFirstChild()) {
      const child = here()
      path.at(-1)!.children.push(child)
      path.push(child)
      continue
    }
    while (!cursor.gotoNextSibling()) {
      path.pop()
      if (path.length === 0 || !cursor.gotoParent()) return root
    }
    path.pop()
    const sibling = here()
    path.at(-1)!.children.push(sibling)
    path.push(sibling)
  }
}

/** All nodes of a tree, parents before their children. */
export function* nodesOf(root: SyntaxNode): Generator<SyntaxNode> {
  const waiting = [root]
  while (waiting.length > 0) {
    const node = waiting.pop()!
    yield node
    for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i])
  }
}

/**
 * Whether a text is Python by its grammar and the layout of its lines. (A compiler refuses more: a `return` outside of a function is Python by its grammar.)
 *
 * @example
 * await isPython('print(') // false
 */
export async function isPython(code: string): Promise<boolean> {
  const parse = await pythonParser()
  for (const node of nodesOf(parse(code))) if (node.type === 'ERROR' || node.missing || !isLaidOut(node, code)) return false
  return true
}

/** What the parser lets pass: empty blocks, statements that nothing separates, lines of one block with unlike indentation. */
function isLaidOut({ type, children }: SyntaxNode, code: string): boolean {
  if (type !== 'block' && type !== 'module') return true
  const statements = children.filter((child) => child.type !== 'comment')
  if (type === 'block' && statements.length === 0) return false
  const indents = new Set(type === 'module' ? [''] : [])
  for (const [i, { start }] of statements.entries()) {
    const before = code.slice(0, start)
    const line = before.slice(before.lastIndexOf('\n') + 1)
    if (line.trim() === '') indents.add(line)
    else if (i > 0 && statements[i].type !== ';' && statements[i - 1].type !== ';') return false
  }
  return indents.size <= 1
}

/**
 * The names of what a text calls, each once: `f(x)` calls f, `a.b(x)` calls b.
 *
 * @example
 * await calledFunctions('sorted(os.listdir(p))') // ['sorted', 'listdir']
 */
export async function calledFunctions(code: string): Promise<string[]> {
  const parse = await pythonParser()
  const names: string[] = []
  for (const node of nodesOf(parse(code))) {
    if (node.type !== 'call') continue
    const called = node.children.find(({ field }) => field === 'function')
    const name = called?.type === 'attribute' ? called.children.find(({ field }) => field === 'attribute') : called
    if (name?.type === 'identifier') names.push(code.slice(name.start, name.end))
  }
  return [...new Set(names)]
}
