import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a run folder says of itself; its command without where it was written. */
export function readRun(folder) {
  const { method, id, preset, command, code, data } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
  const out = command.indexOf('--out')
  const words = out < 0 ? command : command.toSpliced(out, 2)
  return { method, id, preset, commands: [['npx', ...words].join(' ')], ...(code?.commit && { commit: code.commit }), data: dataOf(data) }
}

/** Provenance without the folder that the files lay in. */
export const dataOf = ({ name, real, sha256 }) => ({ name, real, sha256 })
