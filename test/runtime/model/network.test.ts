import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { random } from '../../../nodes/lib/random.ts'
import type { NetworkWeights } from '../../../nodes/node.ts'
import { close, networkDefaults, predictNetwork, trainNetwork } from '../../../runtime/model/network.ts'
import type { NetworkProgress } from '../../../runtime/model/network-message.ts'
import { splitByClass } from '../../../runtime/model/network-train.ts'
import { crossed, specOf } from './network-data.ts'

afterAll(close)

/** The network as its contract says, in double precision and one number at a time. */
const probability = ({ layers }: NetworkWeights, row: readonly number[]): number => {
  let values = row
  layers.forEach(({ units, kernel, bias }, index) => {
    const sums = Array.from({ length: units }, (_, unit) =>
      values.reduce((sum, value, input) => sum + value * kernel[input * units + unit]!, bias[unit]!),
    )
    values = index === layers.length - 1 ? sums.map((z) => 1 / (1 + Math.exp(-z))) : sums.map((z) => Math.max(0, z))
  })
  return values[0]!
}

const accuracy = (probabilities: Float32Array, y: Float32Array): number =>
  probabilities.reduce((right, p, row) => right + (p > 0.5 === (y[row] === 1) ? 1 : 0), 0) / y.length

describe('training', () => {
  test('learns what a straight line cannot tell, and new rows are told right', async () => {
    const weights = await trainNetwork(specOf(crossed(2000, 1), { ...networkDefaults, epochs: 25, batchSize: 128 }))
    const fresh = crossed(2000, 2)
    const probabilities = await predictNetwork(weights, fresh.x, fresh.width)
    expect(accuracy(probabilities, fresh.y)).toBeGreaterThan(0.93)
    expect(weights.layers.map(({ inputs, units }) => [inputs, units])).toEqual([
      [4, 32],
      [32, 16],
      [16, 1],
    ])
  })

  test('gives the same weights to the last bit for the same spec, whatever was trained between', async () => {
    const spec = specOf(crossed(1000, 3), { dropout: 0.3 })
    const first = await trainNetwork(spec)
    const other = await trainNetwork({ ...spec, seed: 8, hidden: [5], batchSize: 33 })
    const again = await trainNetwork(spec)
    expect(again).toEqual(first)
    expect(other.layers[0]!.kernel.slice(0, 3)).not.toEqual(first.layers[0]!.kernel.slice(0, 3))
    const [left, right] = await Promise.all([trainNetwork(spec), trainNetwork(spec)])
    expect(left).toEqual(first)
    expect(right).toEqual(first)
  })

  test('every part of the chance follows the seed', async () => {
    const data = crossed(500, 4)
    const [plain, seeded] = await Promise.all([1, 2].map((seed) => trainNetwork(specOf(data, { seed, dropout: 0 }))))
    expect(seeded!.history).not.toEqual(plain!.history)
    // With everything else equal dropout alone must change the result, and be repeatable.
    const dropped = await trainNetwork(specOf(data, { seed: 1, dropout: 0.3 }))
    expect(dropped.history).not.toEqual(plain!.history)
  })

  test('leaves the arrays of the caller as they are', async () => {
    const spec = specOf(crossed(300, 5), { weights: new Float32Array(300).fill(2), epochs: 1 })
    const copy = spec.x.slice()
    const weights = await trainNetwork(spec)
    await predictNetwork(weights, spec.x, spec.width)
    expect(spec.x).toEqual(copy)
    expect([spec.y.length, spec.weights?.length]).toEqual([300, 300])
  })

  test('reads shared memory as it does other memory', async () => {
    const spec = specOf(crossed(300, 5))
    const x = new Float32Array(new SharedArrayBuffer(spec.x.byteLength))
    x.set(spec.x)
    expect(await trainNetwork({ ...spec, x })).toEqual(await trainNetwork(spec))
  })

  test('stops when validation has not been better for the patience, and gives the best weights', async () => {
    // The class is a coin: there is nothing to learn but the rows by heart, so validation soon gets worse.
    const source = random(6)
    const { x, width } = crossed(400, 6, 20)
    const y = Float32Array.from({ length: 400 }, () => source.integer(2))
    const spec = specOf({ x, y, width }, { hidden: [64], dropout: 0, learningRate: 0.02, epochs: 200, patience: 4 })
    const weights = await trainNetwork(spec)
    const losses = weights.history.map(({ validationLoss }) => validationLoss)
    expect(weights.bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1)
    expect(weights.history.map(({ epoch }) => epoch)).toEqual(losses.map((_, index) => index + 1))
    expect(weights.history.length).toBe(weights.bestEpoch + 4)
    expect(weights.history.at(-1)!.loss).toBeLessThan(weights.history[0]!.loss)

    const { validate } = splitByClass(y, spec.validationShare, random(spec.seed).stream('validation'))
    const held = Array.from(validate, (row) => {
      const p = probability(weights, Array.from(x.subarray(row * width, (row + 1) * width)))
      return -Math.log(y[row] === 1 ? p : 1 - p)
    })
    const loss = held.reduce((sum, value) => sum + value, 0) / held.length
    expect(loss).toBeCloseTo(Math.min(...losses), 5)
  })

  test('weights count as so many rows: probabilities settle at the weighted share of cases', async () => {
    const rows = 4000
    const source = random(9)
    const x = Float32Array.from({ length: rows }, () => source.normal())
    const y = Float32Array.from({ length: rows }, (_, row) => (row % 10 === 0 ? 1 : 0))
    const mean = async (changes: object) => {
      const weights = await trainNetwork(specOf({ x, y, width: 1 }, { epochs: 10, ...changes }))
      return (await predictNetwork(weights, x, 1)).reduce((sum, p) => sum + p, 0) / rows
    }
    expect(await mean({})).toBeCloseTo(0.1, 1)
    expect(await mean({ weights: y.map((value) => (value === 1 ? 9 : 1)) })).toBeCloseTo(0.5, 1)
    // Only their ratio matters.
    const weights = y.map((value) => (value === 1 ? 3 : 1))
    expect(await mean({ weights: weights.map((w) => w * 1024) })).toBe(await mean({ weights }))
  })

  test('weights of a column that says nothing fade', async () => {
    const { x, y, width } = crossed(1000, 18)
    const silent = x.map((value, i) => (i % width === 3 ? 0 : value))
    const spec = specOf({ x: silent, y, width }, { dropout: 0, epochs: 60, patience: 60 })
    const { layers, bestEpoch } = await trainNetwork(spec)
    const size = (column: number) =>
      layers[0]!.kernel.slice(column * 16, (column + 1) * 16).reduce((sum, value) => sum + Math.abs(value), 0)
    expect(bestEpoch).toBeGreaterThan(20)
    expect(size(3)).toBeLessThan(0.1 * size(0))
  })

  test('reports every epoch', async () => {
    const reported: NetworkProgress[] = []
    const spec = specOf(crossed(300, 10), { epochs: 3 })
    const { history } = await trainNetwork(spec, { onProgress: (progress) => reported.push(progress) })
    expect(reported).toEqual(history.map((entry) => ({ ...entry, epochs: 3 })))
  })

  test('is logistic regression without hidden layers', async () => {
    const { x, width } = crossed(2000, 11, 2)
    const source = random(12)
    const y = Float32Array.from({ length: 2000 }, (_, row) =>
      source.uniform() < 1 / (1 + Math.exp(1 - 2 * x[row * 2]!)) ? 1 : 0,
    )
    const spec = specOf({ x, y, width }, { hidden: [], dropout: 0, learningRate: 0.05, epochs: 40, patience: 40 })
    const [layer] = (await trainNetwork(spec)).layers
    expect(layer!.kernel[0]).toBeGreaterThan(1.6)
    expect(layer!.kernel[0]).toBeLessThan(2.4)
    expect(Math.abs(layer!.kernel[1]!)).toBeLessThan(0.25)
    expect(Math.abs(layer!.bias[0]! + 1)).toBeLessThan(0.25)
  })
})

