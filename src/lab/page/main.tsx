import { render } from 'preact'
import { App } from './app.tsx'
import { watchLocation } from './router/location.ts'
import './style/colours.css'
import './style/page.css'

watchLocation()
render(<App />, document.getElementById('lab')!)
