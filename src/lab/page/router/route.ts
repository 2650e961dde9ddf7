/** What the page shows; its address says all of it, so that a view can be bookmarked and mailed. */
export type Route =
  | { readonly view: 'catalogue' }
  | { readonly view: 'paper'; readonly name: string }
  | { readonly view: 'runs' }
  /** `path`: METHOD/ID, as it comes from the server. */
  | { readonly view: 'run'; readonly path: string }
  | { readonly view: 'compare'; readonly runs: readonly string[] }
  | { readonly view: 'start'; readonly name: string }
  | { readonly view: 'demo'; readonly name: string }
  | { readonly view: 'engine' }
  | { readonly view: 'nothing' }

const nothing: Route = { view: 'nothing' }

/** @example routeOf('/papers/ramda')   // { view: 'paper', name: 'ramda' } */
export function routeOf(pathname: string, search = ''): Route {
  const parts = partsOf(pathname)
  if (!parts) return nothing
  const [first, ...rest] = parts
  const [name] = rest
  if (first === undefined) return { view: 'catalogue' }
  if (first === 'papers') return rest.length === 0 ? { view: 'catalogue' } : rest.length === 1 ? { view: 'paper', name } : nothing
  if (first === 'runs') return rest.length === 0 ? { view: 'runs' } : { view: 'run', path: rest.join('/') }
  if (first === 'compare' && rest.length === 0) return { view: 'compare', runs: [...new Set(new URLSearchParams(search).getAll('run'))] }
  if (first === 'start' && rest.length === 1) return { view: 'start', name }
  if (first === 'demos' && rest.length === 1) return { view: 'demo', name }
  return first === 'engine' && rest.length === 0 ? { view: 'engine' } : nothing
}

/** The words between slashes, or undefined for escapes that mean nothing. */
function partsOf(pathname: string): string[] | undefined {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return undefined
  }
}

/** A path below a folder as part of an address: names of runs may hold anything. */
export const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

export const paperAddress = (name: string): string => `/papers/${encodeURIComponent(name)}`
export const startAddress = (name: string): string => `/start/${encodeURIComponent(name)}`
export const runAddress = (path: string): string => `/runs/${encodedPath(path)}`
export const compareAddress = (paths: readonly string[]): string => `/compare?${new URLSearchParams(paths.map((path) => ['run', path]))}`

/** Where the server answers about a run. */
export const runSource = (path: string): string => `/api/runs/${encodedPath(path)}`
export const fileSource = (run: string, file: string): string => `${runSource(run)}/files/${encodedPath(file)}`
export const figureSource = (paper: string, file: string): string =>
  `/api/papers/${encodeURIComponent(paper)}/figures/${encodeURIComponent(file)}`
