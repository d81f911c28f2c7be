// Slow: needs the public data in ../shared/data.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import { isThere, telco } from '../../flows/real-data.ts'
import { openBench } from '../one-node.ts'
import { stored } from './lessons.ts'

describe.skipIf(!isThere(telco))('Telco churn', () => {
  const bench = openBench()
  afterAll(() => bench.close())

  // scikit-learn's LogisticRegression(C=1, newton-cg, tol 1e-14) on the same numbers: z-scores (population deviation) with
  // TotalCharges at its median and an indicator where blank, and one-hot categories against the most common one.
  const reference = [
    -1.391760498724472, -0.08592317411274605, 0.6995598357654963, -0.7369579141570796, -1.6134567423458108,
    -0.7942036753003239, -0.9595174994470685, -1.868939046434307, -0.5534241369539099, -0.4328941204126269,
    -0.502282162595233,
  ]

  test('gives the coefficients of scikit-learn', async () => {
    const file = join(bench.root, 'telco.csv')
    copyFileSync(telco, file)
    const tried = await bench.run('predict/train', {
      inputs: {
        cases: sql`select * replace (try_cast("TotalCharges" as double) as "TotalCharges")
          from read_csv(${file}, types = {'TotalCharges': 'VARCHAR'})`,
      },
      with: {
        name: 'churn',
        customer: 'customerID',
        target: 'Churn',
        positive: 'Yes',
        numeric: ['tenure', 'MonthlyCharges', 'TotalCharges'],
        categorical: ['Contract', 'InternetService', 'PaymentMethod'],
        folds: 2,
      },
    })
    expect(tried.step.problem).toBeUndefined()
    const { parameters } = stored(bench, 'churn')
    expect(parameters.intercept).toBeCloseTo(-0.07860776374429945, 6)
    expect(parameters.coefficients.length).toBe(reference.length)
    parameters.coefficients.forEach((coefficient, index) => {
      expect(coefficient).toBeCloseTo(reference[index] ?? Number.NaN, 6)
    })
  })
})
