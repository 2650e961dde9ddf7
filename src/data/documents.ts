import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'
import { decodeText, kindOf, namesIn, readContent } from './files.ts'

const { join } = builtin('node:path')

/** A text, and where it stands. */
export interface Document {
  readonly text: string
  readonly where: string
}

/** A line of a JSONL file. */
export interface JsonLine {
  readonly value: Readonly<Record<string, unknown>>
  /** Such as `pairs.jsonl, line 3`. */
  readonly where: string
}

/**
 * The objects of a JSONL file, gzipped or not; blank lines are left out.
 *
 * @throws InputError at a line that is no JSON object, or text that is not UTF-8.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('pairs.jsonl', '{"intent": "add a and b", "code": "a + b"}\n')
 * const [{ value }] = await readJsonLines('pairs.jsonl')
 * value.code // 'a + b'
 */
export async function readJsonLines(path: string): Promise<JsonLine[]> {
  const lines = decodeText(await readContent(path), path).split(/\r?\n/)
  return lines.flatMap((line, i) =>
    line.trim() === '' ? [] : [{ value: objectOf(line, `${path}, line ${i + 1}`), where: `${path}, line ${i + 1}` }],
  )
}

function objectOf(line: string, where: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new InputError('this is no JSON', { where, fix: 'a JSONL file has one object a line', cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError('this is no JSON object', { where, fix: 'a JSONL file has one object a line' })
  return value as Readonly<Record<string, unknown>>
}

export interface DocumentOptions {
  /** The field of JSONL objects that holds the text. Default: `text`. */
  readonly field?: string
  /** How text files are cut into documents: not at all (default), or at blank lines. */
  readonly split?: 'file' | 'blank'
}

const isJsonLines = (path: string): boolean => /\.(jsonl|ndjson)(\.gz)?$/i.test(path)

/**
 * Documents from files and folders: each line of .jsonl or .ndjson (or with .gz) is one, each other file (or its parts between blank lines). Carriage returns are left
 * out, and so are documents without a character.
 *
 * @throws InputError for a file that is not there or not UTF-8, a line without the field, or where nothing is found.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('notes.txt', 'It rained.\n\nIt stopped.\n')
 * const documents = await readDocuments(['notes.txt'], { split: 'blank' })
 * documents.length // 2
 */
export async function readDocuments(paths: readonly string[], options: DocumentOptions = {}): Promise<Document[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat()
  const documents: Document[][] = []
  for (const file of files) documents.push(isJsonLines(file) ? await ofJsonLines(file, options) : await ofText(file, options))
  const found = documents.flat().filter(({ text }) => text.trim() !== '')
  if (found.length === 0)
    throw new InputError('there is no text', { where: paths.join(', '), fix: 'give text or JSONL files, or folders of them' })
  return found
}

async function filesOf(path: string): Promise<string[]> {
  if ((await kindOf(path)) !== 'folder') return [path]
  const names = await namesIn(path)
  return names.filter((name) => /\.(txt|md)$/i.test(name) || isJsonLines(name)).map((name) => join(path, name))
}

async function ofJsonLines(path: string, { field = 'text' }: DocumentOptions): Promise<Document[]> {
  return (await readJsonLines(path)).map(({ value, where }) => {
    const text = value[field]
    if (typeof text !== 'string')
      throw new InputError(`there is no text '${field}'; the fields are ${Object.keys(value).join(', ') || 'none'}`, {
        where,
        fix: 'name the field that holds the text',
      })
    return { text: text.replaceAll('\r', ''), where }
  })
}

async function ofText(path: string, { split = 'file' }: DocumentOptions): Promise<Document[]> {
  const text = decodeText(await readContent(path), path).replaceAll('\r', '')
  if (split === 'file') return [{ text, where: path }]
  let line = 1
  return text.split(/(\n[ \t]*\n\s*)/).flatMap((part, i) => {
    const where = `${path}, line ${line}`
    line += part.split('\n').length - 1
    return i % 2 === 0 ? [{ text: part, where }] : []
  })
}
