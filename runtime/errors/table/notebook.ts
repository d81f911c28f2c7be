// Notebooks: their cells, kernels, tables, figures, publishing and printing.
import type { ErrorEntries } from './entry.ts'

export const notebookErrors = {
  NOTEBOOK_INVALID: {
    message: 'This is not a notebook: {reason}',
    expected: 'A Jupyter notebook (.ipynb) of nbformat 4.',
    status: 422,
  },
  NOTEBOOK_FORMAT: {
    message: 'The notebook is of nbformat {actual}.',
    expected: 'nbformat 4. Open it in Jupyter and save it, or run `jupyter nbconvert --to notebook FILE`.',
    status: 422,
  },
  NOTEBOOK_PARAM_UNKNOWN: { message: 'The notebook has no parameter {param}.', expected: '{nearest}', status: 422 },
  NOTEBOOK_PARAM_LANGUAGE: {
    message: 'The parameters of a notebook in {language} cannot be set.',
    expected: 'A notebook in TypeScript, JavaScript or Python, or a run without --param.',
    status: 422,
  },
  NOTEBOOK_CELL_FAILED: {
    message: 'Cell {cell} failed: {reason}\n{details}',
    expected: 'Mend the cell and run again. What ran before it is kept in {out}.',
    status: 422,
  },
  NOTEBOOK_CELL_TIMEOUT: {
    message: 'Cell {cell} was stopped: it ran longer than {limit}.',
    expected: 'A faster cell, or a longer --cell-timeout. What ran before it is kept in {out}.',
    status: 422,
  },
  NOTEBOOK_TIMEOUT: {
    message: 'The notebook was stopped in cell {cell}: it ran longer than {limit}.',
    expected: 'A faster notebook, or a longer --timeout. What ran before is kept in {out}.',
    status: 422,
  },
  NOTEBOOK_MEMORY: {
    message: 'The notebook was stopped in cell {cell}: its kernel took {actual}, and may take {limit}.',
    expected: 'Leave large tables in DuckDB, or allow more with --memory. What ran before is kept in {out}.',
    status: 422,
  },
  NOTEBOOK_CANCELLED: {
    message: 'The notebook was cancelled in cell {cell}.',
    expected: 'Run it again. What ran before is kept in {out}.',
    status: 422,
  },
  INPUT_UNATTENDED: {
    message: 'prompt() asks a person, and nobody is there: this run takes no input.',
    expected:
      'A value that is set from outside: a variable in the cell tagged `parameters`, given with --param NAME=….',
    status: 422,
  },
  KERNEL_UNKNOWN: { message: 'There is no kernel {kernel}.', expected: '{nearest}', status: 422 },
  KERNEL_INVALID: {
    message: 'The kernel {kernel} cannot be used: {reason}',
    expected: 'A kernel.json with argv, display_name and language. Install the kernel again.',
    status: 422,
  },
  KERNEL_START: {
    message: 'The kernel {kernel} died while it was starting: {reason}',
    expected: 'Try its command by hand: {command}',
    status: 422,
    transient: true,
  },
  KERNEL_NOT_READY: {
    message: 'The kernel {kernel} did not answer within {limit}.',
    expected: 'A kernel that starts. Try its command by hand: {command}',
    status: 422,
    transient: true,
  },
  KERNEL_DIED: {
    message: 'The kernel died in cell {cell}: {reason}',
    expected: 'A cell that does not end its kernel. What ran before is kept in {out}.',
    status: 422,
    transient: true,
  },
  KERNEL_NOT_INSTALLED: {
    message: 'The kernel cannot be installed in {path}: {reason}.',
    expected: 'A folder that you may write: your own with --user, or another with --prefix DIR.',
    status: 422,
  },
  SQL_INVALID: { message: 'The query cannot be done: {reason}', expected: '{right}', status: 422 },
  FIGURE_INVALID: { message: 'This figure cannot be drawn: {reason}', expected: '{right}', status: 422 },
  TABLE_INVALID: { message: 'This cannot be made a table: {reason}', expected: '{right}', status: 422 },
  NUMBER_ROUNDED: {
    message: 'The column {column} has numbers that JavaScript would round, such as {value}.',
    expected:
      'Ask for them as text, ``table.sql`select * replace (cast({quoted} as varchar) as {quoted}) from this` ``, or leave the column out.',
    status: 422,
  },
  TABLE_REPEATED: {
    message: 'The table {name} was published already in this run.',
    expected: 'Another name for each table.',
    status: 422,
  },
  PUBLISH_UNCLEAR: { message: 'It is not clear where to publish: {reason}.', expected: '{right}', status: 422 },
  PDF_NO_BROWSER: {
    message: 'A PDF needs a Chromium, and none was found.',
    expected: 'Chromium, Chrome or Edge on the PATH. Any browser prints the HTML report as well.',
    status: 422,
  },
  PDF_FAILED: {
    message: '{browser} could not print the report: {reason}',
    expected: 'Open the HTML report in a browser and print it there.',
    status: 422,
  },
} as const satisfies ErrorEntries
