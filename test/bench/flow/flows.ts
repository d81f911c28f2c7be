// The flow that is timed, and the one that trains the model it scores with. What both do is what
// floor.ts does in plain SQL and pandas_job.py in pandas and scikit-learn: a change here is one there.

export const categories = ['home', 'garden', 'toys', 'books', 'sport']
const numbers = [
  'recency_days',
  'frequency',
  'monetary',
  'orders_90',
  'spend_90',
  'orders_365',
  'spend_365',
  'tenure_days',
]
export const segments = 5

export const trainFlow = `flow: train
steps:
  customers: { uses: import/csv, with: { path: data/sample-customers.csv } }
  orders: { uses: import/csv, with: { path: data/sample-orders.csv } }
  features:
    uses: enrich/customer-features
    from: { orders: orders, customers: customers }
    with: { since: since, columns: [city], windows: [30, 90, 365], asOf: -90 days }
  cases:
    uses: predict/cases
    from: { customers: features, events: orders }
    with: { eventDate: ordered_at, from: -90 days, days: 90 }
  train:
    uses: predict/train
    from: cases
    with:
      name: buyer
      numeric: [${numbers.join(', ')}]
      categorical: [city]
      log: [frequency, monetary, orders_90, spend_90, orders_365, spend_365]
`

export const benchFlow = `flow: bench
steps:
  customers: { uses: import/csv, with: { path: data/customers.csv } }
  orders: { uses: import/csv, with: { path: data/orders.csv } }
  features:
    uses: enrich/customer-features
    from: { orders: orders, customers: customers }
    with: { since: since, columns: [city], windows: [30, 90, 365], category: category, categories: [${categories.join(', ')}] }
  rfm: { uses: segment/rfm, from: orders }
  segments:
    uses: segment/k-means
    from: features
    with: { columns: [recency_days, frequency, monetary, mean_order], log: [frequency, monetary, mean_order], k: ${segments} }
  score: { uses: model/buyer@draft, from: segments }
  target:
    uses: select/target-group
    from: { customers: score, permissions: customers }
    with:
      rank: probability * spend_365
      minimumValue: 1
      budget: 20000
      where: [{ name: active, condition: orders_365 > 0 }]
      channels:
        - { name: email, permission: email_permission, cost: 0.05 }
        - { name: letter, permission: letter_permission, cost: 1.2, capacity: 10000 }
`

/** The steps that are nothing but SQL, whose floor is measured. */
export const sqlSteps = ['customers', 'orders', 'features', 'rfm', 'score']
