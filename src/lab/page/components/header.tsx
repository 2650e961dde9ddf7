import { texts } from '../../texts.ts'
import { speak, useLanguage, useText } from '../language/use-language.tsx'
import { useObservable } from '../observable.ts'
import type { Route } from '../router/route.ts'
import { type Theme, theme, themes } from '../theme.ts'

const themeTexts = { auto: texts.themeAuto, light: texts.themeLight, dark: texts.themeDark } as const

/** Which place of the navigation a view belongs to. */
const placeOf: Readonly<Record<Route['view'], string>> = {
  catalogue: '/',
  paper: '/',
  start: '/',
  runs: '/runs',
  run: '/runs',
  compare: '/runs',
  demo: '/demos/digit',
  engine: '/engine',
  nothing: '',
}

const places = [
  ['/', texts.catalogue],
  ['/runs', texts.runs],
  ['/demos/digit', texts.demos],
  ['/engine', texts.engine],
] as const

export function Header({ route }: { readonly route: Route }) {
  const t = useText()
  return (
    <header class="frame">
      <a class="wordmark" href="/">
        <img src="/icon.svg" alt="" width="22" height="22" /> Quire
      </a>
      <nav aria-label={t(texts.navigation)}>
        {places.map(([address, text]) => (
          <a key={address} href={address} aria-current={placeOf[route.view] === address ? 'page' : undefined}>
            {t(text)}
          </a>
        ))}
      </nav>
      <Switches />
    </header>
  )
}

function Switches() {
  const t = useText()
  const language = useLanguage()
  const chosen = useObservable(theme)
  const other = language === 'en' ? 'zh' : 'en'
  return (
    <div class="switches">
      <button type="button" class="quiet" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => speak(other)}>
        {t(texts.otherLanguage)}
      </button>
      <label class="quiet">
        <span class="unseen">{t(texts.colours)}</span>
        <select value={chosen} onChange={({ currentTarget }) => theme.set(currentTarget.value as Theme)}>
          {themes.map((name) => (
            <option key={name} value={name}>
              {t(themeTexts[name])}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
