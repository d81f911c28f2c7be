import { DataFrame } from 'danfojs-node'
import { expect, test } from 'vitest'
import { failure, withNotebook } from './opened.ts'

test('a table goes to danfojs and back with its types, missing values, dates and texts', () =>
  withNotebook(async (workspace) => {
    const table = await workspace.sql`
      select * from (values
        (null, null, null, null, null, null),
        (1, 0.5, 'Äänekoski "1"', date '2026-03-01', timestamp '2026-03-01 10:20:30.123', true),
        (3, 2, '', date '1969-12-31', timestamp '1969-12-31 23:59:59', false)
      ) as given(whole, number, text, day, time, flag)`
    const typed = await table.sql`select * replace (whole::bigint as whole, number::double as number) from this`
    const frame = await typed.toDanfo()
    expect(frame).toBeInstanceOf(DataFrame)
    expect(frame.columns).toEqual(['whole', 'number', 'text', 'day', 'time', 'flag'])
    expect(frame.shape).toEqual([3, 6])
    expect(frame.isNa().values).toEqual([new Array(6).fill(true), new Array(6).fill(false), new Array(6).fill(false)])
    const back = await workspace.fromDanfo(frame)
    expect(back.columns()).toEqual(typed.columns())
    expect(await back.toRows()).toEqual(await typed.toRows())
  }))

test('an empty table keeps its columns', () =>
  withNotebook(async (workspace) => {
    const frame = await (await workspace.sql`select 1 as a, 'x' as b where false`).toDanfo()
    expect([frame.columns, frame.shape]).toEqual([
      ['a', 'b'],
      [0, 2],
    ])
  }))

test('a frame made in the notebook becomes a table that nodes take', () =>
  withNotebook(async (workspace) => {
    const frame = new DataFrame({
      customer_id: [1, 1, 2],
      ordered_at: [new Date('2026-01-02'), new Date('2026-02-03'), new Date('2026-03-04')],
      amount: [10.5, Number.NaN, 3],
    })
    const orders = await workspace.fromDanfo(frame)
    expect(orders.columns().map(({ type }) => type)).toEqual(['BIGINT', 'DATE', 'DOUBLE'])
    expect((await workspace.segment.rfm({ orders }, { classes: 2 })).customers.count()).toBe(2)
  }))

test('what is no frame is refused', () =>
  withNotebook(async (workspace) => {
    const frame = [{ a: 1 }] as unknown as DataFrame // wrong on purpose
    expect(await failure(workspace.fromDanfo(frame))).toContain(
      'TABLE_INVALID: This cannot be made a table: it is a list.',
    )
  }))

test('a frame of a table gives back the types that its values still fit, also of columns without any', () =>
  withNotebook(async (workspace) => {
    const table = await workspace.sql`
      select * from (values
        (7::integer, 12.34::decimal(10,2), 0.1::float, timestamp '2026-01-01', time '10:20:30', [1, 2], null::date, null::bigint, null::boolean, 9007199254740992),
        (null, null, null, null, null, null, null, null, null, null)
      ) as given(whole, money, short, day, time, list, no_day, no_whole, no_flag, large)`
    const frame = await table.toDanfo()
    const back = await workspace.fromDanfo(frame)
    expect(back.columns()).toEqual(table.columns())
    expect(await back.toRows()).toEqual(await table.toRows())
    frame.addColumn('money', [12.345, 1], { inplace: true })
    frame.addColumn('whole', [1.5, 2], { inplace: true })
    const types = Object.fromEntries((await workspace.fromDanfo(frame)).columns().map(({ name, type }) => [name, type]))
    expect(types).toMatchObject({ money: 'DOUBLE', whole: 'DOUBLE', short: 'FLOAT', day: 'TIMESTAMP' })
  }))

test('a number that JavaScript would round is refused with its column and what to do', () =>
  withNotebook(async (workspace) => {
    const table = await workspace.sql`
      select 9007199254740993 as "id ""x""", 1.5 as amount, 12345678901234567.89::decimal(19,2) as money`
    const said = await failure(table.toDanfo())
    expect(said).toContain(
      'NUMBER_ROUNDED: The column id "x" has numbers that JavaScript would round, such as 9007199254740993.',
    )
    expect(said).toContain('The column money has numbers that JavaScript would round, such as 12345678901234567.89.')
    expect(said).toContain('select * replace (cast("id ""x""" as varchar) as "id ""x""") from this')
    expect(await failure(table.toArrays())).toContain('NUMBER_ROUNDED')
    expect(await table.toArrays('amount')).toEqual({ amount: Float64Array.of(1.5) })
    const texts =
      await table.sql`select * replace (cast("id ""x""" as varchar) as "id ""x""", cast(money as varchar) as money) from this`
    expect((await texts.toDanfo()).values).toEqual([['9007199254740993', 1.5, '12345678901234567.89']])
  }))
