import { asOfDate, column, columns, datasetName, filePath, type Static, settings, Type } from '../../node.ts'

export const params = settings({
  customer: column('target', {
    default: 'customer_id',
    description: 'The customer’s key, in the control group a column of the same name',
  }),
  channel: column('target', {
    default: 'channel',
    description: 'The channel to contact them through; also recorded of the control group where it has the column',
  }),
  cost: column('target', { type: 'number', default: 'cost', description: 'What the contact costs' }),
  campaign: Type.String({
    pattern: '^[^\\x00-\\x1f]{1,100}$',
    description: 'The campaign’s name, in the history and as the folder of its files',
  }),
  asOf: asOfDate('The date of the contacts; campaign and date together are contacted once'),
  columns: columns('target', {
    description: 'The columns of the files: no more than the channel needs',
  }),
  phoneColumns: columns('target', {
    type: 'text',
    default: [],
    description:
      'Columns of phone numbers: what is nothing but a number with its plus is written without the apostrophe that other texts with a leading + get',
  }),
  sort: Type.Optional(
    column('target', { description: 'The order of the rows in the files, such as position; else that of the keys' }),
  ),
  folder: filePath({ mode: 'write', default: 'exports', description: 'The folder of all exports' }),
  delimiter: Type.Enum([';', ',', '\t', '|'], {
    default: ';',
    description: 'What separates the columns',
  }),
  bom: Type.Boolean({ default: true, description: 'Begin with the mark by which spreadsheets know UTF-8' }),
  dataset: datasetName({ mode: 'write', default: 'contact-history', description: 'The contact history' }),
})

export type Settings = Static<typeof params>
