import { runnerImport } from 'vite'

/** `npm run fuzz`: the harness is TypeScript, which Node does not read. */
await runnerImport(new URL('main.ts', import.meta.url).pathname)
