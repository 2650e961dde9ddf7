// An example as a module of its own: with the imports that it leaves to its reader, and with what it says of its values made into checks.
import { parseSync } from 'vite'

/** The names that a pattern binds. */
function boundBy(pattern) {
  if (pattern?.type === 'Identifier') return [pattern.name]
  if (pattern?.type === 'ObjectPattern') return pattern.properties.flatMap((property) => boundBy(property.value ?? property.argument))
  if (pattern?.type === 'ArrayPattern') return pattern.elements.flatMap((element) => boundBy(element?.argument ?? element))
  return pattern?.type === 'AssignmentPattern' ? boundBy(pattern.left) : []
}

/** The names that a statement declares or imports. */
function declaredBy(statement) {
  if (statement.type === 'ImportDeclaration') return statement.specifiers.map(({ local }) => local.name)
  const declaration = statement.declaration ?? statement
  if (declaration.type === 'VariableDeclaration') return declaration.declarations.flatMap(({ id }) => boundBy(id))
  return declaration.id ? [declaration.id.name] : []
}

/** The names that an example mentions, but not as members or keys. */
function mentionedIn(program) {
  const used = new Set()
  JSON.stringify(program, (key, value) => {
    if (key === 'key' && value?.type === 'Identifier') return undefined
    if (value?.type === 'MemberExpression' && !value.computed) return { object: value.object }
    if (value?.type === 'Identifier') used.add(value.name)
    return typeof value === 'bigint' ? String(value) : value
  })
  return used
}

/**
 * An example with imports. Names that it does not import come from its own entry point, or else from `quire`.
 *
 * @param code the example
 * @param offered `[entry, names]` in the order in which they are asked
 */
export function withImports(code, offered) {
  const { program, errors } = parseSync('example.ts', code)
  if (errors.length > 0) throw new Error(`does not parse: ${errors[0].message}`)
  const declared = new Set(program.body.flatMap(declaredBy))
  const wanted = [...mentionedIn(program)].filter((name) => !declared.has(name))
  const imports = []
  for (const [entry, names] of offered) {
    const taken = wanted.filter((name) => names.has(name) && !imports.some((line) => line.names.includes(name)))
    if (taken.length > 0) imports.push({ names: taken, text: `import { ${taken.join(', ')} } from '${entry}'` })
  }
  return [...imports.map(({ text }) => text), code, 'export {}'].join('\n')
}

/** `expression // value` as `$check(expression, 'value')`, also where the expression is printed. */
export function withChecks(code) {
  const { program, comments } = parseSync('example.ts', code)
  let result = code
  let checks = 0
  for (const statement of program.body.toReversed()) {
    if (statement.type !== 'ExpressionStatement') continue
    const comment = comments.find(
      ({ start, type }) => type === 'Line' && start >= statement.end && !code.slice(statement.end, start).includes('\n'),
    )
    if (!comment) continue
    const { expression } = statement
    const printed = expression.callee && code.slice(expression.callee.start, expression.callee.end) === 'console.log'
    const subject = printed ? expression.arguments[0] : expression
    const call = `;$check(${code.slice(subject.start, subject.end)}, ${JSON.stringify(comment.value.trim())})`
    result = `${result.slice(0, statement.start)}${call}${result.slice(statement.end)}`
    checks++
  }
  return { code: result, checks }
}
