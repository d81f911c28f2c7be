import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { projectRoot } from '../data/installation.ts'

// A client's own nodes lie anywhere on the disk and say `import … from 'polku'`. Whatever asks for
// it, the package is the one that runs.

const packageUrl = pathToFileURL(join(projectRoot, 'package.json')).href
/** Whether a module's name is Polku's. */
export const isPolku = (specifier: string): boolean => specifier === 'polku' || specifier.startsWith('polku/')

/** What the address of a module says that was edited since the process first read it. */
export const codeQuery = 'polku-code'

/** What a module imports by relative path is read anew with it. */
const inherited = (specifier: string, parent: string | undefined): string => {
  const at = parent?.lastIndexOf(`?${codeQuery}=`) ?? -1
  return parent === undefined || at < 0 || !specifier.startsWith('.') ? '' : parent.slice(at)
}

let isRegistered = false

/** From now on a module may name Polku wherever it lies. Each import that follows takes a little longer, so not before it is needed. */
export function resolvePolku(): void {
  if (isRegistered) return
  isRegistered = true
  registerHooks({
    resolve: (specifier, context, next) => {
      if (isPolku(specifier)) return next(specifier, { ...context, parentURL: packageUrl })
      const query = inherited(specifier, context.parentURL)
      const resolved = next(specifier, context)
      return query === '' ? resolved : { ...resolved, url: `${resolved.url}${query}` }
    },
  })
}

/** The file that `polku` or `polku/…` means; undefined where there is none. */
export function polkuFile(specifier: string): string | undefined {
  try {
    return fileURLToPath(import.meta.resolve(specifier))
  } catch {
    return undefined // who imports it is told
  }
}