describe('training that cannot go on', () => {
  test('numbers that overflow are an error with advice, and the next training works', async () => {
    const data = crossed(300, 13)
    const huge = specOf({ ...data, x: data.x.map((value) => Math.sign(value) * 3e38) }, { learningRate: 0.5 })
    await expect(trainNetwork(huge)).rejects.toMatchObject({
      code: 'MODEL_DIVERGED',
      message: expect.stringContaining('in epoch 1 at a learning rate of 0.5'),
    })
    expect((await trainNetwork(specOf(data))).bestEpoch).toBeGreaterThan(0)
  })

  test('an aborted training rejects with the reason, before it starts and while it runs', async () => {
    const reason = new Error('Nobody waits for it.')
    const spec = specOf(crossed(2000, 14), { epochs: 100_000, patience: 100_000 })
    await expect(trainNetwork(spec, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const control = new AbortController()
    const running = trainNetwork(spec, { signal: control.signal, onProgress: () => control.abort(reason) })
    await expect(running).rejects.toBe(reason)
  })
})

describe('prediction', () => {
  test('is what the contract says of the layers', async () => {
    const data = crossed(500, 15)
    const weights = await trainNetwork(specOf(data))
    const probabilities = await predictNetwork(weights, data.x, data.width)
    probabilities.forEach((p, row) => {
      const expected = probability(weights, Array.from(data.x.subarray(row * 4, (row + 1) * 4)))
      expect(Math.abs(p - expected)).toBeLessThan(1e-6)
    })
  })

  test('a row gets the same bits whatever rows come with it, and after the model was stored as JSON', async () => {
    const { x, y, width } = crossed(4300, 16, 11)
    const weights = await trainNetwork(specOf({ x, y, width }, { epochs: 1 }))
    const whole = await predictNetwork(weights, x, width)
    for (const size of [1, 2, 3, 5, 97, 4096]) {
      const last = size < 5 ? 60 : 4300
      for (let start = 0; start < last; start += size) {
        const piece = await predictNetwork(weights, x.subarray(start * width, (start + size) * width), width)
        expect(piece).toEqual(whole.slice(start, start + size))
      }
    }
    const stored: NetworkWeights = JSON.parse(JSON.stringify(weights))
    expect(await predictNetwork(stored, x, width)).toEqual(whole)
  })

  test('takes more rows than one request holds, and none at all', async () => {
    const width = 600
    const { x, y } = crossed(40, 17, width)
    const weights = await trainNetwork(specOf({ x, y, width }, { epochs: 1 }))
    const copies = 180
    const long = new Float32Array(x.length * copies)
    for (let copy = 0; copy < copies; copy++) long.set(x, copy * x.length)
    const probabilities = await predictNetwork(weights, long, width)
    const once = await predictNetwork(weights, x, width)
    expect(probabilities.length).toBe(40 * copies)
    for (let copy = 0; copy < copies; copy++) expect(probabilities.slice(copy * 40, (copy + 1) * 40)).toEqual(once)
    expect(await predictNetwork(weights, new Float32Array(0), width)).toEqual(new Float32Array(0))
  })
})

test('a process that has trained and scored ends by itself', async () => {
  const file = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  const script = `
    const { trainNetwork, predictNetwork } = await import(${file('../../../runtime/model/network.ts')})
    const { crossed, specOf } = await import(${file('./network-data.ts')})
    const data = crossed(200, 1)
    const weights = await trainNetwork(specOf(data))
    console.log((await predictNetwork(weights, data.x, data.width)).length)
    const done = performance.now()
    // An idle worker is ended after 30 s, and then the process would end as well.
    process.on('exit', () => console.log(performance.now() - done < 25_000))`
  const run = promisify(execFile)
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script])
  expect({ stdout, stderr }).toEqual({ stdout: '200\ntrue\n', stderr: '' })
})
