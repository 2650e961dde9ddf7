import { createHash } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { problemOf, Refusal } from './problems.ts'

/*
 * The lab is for the person at this machine. Any page of the web may send requests to 127.0.0.1, and may give its own name this address (DNS rebinding);
 * so each request must name this machine, and one that changes something must come from the lab's own page.
 */

const local = ['127.0.0.1', 'localhost']

/** Observable Plot puts its rules into every chart that it draws; these very words are allowed, by their hash, and nothing else of the kind. */
export const plotRules = (className: string): string => `:where(.${className}) {
  --plot-background: white;
  display: block;
  height: auto;
  height: intrinsic;
  max-width: 100%;
}
:where(.${className} text),
:where(.${className} tspan) {
  white-space: pre;
}`

/** As charts of reports are called, and as Plot calls those that have no name. */
export const chartClasses = ['plot', 'plot-d6a7b5']

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Scripts and styles are files of ours alone; WebAssembly, for the demos, is compiled from such. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  `style-src 'self' ${chartClasses.map((name) => hashOf(plotRules(name))).join(' ')}`,
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Threads of WebAssembly share memory, which a page may only where it is isolated from other origins (COOP and COEP). */
const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
}

/** Refuses strangers, and gives every response the headers that keep the page to itself; a response's own come first. */
export const guard = (): MiddlewareHandler => async (context, next) => {
  const refusal = refusalOf(context)
  if (refusal) context.res = refusal
  else await next()
  for (const [name, value] of Object.entries(headers)) if (!context.res.headers.has(name)) context.header(name, value)
}

function refusalOf(context: Context): Response | undefined {
  const { url, method } = context.req
  try {
    requireLocal(url, context.req.header('host'))
    requireSameOrigin(method, url, context.req.header('origin'))
    requireJson(method, context.req.header('content-type'))
    requireSmall(context.req.header('content-length'), context.req.header('transfer-encoding'))
    return undefined
  } catch (error) {
    const { status, body } = problemOf(error)
    return context.json(body, status as 403)
  }
}

/** Bytes of a request; a form has a few hundred. */
const mostBytes = 100_000

/** Node holds a request to the length that it announces, so it is enough to look at that. */
function requireSmall(length: string | undefined, encoding: string | undefined): void {
  if (encoding !== undefined) throw new Refusal(411, 'it does not say how long it is', { where: 'the request' })
  if (Number(length ?? 0) > mostBytes) throw new Refusal(413, `it has more than ${mostBytes} bytes`, { where: 'the request' })
}

/** The name in the request's first line counts as well as the one in its header. */
function requireLocal(url: string, host: string | undefined): void {
  const names = [new URL(url).hostname, ...(host === undefined ? [] : [host.replace(/:\d+$/, '')])]
  const stranger = names.find((name) => !local.includes(name))
  if (stranger !== undefined) throw new Refusal(403, 'the lab answers to 127.0.0.1 and localhost alone', { where: stranger })
}

/** Browsers name the origin of every POST; whoever else sends one must name it too. */
function requireSameOrigin(method: string, url: string, origin: string | undefined): void {
  if (origin === undefined && (method === 'GET' || method === 'HEAD')) return
  if (origin !== new URL(url).origin) throw new Refusal(403, 'only the lab’s own page may ask for this', { where: origin ?? 'no origin' })
}

/** A form of any page can send other types, without its browser asking first. */
function requireJson(method: string, type: string | undefined): void {
  if (method === 'GET' || method === 'HEAD') return
  if (type?.split(';')[0].trim().toLowerCase() !== 'application/json')
    throw new Refusal(415, 'send application/json', { where: `content-type ${type ?? 'is missing'}` })
}
