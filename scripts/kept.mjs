// What the lab keeps with each paper, out of the method's folder: measured.json as it is, the pictures and the first program of its README.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import sharp from 'sharp'

/** `![what is to be seen](../../../docs/images/ramda-sparsity.svg)` */
const picture = /!\[([^\]]*)\]\((?:\.\.\/)*(docs\/images\/[\w.-]+\.(?:svg|png|webp))\)/g
const program = /^```ts\n([\s\S]*?)^```$/m

/** Writes `into/METHOD/` for every method under `repository`. */
export async function keepPapers(repository, into) {
  const methods = join(repository, 'src/methods')
  for (const name of readdirSync(methods).filter((name) => existsSync(join(methods, name, 'README.md')))) {
    const readme = readFileSync(join(methods, name, 'README.md'), 'utf8')
    const folder = join(into, name)
    mkdirSync(join(folder, 'figures'), { recursive: true })
    if (existsSync(join(methods, name, 'measured.json'))) cpSync(join(methods, name, 'measured.json'), join(folder, 'measured.json'))
    const figures = []
    for (const [, alt, path] of readme.matchAll(picture)) {
      cpSync(join(repository, path), join(folder, 'figures', basename(path)))
      const { width, height } = await sharp(join(repository, path)).metadata()
      figures.push({ file: basename(path), alt, width, height })
    }
    writeFileSync(join(folder, 'paper.json'), JSON.stringify({ snippet: program.exec(readme)?.[1].trimEnd(), figures }, null, 1))
  }
}
