// A language model on the plays of Shakespeare, by three commands of `quire`, in a folder: what is there is not made again, an interrupted training goes on.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Tokens a window, in training. */
export const context = 128

const shape = ['--batch', '8', '--context', String(context)]
/** Each leaves the folder that its last word names. */
const stages = {
  tokenizer: ['lm', 'tokenizer', 'plays.txt', '--size', '1024'],
  base: [
    ...['lm', 'train', 'plays.txt', '--size', 'mini', '--tokenizer', 'tokenizer', '--steps', '2600', ...shape],
    ...['--learning-rate', '0.002', '--validation', '0'],
  ],
  tuned: [...['lisa', 'train', 'plays.txt', '--base', 'base', '--steps', '200', ...shape], ...['--learning-rate', '0.0002']],
}
const lastFile = { tokenizer: 'tokenizer.json', base: 'model.safetensors', tuned: 'model.safetensors' }

/** @param text bytes to train on: how Tiny Shakespeare's input.txt begins. */
export function trainOnPlays({ folder, text, log }) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'plays.txt'), text)
  const program = resolve('dist/cli/main.js')
  for (const [out, words] of Object.entries(stages)) {
    const isThere = existsSync(join(folder, out, lastFile[out])) && !existsSync(join(folder, out, 'unfinished.safetensors'))
    log(isThere ? `${join(folder, out)} is there` : `${commandOf(out)}, in ${folder}`)
    if (!isThere) execFileSync(process.execPath, [program, ...words, '--out', out], { cwd: folder, stdio: ['ignore', 2, 2] })
  }
  const names = Object.keys(stages)
  const cut = `head -c ${text.length} input.txt > plays.txt`
  return { commands: [cut, ...names.map(commandOf)], folders: Object.fromEntries(names.map((name) => [name, join(folder, name)])) }
}

const commandOf = (out) => ['npx quire', ...stages[out], '--out', out].join(' ')
