import { kindOf } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { readText } from './files.ts'

const { join } = builtin('node:path')

/** Stands in for the reader of tokenizers: the byte tokenizer where its files are there. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const path = join(folder, 'tokenizer.json')
  if ((await kindOf(path)) === 'file' && (await readText(path)) === new TextDecoder().decode(byteTokenizer.files()['tokenizer.json']))
    return byteTokenizer
  throw new InputError('the tokenizer cannot be read yet', { where: folder, fix: 'give `tokenizer`' })
}
