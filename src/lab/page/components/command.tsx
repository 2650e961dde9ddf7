import { useEffect, useState } from 'preact/hooks'
import { sentences, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

/** A command or a piece of a program, with a button that copies it. */
export function Command({ text, label }: { readonly text: string; readonly label?: string }) {
  const t = useText()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <div class="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled with the keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a text is no group of fields */}
      <pre tabIndex={0} role="group" aria-label={label ?? text.slice(0, 80)}>
        <code>{text}</code>
      </pre>
      <button type="button" class="quiet" onClick={copy} aria-label={t(sentences.copyWhat(label ?? text.slice(0, 60)))}>
        {t(copied ? texts.copied : texts.copy)}
      </button>
    </div>
  )
}
