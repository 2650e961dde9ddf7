import { defaultClientConditions, defineConfig } from 'vite'

/** The page of the lab, as files that need no network: `dist/lab/page`. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  publicDir: 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  // The runtime of the demos without its .wasm file, which the lab's server has under /ort/.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  build: {
    outDir: '../../../dist/lab/page',
    emptyOutDir: true,
    target: 'es2023',
    // Its policy allows no script in the page itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8844' } },
})
