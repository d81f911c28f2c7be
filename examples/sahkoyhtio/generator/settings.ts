/** What the generator makes when it is asked for nothing else. */
export const DEFAULTS = { seed: 1, customers: 20_000, asOf: '2026-10-01' } as const

/** Months of invoices, contacts and ended contracts before the as-of date. */
export const HISTORY_MONTHS = 24

/** The days after the as-of date in which a customer stays or leaves. */
export const HORIZON_DAYS = 90

/**
 * How dirty the register is. Shares of the rows of customers.csv unless the comment says otherwise;
 * `generate` returns the ids that each kind befell.
 */
export const DIRT = {
  /** Of the people: entered a second time under another id. */
  duplicate: 0.04,
  misspeltName: 0.02,
  shoutedName: 0.02,
  paddedBlanks: 0.015,
  nonexistentPostalCode: 0.015,
  /** Of the postal codes that begin with a zero: lost in a spreadsheet. */
  lostLeadingZero: 0.03,
  missingPostalCode: 0.01,
  missingEmail: 0.06,
  invalidEmail: 0.02,
  missingPhone: 0.09,
  missingBirthDate: 0.05,
  impossibleBirthDate: 0.01,
  /** Of the rows older than three years: the address has not been confirmed in these three years. */
  staleAddress: 0.35,
  /** Of the stale addresses: the person has moved, and a letter would not arrive. */
  movedAway: 0.4,
  /** Rows beside the customers that no reader can parse. */
  unparsable: 0.0005,
} as const

/** What is known of the permission to contact: the share of rows without an answer, and of "yes" among answers. */
export const PERMISSIONS = {
  noRow: 0.06,
  blank: 0.12,
  email: 0.72,
  sms: 0.5,
  phone: 0.4,
  post: 0.85,
} as const

/** The external classification: the share of people it covers, and of those whose class it has right. */
export const PURCHASE_BEHAVIOUR = { coverage: 0.94, correct: 0.88, deliveredDaysBefore: 120 } as const

/**
 * The hidden effect of being contacted: the odds of leaving within the horizon are multiplied by
 * `oddsRatio` for the persuadable (price-sensitive, and at least at `risk`), by 1 for everybody else.
 */
export const CONTACT_EFFECT = { oddsRatio: 0.35, risk: 0.1, sensitivity: 0 } as const

/** The share that answers a contact: the persuadable, others, and those who call of themselves. */
export const RESPONSE = { persuadable: 0.34, other: 0.09, uncontacted: 0.02 } as const

export type Product = 'spot' | 'fixed 12' | 'fixed 24' | 'green' | 'basic'
export type PurchaseClass = 'price hunter' | 'convenience' | 'green' | 'traditional' | 'premium'

/** The purchase-behaviour classes: their share of people, mean price sensitivity and product choice (relative weights). */
export const CLASSES: Record<PurchaseClass, { share: number; sensitivity: number; products: Record<Product, number> }> =
  {
    'price hunter': {
      share: 0.24,
      sensitivity: 1.1,
      products: { spot: 40, 'fixed 12': 38, 'fixed 24': 10, green: 2, basic: 10 },
    },
    convenience: {
      share: 0.28,
      sensitivity: 0,
      products: { spot: 22, 'fixed 12': 22, 'fixed 24': 20, green: 6, basic: 30 },
    },
    green: {
      share: 0.12,
      sensitivity: -0.3,
      products: { spot: 18, 'fixed 12': 10, 'fixed 24': 12, green: 55, basic: 5 },
    },
    traditional: {
      share: 0.24,
      sensitivity: -0.4,
      products: { spot: 8, 'fixed 12': 18, 'fixed 24': 30, green: 4, basic: 40 },
    },
    premium: {
      share: 0.12,
      sensitivity: -0.9,
      products: { spot: 15, 'fixed 12': 10, 'fixed 24': 35, green: 25, basic: 15 },
    },
  }

/**
 * The hidden churn process: log odds of leaving within 90 days, per unit of each factor. Invented,
 * and chosen so that some 7–8 % of the live customers leave per 90 days and a good model reaches an
 * AUC of about 0.8.
 */
export const LEAVING = {
  intercept: -2.25,
  class: { 'price hunter': 1.05, convenience: 0.1, green: -0.4, traditional: -0.6, premium: -0.9 },
  product: { spot: 0.25, 'fixed 12': -1.6, 'fixed 24': -1.8, green: -0.2, basic: 0.1 },
  /** The fixed term ends within 90 days: the moment to compare offers. */
  termEnds: 3.1,
  /** Per cent/kWh paid above the market's offer, times the customer's price sensitivity (as a positive factor). */
  priceGap: 0.45,
  sensitivity: 0.45,
  /** Per log(1 + years as a customer). */
  tenure: -0.65,
  /** Per complaint in the last 180 days, at most two. */
  complaint: 1.1,
  /** Any question about the price in the last 180 days. */
  priceQuestion: 0.9,
  /** Announced a move in the last 90 days. */
  moving: 1.3,
  /** Per invoice of the last six paid more than a week late. */
  latePayment: 0.22,
  /** Per log(yearly kWh / 5000). */
  consumption: 0.2,
  /** Per ten years of age above fifty. */
  age: -0.1,
  /** The standard deviation of what no column shows. */
  unseen: 0.3,
} as const
