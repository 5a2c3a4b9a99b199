// Puts the docs explorer under /docs/: Swagger UI's own files and the three that are ours.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

const OURS = ['index.html', 'explorer.js', 'explorer.css']
const SWAGGER_UI = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png', 'LICENSE', 'NOTICE']

const MEDIA_TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  png: 'image/png',
}

export function docsExplorer(): Plugin {
  const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const pathOf = new Map([
    ...OURS.map((name) => [name, join(import.meta.dirname, '..', 'docs-explorer', name)] as const),
    ...SWAGGER_UI.map((name) => [name, join(swaggerUi, name)] as const),
  ])

  return {
    name: 'heliograph:docs-explorer',
    configureServer(server) {
      server.middlewares.use('/docs/', (request, response, next) => {
        const name = (request.url ?? '/').split('?')[0]?.slice(1) || 'index.html'
        const path = pathOf.get(name)
        if (!path) return next()
        response.setHeader('Content-Type', MEDIA_TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain')
        response.end(readFileSync(path))
      })
    },
    generateBundle() {
      for (const [name, path] of pathOf) {
        this.emitFile({ type: 'asset', fileName: `docs/${name}`, source: readFileSync(path) })
      }
    },
  }
}
