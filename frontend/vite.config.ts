// How the app is built and served while developing; unit tests run with the same settings.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { loadEnv } from 'vite'
import { defineConfig } from 'vitest/config'

import { docsExplorer } from './vite/docs-explorer.ts'
import { worldOutlineAsset } from './vite/world-outline.ts'

export default defineConfig(({ mode }) => {
  // The running system that `npm run dev` talks to, for example the address printed by `make demo`.
  const { HELIOGRAPH_ORIGIN: origin = 'http://127.0.0.1:8080' } = loadEnv(mode, '.', 'HELIOGRAPH_')
  const proxy = Object.fromEntries(
    ['/api/', '/heliograph-photos/', '/config.json', '/openapi.json'].map((path) => [
      path,
      { target: origin, changeOrigin: false },
    ]),
  )
  return {
    plugins: [svelte(), docsExplorer(), worldOutlineAsset()],
    server: { proxy },
    preview: { proxy },
    optimizeDeps: { entries: ['index.html'] },
    worker: { format: 'es' },
    // Files are never inlined as data: addresses, so the content security policy can stay strict.
    build: { target: 'es2022', assetsInlineLimit: 0, sourcemap: true },
    test: { include: ['src/**/*.test.ts'], environment: 'node' },
  }
})
