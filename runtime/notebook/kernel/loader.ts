import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../../data/installation.ts'

const tslab = new URL('./tslab.ts', import.meta.url).href
const project = pathToFileURL(join(projectRoot, 'package.json')).href
const endings = ['.ts', '.js', '.mjs', '.json', '/index.ts', '/index.js']

const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes(String(error.code))

/** Whether a specifier is found by its file's path, not by a package's name. */
const isPath = (specifier: string): boolean => /^(\.{0,2}\/|file:)/.test(specifier) || /^\.{1,2}$/.test(specifier)

/**
 * Lets cells and the workspace's modules import TypeScript without its extension, Polku's own packages from any
 * folder, and Polku's display under tslab's name. What Node finds by itself stays as it is.
 */
export function installLoader(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const installed = context.parentURL?.includes('/node_modules/') ?? false
      if (installed) return next(specifier, context)
      if (specifier === 'tslab') return { url: tslab, format: 'module-typescript', shortCircuit: true }
      try {
        return next(specifier, context)
      } catch (error) {
        if (!isMissing(error)) throw error
        const others = isPath(specifier)
          ? endings.map((ending) => () => next(`${specifier.replace(/\/$/, '')}${ending}`, context))
          : [() => next(specifier, { ...context, parentURL: project })]
        for (const other of others) {
          try {
            return other()
          } catch (again) {
            if (!isMissing(again)) throw again
          }
        }
        throw error
      }
    },
  })
}
