// The head of a cell's script: a function of the cell's surroundings. What modules know besides stands in an outer
// function, so that a cell may declare these names itself.
export const head = '(({ require, __filename, __dirname }) => async (__polku) => { "use strict";\n'

/** Lines of the script before those that its source map knows. */
export const headLines = 1
