import { useEffect, useState } from 'preact/hooks'
import type { PaperCard } from '../api.ts'
import { ask } from './ask.ts'

/** The whole page. */
export function App() {
  const [papers, setPapers] = useState<readonly PaperCard[]>([])
  useEffect(() => {
    ask<readonly PaperCard[]>('/api/papers').then(setPapers)
  }, [])
  return (
    <main>
      <h1>Quire</h1>
      <ul>
        {papers.map(({ number, name, title }) => (
          <li key={name}>
            {number} {title}
          </li>
        ))}
      </ul>
    </main>
  )
}
