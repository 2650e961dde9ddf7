import { useState } from 'preact/hooks'
import { formatBytes } from '../../../experiment/format.ts'
import type { Artifact } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { useLanguage, useText } from '../language/use-language.tsx'
import { fileSource } from '../router/route.ts'
import { DataTable } from './data-table.tsx'
import { headBytes, largest, useFileText } from './files.ts'
import { Graphs } from './graphs.tsx'
import { SolidView } from './solid-view.tsx'
import { Sound } from './sound.tsx'
import { Tensors } from './tensors.tsx'
import { TextFile } from './text-file.tsx'

interface GalleryProps {
  readonly run: string
  readonly artifacts: readonly Artifact[]
}

/** What a run has made: pictures and sounds in sight, everything else to be opened. */
export function Gallery({ run, artifacts }: GalleryProps) {
  const seen = artifacts.filter(({ kind }) => kind === 'image' || kind === 'audio' || kind === 'animation')
  const files = artifacts.filter((artifact) => !seen.includes(artifact))
  return (
    <>
      {seen.length > 0 && (
        <div class="pictures">
          {seen.map((artifact) => (
            <Picture key={artifact.path} run={run} artifact={artifact} />
          ))}
        </div>
      )}
      {files.length > 0 && (
        <ul class="files">
          {files.map((artifact) => (
            <li key={artifact.path}>
              <File run={run} artifact={artifact} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

interface ArtifactProps {
  readonly run: string
  readonly artifact: Artifact
}

/** `artifacts/unit/file` without what all have. */
const nameOf = (path: string): string => path.replace(/^artifacts\//, '')

function Picture({ run, artifact: { path, kind, title, inChinese, bytes, size } }: ArtifactProps) {
  const t = useText()
  const language = useLanguage()
  const source = fileSource(run, (language === 'zh' && inChinese) || path)
  const name = title ? t(title) : nameOf(path)
  return (
    <figure>
      {kind === 'audio' ? (
        <Sound source={source} name={name} bytes={bytes} />
      ) : kind === 'animation' ? (
        <Animation source={source} name={name} size={size} />
      ) : (
        <img src={source} alt={name} loading="lazy" {...size} />
      )}
      <figcaption>
        <a href={source} target="_blank" rel="noreferrer">
          {name}
        </a>{' '}
        <small>{formatBytes(bytes)}</small>
      </figcaption>
    </figure>
  )
}

/** Whoever asked the system for less motion sees it only when they ask here. */
function Animation({ source, name, size }: Pick<Artifact, 'size'> & { readonly source: string; readonly name: string }) {
  const t = useText()
  const [isShown, setShown] = useState(!matchMedia('(prefers-reduced-motion: reduce)').matches)
  if (isShown) return <img src={source} alt={name} loading="lazy" {...size} />
  return (
    <button type="button" class="button" onClick={() => setShown(true)}>
      {t(texts.showAnimation)}
    </button>
  )
}

/** What is shown where its line is opened: of the rest there is its size, and the file. */
const isReadable = ({ kind, path, bytes }: Artifact): boolean =>
  ['text', 'table', 'graph'].includes(kind) || (kind === 'solid' && bytes <= largest) || path.endsWith('.safetensors')

function File({ run, artifact }: ArtifactProps) {
  const t = useText()
  const { path, bytes, kind } = artifact
  const [isOpen, setOpen] = useState(false)
  const source = fileSource(run, path)
  const link =
    kind === 'other' || kind === 'model' ? (
      <a href={source} download>
        {t(texts.downloadFile)}
      </a>
    ) : (
      <a href={source} target="_blank" rel="noreferrer">
        {t(texts.openFile)}
      </a>
    )
  const name = (
    <>
      <code>{nameOf(path)}</code> <small>{formatBytes(bytes)}</small>
    </>
  )
  if (!isReadable(artifact))
    return (
      <p>
        {name} {link}
        {path.endsWith('.onnx') && (
          <>
            {' '}
            <a href={`/engine?run=${encodeURIComponent(run)}&file=${encodeURIComponent(path)}`}>{t(texts.inEngineView)}</a>
          </>
        )}
      </p>
    )
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{name}</summary>
      {isOpen && <Content source={source} artifact={artifact} />}
      <p>{link}</p>
    </details>
  )
}

interface ContentProps {
  readonly source: string
  readonly artifact: Artifact
}

function Content({ source, artifact }: ContentProps) {
  const { kind, path } = artifact
  if (kind === 'solid') return <SolidView source={source} path={path} name={nameOf(path)} />
  return kind === 'model' ? <Tensors source={source} path={path} /> : <Readable source={source} artifact={artifact} />
}

/** Whatever is made of text. */
function Readable({ source, artifact: { kind, path, bytes } }: ContentProps) {
  const t = useText()
  const text = useFileText(source, bytes)
  if (text === undefined) return <p class="note">{t(texts.loading)}</p>
  if (text === null) return <p class="note">{t(texts.viewFailed)}</p>
  return (
    <>
      {kind === 'graph' ? (
        <Graphs text={text} path={path} />
      ) : kind === 'table' || path.endsWith('.json') ? (
        <DataTable text={text} path={path} />
      ) : (
        <TextFile text={text} path={path} />
      )}
      {bytes > headBytes && <p class="note">{t(sentences.headShown(formatBytes(headBytes), formatBytes(bytes)))}</p>}
    </>
  )
}
