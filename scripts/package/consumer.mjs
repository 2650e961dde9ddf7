// A stranger's project: a TypeScript file that imports every entry, one that requires them all, and settings for two kinds of resolution.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const program = (names) => `${names.map((name, i) => `import * as entry${i} from '${name}'`).join('\n')}
import { grad, type Tensor, sum, square, tensor } from 'quire'

const gradient: Tensor = grad((x: Tensor) => sum(square(x)))(tensor([1, 2, 3]))
const values = Array.from(await gradient.data())
if (String(values) !== '2,4,6') throw new Error(\`the gradient is \${values}\`)
const empty = [${names.map((_, i) => `entry${i}`).join(', ')}].findIndex((entry) => Object.keys(entry).length === 0)
if (empty >= 0) throw new Error(\`entry \${empty} is empty\`)
const deep = 'quire/dist/engine/index.js'
const reached: unknown = await import(deep).catch(() => undefined)
if (reached !== undefined) throw new Error(\`\${deep} can be imported\`)
`

const required = (names) => `const entries = ${JSON.stringify(names)}.map((name) => require(name))
const [{ grad, sum, square, tensor }] = entries
grad((x) => sum(square(x)))(tensor([1, 2, 3])).data().then((values) => {
  if (String(Array.from(values)) !== '2,4,6') throw new Error(\`the gradient is \${values}\`)
})
`

const page = (names) => `${names.map((name, i) => `import * as entry${i} from '${name}'`).join('\n')}
export const entries = [${names.map((_, i) => `entry${i}`).join(', ')}]
`

/**
 * Writes the project's files: a program that imports every entry, with Node's types; a page's program that imports those for pages, without them; and
 * the settings to check them as strictly as can be.
 */
export function consumer(folder, names, forPages) {
  writeFileSync(join(folder, 'required.cjs'), required(names))
  writeFileSync(join(folder, 'program.ts'), program(names))
  writeFileSync(join(folder, 'page.ts'), page(forPages))
  const strict = { target: 'es2022', strict: true, skipLibCheck: false }
  const kinds = {
    bundler: { module: 'esnext', moduleResolution: 'bundler', noEmit: true },
    nodenext: { module: 'nodenext', moduleResolution: 'nodenext', outDir: 'out' },
  }
  for (const [name, kind] of Object.entries(kinds)) {
    const settings = {
      program: { ...strict, ...kind, lib: ['es2023'], types: ['node'] },
      page: { ...strict, ...kind, lib: ['es2023', 'dom', 'esnext.disposable'], types: [] },
    }
    for (const [file, compilerOptions] of Object.entries(settings))
      writeFileSync(join(folder, `${file}.${name}.json`), JSON.stringify({ compilerOptions, files: [`${file}.ts`] }))
  }
}
