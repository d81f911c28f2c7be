/**
 * A path as DuckDB's readers take it. Of a path with `*` or `?` they read every file that fits, so these are
 * made literal; one with `[` alone they take as it stands where there is such a file.
 */
export const exactly = (path: string): string => (/[*?]/.test(path) ? path.replaceAll(/[*?[]/g, '[$&]') : path)
