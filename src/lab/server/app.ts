import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { streamSSE } from 'hono/streaming'
import type { Method } from '../../methods/method.ts'
import { papers as allPapers, type Paper } from '../papers.ts'
import { paperCards, paperPage, type Sources } from './catalogue.ts'
import { engineRoutes } from './engine.ts'
import { streamRun, streamRuns } from './events.ts'
import { fileResponse } from './files.ts'
import { guard } from './guard.ts'
import { keptFolder } from './kept.ts'
import { readingOf } from './observed.ts'
import { pageFile, pageFolder } from './page-files.ts'
import { notFound, problemOf, Refusal } from './problems.ts'
import { runPage } from './run-page.ts'
import { fileIn, partsAfter, pathOf } from './run-path.ts'
import { Runs } from './runs.ts'
import { type Launcher, resumeRun, startRun, stopRun } from './start.ts'

/** What the lab looks at. */
export interface LabOptions {
  /** The folder of runs. */
  readonly root: string
  readonly methods: readonly Method[]
  /** The command line itself, a program and its first words, with which runs are started. */
  readonly command: readonly string[]
  /** The catalogue; default: all 26. */
  readonly papers?: readonly Paper[]
  /** What is kept with the papers; default: as it was built. */
  readonly kept?: string
  /** The page; default: as it was built. */
  readonly page?: string
  /** Told of what failed by a defect of ours. */
  log?(line: string): void
}

/** Nothing of an artifact runs, and nothing is fetched for it, where a browser shows it as a page. */
const sandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; frame-ancestors 'self'"

/** The report changes its language by a script of its own. */
const reportSandbox = `sandbox allow-scripts${sandbox.slice('sandbox'.length)}; script-src 'unsafe-inline'`

/** The lab as a function from requests to responses. */
export function labApp(options: LabOptions): Hono {
  const app = new Hono()
  app.use(guard())
  app.use(compress())
  app.use('/api/*', async (context, next) => {
    await next()
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
  })
  const runs = new Runs(options.root, options.methods, options.command)
  addPapers(app, runs, options)
  addRuns(app, { runs, command: options.command }, options)
  app.route('/api/engine', engineRoutes(options))
  app.all('/api/*', ({ req }) => {
    throw notFound(`there is no ${req.method} ${req.path} here`)
  })
  app.get('/ort/:file{[\\w.-]+}', (context) => fileResponse(context.req.raw, fileIn(runtimeFolder(), [context.req.param('file')])))
  app.get('*', (context) => pageFile(options.page ?? pageFolder, context.req.raw))
  app.onError((error, context) => {
    const { status, body } = problemOf(error)
    if (status === 500) options.log?.(error.stack ?? String(error))
    return context.json(body, status as 400)
  })
  return app
}

function addPapers(app: Hono, runs: Runs, { papers = allPapers, kept = keptFolder }: LabOptions): void {
  const sources: Sources = { papers, methods: runs.methods, kept, runs: () => runs.cards() }
  app.get('/api/papers', (context) => context.json(paperCards(sources)))
  app.get('/api/papers/:name', async (context) => context.json(await paperPage(context.req.param('name'), sources)))
  app.get('/api/papers/:name/figures/:file', (context) => {
    const { name, file } = context.req.param()
    return fileResponse(context.req.raw, fileIn(kept, [name, 'figures', file]), { 'content-security-policy': sandbox })
  })
}

function addRuns(app: Hono, launcher: Launcher, { log }: LabOptions): void {
  const { runs } = launcher
  const complain = (error: Error) => log?.(error.stack ?? String(error))
  const folderOf = (context: Context) => runs.folder(context.req.param('method')!, context.req.param('id')!)
  app.get('/api/runs', (context) => context.json(runs.cards()))
  app.post('/api/runs', async (context) => context.json(await startRun(launcher, await bodyOf(context)), 201))
  app.get('/api/runs/:method/:id', async (context) => context.json(await runPage(runs, folderOf(context))))
  app.post('/api/runs/:method/:id/stop', (context) => context.json(stopRun(launcher, folderOf(context))))
  app.post('/api/runs/:method/:id/resume', async (context) => context.json(await resumeRun(launcher, folderOf(context))))
  app.get('/api/runs/:method/:id/events', (context) => {
    const watched = { runs, path: pathOf(runs.root, folderOf(context)), from: readingOf(context.req.header('last-event-id')) }
    if (context.req.method === 'HEAD') return context.body(null)
    return streamSSE(
      context,
      (stream) => streamRun(stream, watched),
      async (error) => complain(error),
    )
  })
  app.get('/api/events', (context) => {
    const from = context.req.queries('from') ?? []
    const watched = (context.req.queries('run') ?? []).map((path, i) => ({ runs, path, from: readingOf(from[i]) }))
    if (context.req.method === 'HEAD') return context.body(null)
    return streamSSE(context, (stream) => streamRuns(stream, watched, complain))
  })
  app.get('/api/runs/:method/:id/files/*', (context) => {
    const path = partsAfter(context.req.url, 5)
    const policy = path.join('/') === 'report.html' ? reportSandbox : sandbox
    return fileResponse(context.req.raw, fileIn(folderOf(context), path), { 'content-security-policy': policy })
  })
}

/** A request's JSON; `guard` has seen to its type. */
async function bodyOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json()
  } catch (cause) {
    throw new Refusal(400, 'it is not JSON', { where: 'the request', cause })
  }
}

/** Where the WebAssembly files of ONNX Runtime are installed. */
const runtimeFolder = (): string => dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'))
