import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { extname, join } from 'node:path'
import { imageSize } from 'image-size'
import { readJson } from '../../experiment/run/disk.ts'
import { pathsOf } from '../../experiment/run/run-folder.ts'
import type { Artifact } from '../api.ts'
import { textEndings } from './files.ts'
import { remembered } from './memo.ts'

/** More files than anybody looks at are not listed. */
const most = 2000

const kinds: Readonly<Record<string, Artifact['kind']>> = {
  '.svg': 'image',
  '.png': 'image',
  '.jpg': 'image',
  '.jpeg': 'image',
  '.webp': 'image',
  '.gif': 'animation',
  '.apng': 'animation',
  '.wav': 'audio',
  '.flac': 'audio',
  '.mp3': 'audio',
  '.ogg': 'audio',
  '.csv': 'table',
  '.tsv': 'table',
  '.jsonl': 'table',
  '.graphml': 'graph',
  '.edges': 'graph',
  '.edgelist': 'graph',
  '.dot': 'graph',
  '.gv': 'graph',
  '.obj': 'solid',
  '.ply': 'solid',
  '.safetensors': 'model',
  '.onnx': 'model',
  '.html': 'page',
  ...Object.fromEntries(textEndings.map((ending) => [ending, 'text' as const])),
}

/** What a run has made for people to look at, by path. Where its folder of artifacts is a link, what is behind it is not the run's. */
export function artifactsOf(folder: string): Artifact[] {
  const { artifacts } = pathsOf(folder)
  const isOwn = lstatSync(artifacts, { throwIfNoEntry: false })?.isDirectory()
  const figures = isOwn ? figuresOf(artifacts) : (new Map() as Figures)
  const hidden = new Set(['artifacts/figures.json', ...[...figures.values()].map(({ inChinese }) => inChinese)])
  const paths = [...(isOwn ? filesBelow(artifacts, 'artifacts') : []), 'report.html', 'report.md']
  return paths.flatMap((path): Artifact[] => {
    const stat = lstatSync(join(folder, path), { throwIfNoEntry: false })
    if (!stat?.isFile() || hidden.has(path)) return []
    const kind = kindOf(join(folder, path))
    const isPicture = kind === 'image' || kind === 'animation'
    return [{ path, kind, bytes: stat.size, ...figures.get(path), ...(isPicture && { size: pixels(join(folder, path)) }) }]
  })
}

function* filesBelow(path: string, name: string): Generator<string> {
  let count = 0
  for (const entry of entriesOf(path)) {
    if (entry.name.endsWith('.tmp')) continue
    const inner = `${name}/${entry.name}`
    if (entry.isDirectory()) yield* filesBelow(join(path, entry.name), inner)
    else if (entry.isFile()) yield inner
    if (++count >= most) return
  }
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

function kindOf(path: string): Artifact['kind'] {
  const ending = extname(path).toLowerCase()
  if (ending === '.webp' && isAnimatedWebp(path)) return 'animation'
  if (ending === '.png' && isAnimatedPng(path)) return 'animation'
  if ((ending === '.jsonl' || ending === '.json') && holdsGraphs(path)) return 'graph'
  return Object.hasOwn(kinds, ending) ? kinds[ending] : 'other'
}

/** The beginning of a file. */
function head(path: string, bytes: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    return buffer.subarray(0, readSync(file, buffer, 0, bytes, 0))
  } finally {
    closeSync(file)
  }
}

/** Of a picture, by its beginning; nothing of one that is damaged, or that says no size and fills what room there is. */
const pixels = remembered((path): Artifact['size'] => {
  const bytes = head(path, 65_536)
  try {
    const { width, height, type, orientation = 1 } = imageSize(bytes)
    if (!(width && height)) return undefined
    if (type === 'svg' && !/<svg\b[^>]*\swidth=/.test(bytes.toString())) return undefined
    return orientation < 5 ? { width, height } : { width: height, height: width }
  } catch {
    return undefined
  }
})

/** The flag of WebP's extended header. */
function isAnimatedWebp(path: string): boolean {
  const bytes = head(path, 21)
  return bytes.toString('latin1', 12, 16) === 'VP8X' && (bytes[20] & 0x02) !== 0
}

/** The chunk that says how many frames there are stands before the picture itself. */
function isAnimatedPng(path: string): boolean {
  const bytes = head(path, 4096).toString('latin1')
  const [frames, picture] = [bytes.indexOf('acTL'), bytes.indexOf('IDAT')]
  return frames > 0 && (picture < 0 || frames < picture)
}

/** Whether the first line is a graph: edges, and nodes or how many they are, as the graphs kit writes them. */
function holdsGraphs(path: string): boolean {
  const first = head(path, 65_536).toString('utf8').split('\n', 1)[0]
  return /"(?:nodes|n)"\s*:/.test(first) && /"edges"\s*:/.test(first)
}

const readFigures = remembered(readJson)

type Figures = Map<string, Required<Pick<Artifact, 'title' | 'inChinese'>>>

/** What the report says of its figures, by path. */
function figuresOf(artifacts: string): Figures {
  const figures = readFigures(join(artifacts, 'figures.json'))
  if (!Array.isArray(figures)) return new Map()
  return new Map(
    figures.flatMap((figure) => {
      const { id, title } = figure ?? {}
      if (typeof id !== 'string' || typeof title?.en !== 'string' || typeof title.zh !== 'string') return []
      return [[`artifacts/${id}.svg`, { title: { en: title.en, zh: title.zh }, inChinese: `artifacts/${id}.zh.svg` }] as const]
    }),
  )
}
