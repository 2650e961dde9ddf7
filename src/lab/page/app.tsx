import { useEffect, useRef } from 'preact/hooks'
import { texts } from '../texts.ts'
import { isConnected } from './ask.ts'
import { Boundary } from './components/boundary.tsx'
import { Header } from './components/header.tsx'
import { lazy } from './components/lazy.tsx'
import { useText } from './language/use-language.tsx'
import { useObservable } from './observable.ts'
import { useLocation } from './router/location.ts'
import { type Route, routeOf } from './router/route.ts'
import { useTitle } from './title.ts'
import { Catalogue } from './views/catalogue.tsx'

const PaperView = lazy(() => import('./views/paper.tsx').then(({ PaperView }) => PaperView))
const RunsView = lazy(() => import('./views/runs.tsx').then(({ RunsView }) => RunsView))
const RunView = lazy(() => import('./views/run.tsx').then(({ RunView }) => RunView))
const CompareView = lazy(() => import('./views/compare.tsx').then(({ CompareView }) => CompareView))
const StartView = lazy(() => import('./views/start.tsx').then(({ StartView }) => StartView))
const DemoView = lazy(() => import('./views/demo.tsx').then(({ DemoView }) => DemoView))
const EngineView = lazy(() => import('./views/engine.tsx').then(({ EngineView }) => EngineView))

/** The whole page. */
export function App() {
  const t = useText()
  const { pathname, search } = useLocation()
  const route = routeOf(pathname, search)
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  // Whoever reads with the keyboard or by ear begins at the new view, not where the link was.
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true })
    first.current = false
  }, [pathname])
  return (
    <>
      <a class="skip" href="#main">
        {t(texts.skip)}
      </a>
      <Header route={route} />
      <Connection />
      <main id="main" ref={main} tabIndex={-1} key={pathname}>
        <Boundary>
          <View route={route} />
        </Boundary>
      </main>
    </>
  )
}

function View({ route }: { readonly route: Route }) {
  if (route.view === 'catalogue') return <Catalogue />
  if (route.view === 'paper') return <PaperView name={route.name} />
  if (route.view === 'runs') return <RunsView />
  if (route.view === 'run') return <RunView path={route.path} />
  if (route.view === 'compare') return <CompareView runs={route.runs} />
  if (route.view === 'start') return <StartView name={route.name} />
  if (route.view === 'demo') return <DemoView name={route.name} />
  if (route.view === 'engine') return <EngineView />
  return <Nothing />
}

function Nothing() {
  const t = useText()
  useTitle(t(texts.nothingHere))
  return (
    <>
      <h1>{t(texts.nothingHere)}</h1>
      <p>
        <a href="/">{t(texts.toPapers)}</a>
      </p>
    </>
  )
}

/** Says that the server is away. It floats above the page, so that nothing moves when it comes and goes. */
function Connection() {
  const t = useText()
  const connected = useObservable(isConnected)
  return (
    <div class="connection" role="status">
      {!connected && <p>{t(texts.noConnection)}</p>}
    </div>
  )
}
