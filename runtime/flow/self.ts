import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../config.ts'

// A client's own nodes lie anywhere on the disk and say `import … from 'polku'`. Whatever asks for
// it, the package is the one that runs.

const packageUrl = pathToFileURL(join(projectRoot, 'package.json')).href
const isPolku = (specifier: string): boolean => specifier === 'polku' || specifier.startsWith('polku/')

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, isPolku(specifier) ? { ...context, parentURL: packageUrl } : context),
})

/** The URL of `polku` or `polku/…`. */
export const resolvePolku = (specifier: string): string => import.meta.resolve(specifier)
