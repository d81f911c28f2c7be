import { filePath, type Static, settings, Type } from '../../node.ts'

const columnType = Type.String({
  pattern:
    '^(text|integer|number|decimal|date|timestamp|boolean|VARCHAR|BIGINT|INTEGER|SMALLINT|DOUBLE|DATE|TIMESTAMP|BOOLEAN|DECIMAL\\([1-9][0-9]?, ?[0-9]{1,2}\\))$',
  description: 'text, integer, number, decimal, date, timestamp or boolean; or a DuckDB type such as DECIMAL(18,2)',
})

const fixedColumn = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'What the column shall be called' }),
    start: Type.Integer({ minimum: 1, description: 'Its first character, counted from 1' }),
    width: Type.Integer({ minimum: 1, description: 'How many characters it has' }),
    type: Type.Optional(columnType),
  },
  { additionalProperties: false },
)

export const params = settings({
  path: filePath({ description: 'The file, relative to the workspace' }),
  delimiter: Type.Optional(
    Type.String({
      pattern: '^([\\t\\x20-\\x7e]|comma|semicolon|tab|pipe|whitespace)$',
      description: 'What separates fields: a character or its name; whitespace is any number of blanks. Detected',
    }),
  ),
  quote: Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e]?$',
      description: 'What encloses a value that holds a delimiter; empty for nothing. Detected',
    }),
  ),
  escape: Type.Optional(
    Type.Enum(['doubled', 'backslash'], {
      description: 'How a quotation mark is written inside a quoted value. Detected',
    }),
  ),
  encoding: Type.Optional(
    Type.Enum(['utf-8', 'windows-1252', 'iso-8859-1', 'iso-8859-15', 'utf-16'], {
      description: 'How characters are stored. Detected between UTF-8, UTF-16 and Windows-1252',
    }),
  ),
  decimal: Type.Optional(Type.Enum(['.', ','], { description: 'The decimal mark of numbers. Detected by column' })),
  dateFormat: Type.Optional(
    Type.String({
      minLength: 2,
      description: 'How dates are written, such as %d.%m.%Y or %Y%m%d. Detected by column',
    }),
  ),
  header: Type.Optional(Type.Boolean({ description: 'Whether the first line names the columns. Detected' })),
  skip: Type.Integer({ minimum: 0, default: 0, description: 'Lines before the header or the first row to pass over' }),
  compression: Type.Enum(['auto', 'none', 'gzip'], {
    default: 'auto',
    description: 'Whether the file is compressed; auto looks at its first bytes',
  }),
  nulls: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description:
        'Texts that mean a missing value beside empty ones; without it words such as NA are found in number and date columns',
    }),
  ),
  trim: Type.Boolean({ default: true, description: 'Whether blanks around values are taken away' }),
  columns: Type.Optional(
    Type.Record(Type.String({ minLength: 1 }), columnType, {
      minProperties: 1,
      description:
        'All columns with their types: by name where the file has a header, else in file order. With it the file may be missing while a flow is checked',
    }),
  ),
  types: Type.Optional(
    Type.Record(Type.String({ minLength: 1 }), columnType, {
      description: 'Types of some columns, where what is detected is not wanted',
    }),
  ),
  fixedWidth: Type.Optional(
    Type.Array(fixedColumn, {
      minItems: 1,
      description: 'The columns of a file of fixed width, in which no character separates fields',
    }),
  ),
})

export type Settings = Static<typeof params>

/** Fails with one of the node's declared errors. */
export type Fail = (name: keyof typeof errors, values?: Record<string, string | number>) => never

export const errors = {
  unreadable: '{file} cannot be read: {actual}. Needed: a file that exists and may be read.',
  empty: '{file} is empty. Needed: a header line, or at least one row.',
  notText: '{file} is no text table; it looks like {actual}. {right}',
  gzip: '{file} cannot be unpacked: {actual}. Needed: a whole gzip file; fetch or pack it again.',
  notEncoding: '{file} is not {encoding}: {actual}. Needed: encoding: {right}, or a file that was saved as {encoding}.',
  lineTooLong:
    '{file} begins with a line of more than {actual} bytes. Needed: lines that end, with fields that a delimiter separates.',
  badHeader: 'The header of {file} cannot be read: {actual}. Needed: one line of column names.',
  duplicateHeader:
    'The header of {file} names a column twice: {actual}. Needed: names that differ; rename them in the file, or pass over the header with skip, say header: false and give columns.',
  columnsDiffer: '{file} has no column {column}; it has {actual}. {right}',
  columnCount:
    '{file} has {actual} fields in a row and columns names {given}. Needed: a type for each field, in file order.',
  numericNames:
    'columns has the name {actual}, and YAML keeps no order for names that are numbers. Needed: other names, as the file has no header to find them by.',
  typesUnknown: 'types names {column}, which {file} does not have. {right}',
  fixedWidthMixed: 'fixedWidth cannot be used together with {actual}. Needed: one or the other.',
  fixedWidthTwice: 'fixedWidth names {actual} twice. Needed: names that differ.',
  quoteIsDelimiter: 'The delimiter and the quotation mark are both {actual}. Needed: two characters.',
  dateFormat: 'The date format {format} cannot be used: {actual}. Needed: such as %d.%m.%Y, %Y-%m-%d or %Y%m%d.',
  nothingParsed: 'None of the {records} records of {file} could be read; the one on line {line} {actual}. {right}',
  miscounted:
    '{file} has {records} records, but {rows} rows and {rejected} rejected ones came out of it. This must not be; please report it with the file. Nothing was kept.',
} as const
