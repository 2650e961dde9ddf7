import { render } from 'preact'
import { App } from './app.tsx'
import { Speaking } from './language/use-language.tsx'
import { watchLocation } from './router/location.ts'
import './style/colours.css'
import './style/page.css'

watchLocation()
render(
  <Speaking>
    <App />
  </Speaking>,
  document.getElementById('lab')!,
)
