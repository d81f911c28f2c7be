import { nearestName } from '../../nodes/lib/nearest-name.ts'

/** “Did you mean …” for a wrong name, or the list of what there is. Names the kind where nothing exists. */
export const nearest = (wrong: string, names: readonly string[], kind: string): string =>
  names.length === 0 ? `There is no ${kind} here.` : nearestName(wrong, names)
