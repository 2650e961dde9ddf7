import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionName } from '../cli/verbs.ts'
import { schemaKeys } from '../experiment/schema.ts'
import type { Method } from '../methods/method.ts'
import type { Check } from './check.ts'
import { quire, wordsOf } from './command.ts'
import { readmeOf } from './readme.ts'

/** A fenced block of a Markdown text. */
export interface CodeBlock {
  readonly language: string
  readonly code: string
  readonly line: number
  /** From `<!-- not run: REASON -->` in the line before: it is checked without being run. */
  readonly notRun?: string
}

export function codeBlocksOf(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/(?:^<!-- not run: (.*) -->\n)?^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: notRun, 2: language, 3: code, index }) => ({
      language,
      code,
      line: markdown.slice(0, index).split('\n').length + (notRun === undefined ? 0 : 1),
      ...(notRun !== undefined && { notRun }),
    }),
  )
}

/** The commands of a shell block that are ours, without their comments; the file `quire` is called with or without npx. */
export const commandsIn = (code: string): string[] =>
  code
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => /^(npx )?quire /.test(line))
    .map((line) => line.replace(/^npx /, ''))

/** Runs the shell blocks of a text one after another in one empty folder; those that are not run have their options looked up. */
export async function shellProblems(blocks: readonly CodeBlock[], methods: readonly Method[], folder: string): Promise<string[]> {
  const problems: string[] = []
  for (const { code, line, notRun } of blocks.filter(({ language }) => language === 'sh')) {
    for (const command of commandsIn(code)) {
      const words = wordsOf(command).slice(1)
      const method = methods.find(({ name }) => words.includes(name)) ?? methods[0]
      const found = notRun === undefined ? await ranBadly(method, words, folder) : await unknownIn(method, words)
      problems.push(...found.map((problem) => `line ${line}, \`${command}\`: ${problem}`))
    }
  }
  return problems
}

async function ranBadly(method: Method, words: readonly string[], folder: string): Promise<string[]> {
  const { status, err } = await quire(method, words, folder)
  return status === 0 ? [] : [`exit status ${status}: ${err.slice(-300)}`]
}

/** What a command line that is not run says that does not exist. */
async function unknownIn(method: Method, words: readonly string[]): Promise<string[]> {
  const verb = words[0] === method.name ? (await method.verbs()).find(({ name }) => name === words[1]) : undefined
  if (words[0] === method.name && !verb) return [`there is no verb '${words[1]}'`]
  if (!verb) return []
  const known = schemaKeys(verb.options).flatMap(({ key }) => [optionName(key), `--no-${optionName(key).slice(2)}`])
  return words.filter((word) => word.startsWith('--') && ![...known, '--json'].includes(word)).map((word) => `there is no option ${word}`)
}

/**
 * Type-checks the TypeScript blocks of a text against the built package and runs them, each as a module of its own, with `folder` as the working
 * folder; those that are not run are type-checked only.
 */
export function typescriptProblems(blocks: readonly CodeBlock[], repository: string, folder: string): string[] {
  const own = blocks.filter(({ language }) => language === 'ts')
  if (own.length === 0) return []
  const modules = join(folder, 'blocks')
  linkPackage(repository, modules)
  for (const { code, line } of own) writeFileSync(join(modules, `line-${line}.ts`), `${code}\nexport {}\n`)
  const compiled = spawnSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', modules], { encoding: 'utf8' })
  if (compiled.status !== 0) return compiled.stdout.split('\n').filter(Boolean).slice(0, 4)
  return own
    .filter(({ notRun }) => notRun === undefined)
    .flatMap(({ line }) => {
      const { status, stderr } = spawnSync(process.execPath, [join(modules, `line-${line}.js`)], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
      })
      return status === 0 ? [] : [`line ${line}: ${stderr.slice(0, 400)}`]
    })
}

/** A folder in which `quire` is the repository's package, and Node's types are known. */
function linkPackage(repository: string, folder: string): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(repository, join(folder, 'node_modules', 'quire'))
  symlinkSync(join(repository, 'node_modules', '@types'), join(folder, 'node_modules', '@types'))
  const { compilerOptions } = JSON.parse(readFileSync(join(repository, 'tsconfig.json'), 'utf8')) as { compilerOptions: object }
  const { target, module, moduleResolution, lib, strict } = compilerOptions as Record<string, unknown>
  const options = { target, module, moduleResolution, lib, strict, types: ['node'], skipLibCheck: true }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
}

/** A README whose code works as it stands. */
export const codeBlocks: Check = {
  name: 'code blocks',
  rule: 'The shell and TypeScript blocks of the README run as they stand in an empty folder, or say why they are not run and are checked',
  pace: 'long',
  async run(method, setting) {
    const text = readmeOf(method, setting)
    if (text === undefined) return ['it has no README.md']
    if (!existsSync(join(setting.built, 'dist'))) return ['the package is not built: npm run build']
    const [blocks, folder] = [codeBlocksOf(text), setting.scratch()]
    if (!blocks.some(({ language }) => language === 'sh')) return ['the README shows no command']
    return [...(await shellProblems(blocks, [method], folder)), ...typescriptProblems(blocks, setting.built, folder)]
  },
}
