import { useState } from 'preact/hooks'
import { formatBytes } from '../../../experiment/format.ts'
import type { Artifact } from '../../api.ts'
import { texts } from '../../texts.ts'
import { useLanguage, useText } from '../language/use-language.tsx'
import { fileSource } from '../router/route.ts'
import { DataTable } from './data-table.tsx'
import { largest, useFileText } from './files.ts'
import { Graphs } from './graphs.tsx'
import { Sound } from './sound.tsx'

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

function Picture({ run, artifact: { path, kind, title, inChinese, bytes } }: ArtifactProps) {
  const t = useText()
  const language = useLanguage()
  const source = fileSource(run, (language === 'zh' && inChinese) || path)
  const name = title ? t(title) : nameOf(path)
  return (
    <figure>
      {kind === 'audio' ? (
        <Sound source={source} name={name} />
      ) : kind === 'animation' ? (
        <Animation source={source} name={name} />
      ) : (
        <img src={source} alt={name} loading="lazy" />
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
function Animation({ source, name }: { readonly source: string; readonly name: string }) {
  const t = useText()
  const [isShown, setShown] = useState(!matchMedia('(prefers-reduced-motion: reduce)').matches)
  if (isShown) return <img src={source} alt={name} loading="lazy" />
  return (
    <button type="button" class="button" onClick={() => setShown(true)}>
      {t(texts.showAnimation)}
    </button>
  )
}

const isReadable = ({ kind, bytes }: Artifact): boolean => ['text', 'table', 'graph'].includes(kind) && bytes <= largest

function File({ run, artifact }: ArtifactProps) {
  const t = useText()
  const { path, bytes, kind } = artifact
  const [isOpen, setOpen] = useState(false)
  const source = fileSource(run, path)
  const link = (
    <a href={source} target="_blank" rel="noreferrer">
      {t(texts.openFile)}
    </a>
  )
  if (!isReadable(artifact))
    return (
      <p>
        <code>{nameOf(path)}</code> <small>{formatBytes(bytes)}</small> {link}
        {kind === 'model' && path.endsWith('.onnx') && (
          <>
            {' '}
            <a href={`/engine?run=${encodeURIComponent(run)}&file=${encodeURIComponent(path)}`}>{t(texts.inEngineView)}</a>
          </>
        )}
      </p>
    )
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <code>{nameOf(path)}</code> <small>{formatBytes(bytes)}</small>
      </summary>
      {isOpen && <Content source={source} artifact={artifact} />}
      <p>{link}</p>
    </details>
  )
}

function Content({ source, artifact: { kind, path } }: { readonly source: string; readonly artifact: Artifact }) {
  const t = useText()
  const text = useFileText(source)
  if (text === undefined) return <p class="waiting">{t(texts.loading)}</p>
  if (text === null) return <p class="note">{t(texts.viewFailed)}</p>
  if (kind === 'graph' || /^\{"n":\d+,.*"edges":/.test(text.slice(0, 65_536))) return <Graphs text={text} />
  if (kind === 'table') return <DataTable text={text} path={path} />
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too long is scrolled with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a text is no group of fields
    <pre class="file" tabIndex={0} role="group" aria-label={path}>
      {text}
    </pre>
  )
}
