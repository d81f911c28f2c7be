import { column, columns, expression, type Static, settings, type Table, Type } from '../../node.ts'

export const params = settings({
  on: Type.Array(
    Type.Object(
      {
        left: column('left', { description: 'The key in the left table' }),
        right: column('right', { description: 'The same in the right table' }),
      },
      { additionalProperties: false },
    ),
    { minItems: 1, description: 'The pairs of columns that must agree; an empty key agrees with nothing' },
  ),
  columns: Type.Optional(
    columns('right', { description: 'The columns of the right table to take; without it all but its keys' }),
  ),
  suffix: Type.Optional(
    Type.String({
      pattern: '^[^\\u0000]{1,30}$',
      description: 'Put after the name of a right column that the left table has too; without it that is an error',
    }),
  ),
  many: Type.Enum(['refuse', 'first', 'all'], {
    default: 'refuse',
    description: 'When several right rows have one key: an error, the first by `order`, or one row for each',
  }),
  order: Type.Optional(
    Type.Array(
      Type.Object(
        {
          by: expression('right', { description: 'A column of the right table, or an expression of its columns' }),
          descending: Type.Boolean({ default: false, description: 'Whether the greatest comes first' }),
        },
        { additionalProperties: false },
      ),
      {
        minItems: 1,
        description: 'Which right row is the first; where it leaves several, the one that the table has first',
      },
    ),
  ),
  normalise: Type.Boolean({
    default: false,
    description: 'Whether keys of text agree also with other blanks around them and other capitals',
  }),
})

export type Settings = Static<typeof params>

export interface Inputs {
  readonly left: Table
  readonly right: Table
}
