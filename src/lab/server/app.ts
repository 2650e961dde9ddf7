import { Hono } from 'hono'
import type { Method } from '../../methods/method.ts'
import type { PaperCard } from '../api.ts'
import { papers } from '../papers.ts'
import { engineRoutes } from './engine.ts'
import { pageFiles } from './page-files.ts'

/** What the lab looks at. */
export interface LabOptions {
  /** The folder of runs. */
  readonly root: string
  readonly methods: readonly Method[]
}

/** The lab as a function from requests to responses. */
export function labApp({ root, methods }: LabOptions): Hono {
  const app = new Hono()
  app.route('/', engineRoutes({ root }))
  app.get('/api/papers', (context) =>
    context.json(
      papers.map(
        (paper): PaperCard => ({
          ...paper,
          state: methods.some(({ name }) => name === paper.name) ? 'notRun' : 'notBuilt',
          verdicts: { holds: 0, fails: 0, undecided: 0 },
          runs: 0,
        }),
      ),
    ),
  )
  app.get('*', pageFiles())
  return app
}
