import { join } from 'node:path'
import { type ExportedRun, figureFiles, runFile } from '../exported-run.ts'
import type { MlflowServer } from './server.ts'

const route = 'mlflow-artifacts/artifacts'

/**
 * Where under the server's own artifact route a run's files lie, or undefined where the server keeps them elsewhere (a bucket, its own disk): there only a client with
 * that store's credentials could write, and Quire speaks to no host but the server.
 */
export function artifactRoot(server: Pick<MlflowServer, 'address'>, uri: string): string | undefined {
  const proxied = /^mlflow-artifacts:(?:\/\/([^/]*))?\/(.*)$/.exec(uri)
  if (proxied) return !proxied[1] || proxied[1] === new URL(server.address).host ? proxied[2] : undefined
  const direct = `${server.address}/api/2.0/${route}/`
  return uri.startsWith(direct) ? uri.slice(direct.length) : undefined
}

/** The report and the figures. Returns how many files, none where the server does not take them. */
export async function uploadArtifacts(server: MlflowServer, run: ExportedRun, uri: string): Promise<number> {
  const root = artifactRoot(server, uri)
  if (root === undefined) return 0
  const files = ['report.html', 'report.md', 'report.json', 'run.json', ...figureFiles(run).map((name) => join('artifacts', name))]
  let count = 0
  for (const name of files) {
    const bytes = runFile(run, name)
    if (!bytes) continue
    const place = [root, name.replace(/^artifacts[\\/]/, 'figures/')].join('/')
    await server.put(`${route}/${place.split('/').map(encodeURIComponent).join('/')}`, bytes)
    count++
  }
  return count
}
