import { pythonParser, type SyntaxNode } from './parse.ts'

/** Forms of the same thing: a tuple with or without parentheses, as a value or as a target. */
const sameAs: Readonly<Record<string, string>> = { pattern_list: 'tuple', tuple_pattern: 'tuple', expression_list: 'tuple' }

/** Marks that say nothing which the tree does not; a comma does within brackets, where x[1,] is not x[1]. */
const silent = new Set(['(', ')', '[', ']', '{', '}', ';', ','])

/**
 * A text of which only the syntax tree counts: white space without a meaning, comments, the kind of quotes, parentheses that only group, trailing commas and
 * semicolons are all the same. Two texts have the same one where Python's `ast.dump` is the same, but for constants in another notation (`0x10` and `16`,
 * `'a' 'b'` and `'ab'`).
 *
 * @example
 * (await inSyntax("f( ('a'), )  # call")) === (await inSyntax('f("a")')) // true
 */
export async function inSyntax(code: string): Promise<string> {
  const parse = await pythonParser()
  return written(parse(code), code)
}

function written(node: SyntaxNode, code: string, parent?: SyntaxNode): string {
  if (node.type === 'comment' || (silent.has(node.type) && !(node.type === ',' && parent?.type === 'subscript'))) return ''
  if (node.missing) return `(MISSING ${node.type})`
  if (node.type === 'string') return writtenString(node, code)
  const inner = node.children.map((child) => written(child, code, node)).filter(Boolean)
  // Whatever groups is as good as what it groups, since trees need no parentheses.
  if (node.type === 'parenthesized_expression') return inner.join(' ')
  if (node.children.length === 0) return JSON.stringify(code.slice(node.start, node.end))
  const tree = `(${[sameAs[node.type] ?? node.type, ...inner].join(' ')})`
  // A generator may be an argument without parentheses of its own.
  return node.type === 'generator_expression' && node.field === 'arguments' ? `(argument_list ${tree})` : tree
}

/** Its prefix, and what stands in it whatever the quotes; what is interpolated is syntax of its own. */
function writtenString(node: SyntaxNode, code: string): string {
  const parts = node.children.map((child) => {
    if (child.type === 'string_start') return code.slice(child.start, child.end).replace(/["']+/, '').toLowerCase()
    if (child.type === 'string_end') return ''
    if (child.type === 'interpolation') return written(child, code, node)
    return JSON.stringify(code.slice(child.start, child.end).replace(/\\(["'])/g, '$1'))
  })
  return `(string ${parts.filter(Boolean).join(' ')})`
}
