// Made from the nodes’ own declarations by `npm run catalogue`.
import type { GivenTable, NodeResult } from './result.ts'
import type { Table } from './table.ts'

/** @public A workspace’s own nodes are added to it. */
export interface ImportNodes {
  /**
   * **CSV file.** Reads a delimited or fixed-width text file; sets apart every record that cannot be read, with the reason.
   *
   * Node `import/csv`.
   */
  csv(inputs: Record<string, never>, settings: {
    /** The file, relative to the workspace */
    readonly path: string
    /** What separates fields: a character or its name; whitespace is any number of blanks. Detected */
    readonly delimiter?: string
    /** What encloses a value that holds a delimiter; empty for nothing. Detected */
    readonly quote?: string
    /** How a quotation mark is written inside a quoted value. Detected */
    readonly escape?: "doubled" | "backslash"
    /** How characters are stored. Detected between UTF-8, UTF-16 and Windows-1252 */
    readonly encoding?: "utf-8" | "windows-1252" | "iso-8859-1" | "iso-8859-15" | "utf-16"
    /** The decimal mark of numbers. Detected by column */
    readonly decimal?: "." | ","
    /** How dates are written, such as %d.%m.%Y or %Y%m%d. Detected by column */
    readonly dateFormat?: string
    /** Whether the first line names the columns. Detected */
    readonly header?: boolean
    /** Lines before the header or the first row to pass over (from 0; default `0`) */
    readonly skip?: number
    /** Whether the file is compressed; auto looks at its first bytes (default `"auto"`) */
    readonly compression?: "auto" | "none" | "gzip"
    /** Texts that mean a missing value beside empty ones; without it words such as NA are found in number and date columns */
    readonly nulls?: readonly (string)[]
    /** Whether blanks around values are taken away (default `true`) */
    readonly trim?: boolean
    /** All columns with their types: by name where the file has a header, else in file order. With it the file may be missing while a flow is checked */
    readonly columns?: Readonly<Record<string, string>>
    /** Types of some columns, where what is detected is not wanted */
    readonly types?: Readonly<Record<string, string>>
    /** The columns of a file of fixed width, in which no character separates fields */
    readonly fixedWidth?: readonly ({
      /** What the column shall be called */
      readonly name: string
      /** Its first character, counted from 1 (from 1) */
      readonly start: number
      /** How many characters it has (from 1) */
      readonly width: number
      /** text, integer, number, decimal, date, timestamp or boolean; or a DuckDB type such as DECIMAL(18,2) */
      readonly type?: string
    })[]
  }): Promise<NodeResult<{
    /** The rows of the file in its order, one column per field */
    readonly rows: Table
    /** Every record that is no row: its line in the file, the reason, and its text */
    readonly rejected: Table
  }>>
  /**
   * **Rows of a dataset.** Reads what earlier runs appended to a dataset of the workspace, such as the contact history, as it was known on a date.
   *
   * Node `import/dataset`.
   */
  dataset(inputs: Record<string, never>, settings: {
    /** The dataset, such as contact-history */
    readonly dataset: string
    /** What was appended up to and with this date (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly asOf?: string
  }): Promise<NodeResult<{
    /** The rows in a stable order */
    readonly rows: Table
  }>>
  /**
   * **Parquet file.** Reads a Parquet file with the names and types it carries.
   *
   * Node `import/parquet`.
   */
  parquet(inputs: Record<string, never>, settings: {
    /** The file, relative to the workspace */
    readonly path: string
  }): Promise<NodeResult<{
    /** The rows of the file, in its order */
    readonly rows: Table
  }>>
}

/** @public A workspace’s own nodes are added to it. */
export interface QualityNodes {
  /**
   * **Duplicates.** Finds records that are the same person, and makes one golden record of each person’s records.
   *
   * Node `quality/duplicates`.
   */
  duplicates(inputs: {
    /** Customers, one row per record; the key is unique */
    readonly customers: GivenTable
  }, settings: {
    /** The unique key of a record (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** Rules, each a list of columns. Two records are one person when all columns of any one rule agree and none is missing */
    readonly match: readonly (readonly ({
      /** What is compared (column of `customers`) */
      readonly column: string
      /** What is made equal first: text (case, punctuation), name (also blanks and hyphens), email, phone, postal, date; exact compares as it is (default `"text"`) */
      readonly normalise?: "exact" | "text" | "name" | "email" | "phone" | "postal" | "date"
    })[])[]
    /** Whether ä is compared as a (text and name), as tired hands type it (default `"ignore"`) */
    readonly accents?: "ignore" | "keep"
    /** Where telephone numbers and postal codes without a country are from (default `"FI"`) */
    readonly country?: "FI" | "AX" | "SE" | "NO" | "DK" | "IS" | "FO" | "GL" | "EE" | "LV" | "LT" | "PL" | "DE" | "AT" | "CH" | "LI" | "NL" | "BE" | "LU" | "FR" | "MC" | "ES" | "PT" | "IT" | "MT" | "GR" | "CY" | "CZ" | "SK" | "HU" | "SI" | "HR" | "RO" | "BG" | "UA" | "RU" | "TR" | "GB" | "IE" | "US" | "CA" | "AU" | "NZ" | "JP" | "CN" | "IN"
    /** A value that more records share is not used, but listed: it is a switchboard or a placeholder (from 2; default `50`) */
    readonly maxGroup?: number
    /** When a record was last confirmed; the newest record of a cluster then survives (date column of `customers`) */
    readonly updated?: string
    /** Columns that do not simply take their value from the first record of the cluster that has one (default `[]`) */
    readonly survivorship?: readonly ({
      /** The column that has a rule of its own (column of `customers`) */
      readonly column: string
      /** Which of the values that are there survives; ties are broken by the order of the records (see `updated`) */
      readonly rule: "first_non_null" | "newest" | "oldest" | "longest" | "most_common" | "max" | "min"
      /** The date of newest and oldest; `updated` by default (date column of `customers`) */
      readonly by?: string
    })[]
    /** Columns that only make sense together, such as street and postal code: all taken from the one record that has most of them (default `[]`) */
    readonly together?: readonly (readonly (string)[])[]
    /** The name of the added column of golden: how many records became one (default `"records"`) */
    readonly recordsColumn?: string
  }): Promise<NodeResult<{
    /** One row per person: the customers’ columns with their surviving values, and the number of records */
    readonly golden: Table
    /** One row per record: customer_id, cluster_id (the smallest key of the cluster), survivor_id (the key in golden), cluster_size and the rules that joined it */
    readonly clusters: Table
    /** One row per rule: position, rule, records that can be compared, values they share, surplus records, and values and records not used because too many share them */
    readonly rules: Table
    /** Values that more than maxGroup records share and that were therefore not used: rule, value, records */
    readonly shared: Table
  }>>
  /**
   * **Data health check.** Says how fit the customer data is: complete, valid, unique and consistent, whom one may contact, and what stale addresses cost.
   *
   * Node `quality/health-check`.
   */
  healthCheck(inputs: {
    /** Customers, one row each */
    readonly customers: GivenTable
    /** Permissions to contact, one row per customer */
    readonly permissions?: GivenTable
    /** Postal codes that exist, one row each */
    readonly postal_codes?: GivenTable
  }, settings?: {
    /** The customer’s key (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** Columns that every customer must have; by default the key and the columns with a role below, or all where none has one */
    readonly required?: readonly (string)[]
    /** The columns of the name: with the birth date, e-mail or telephone they tell who is entered twice (default `[]`) */
    readonly names?: readonly (string)[]
    /** The date of birth: a date, or a text such as 1980-12-31, 31.12.1980 or 19801231 (column of `customers`) */
    readonly birthDate?: string
    /** The e-mail address (column of `customers`) */
    readonly email?: string
    /** The telephone number (column of `customers`) */
    readonly phone?: string
    /** The postal code (column of `customers`) */
    readonly postalCode?: string
    /** The country of the address: an ISO 3166-1 code, or a name (column of `customers`) */
    readonly country?: string
    /** The country where there is no other; the list of postal codes is of this country (default `"FI"`) */
    readonly defaultCountry?: "FI" | "AX" | "SE" | "NO" | "DK" | "IS" | "FO" | "GL" | "EE" | "LV" | "LT" | "PL" | "DE" | "AT" | "CH" | "LI" | "NL" | "BE" | "LU" | "FR" | "MC" | "ES" | "PT" | "IT" | "MT" | "GR" | "CY" | "CZ" | "SK" | "HU" | "SI" | "HR" | "RO" | "BG" | "UA" | "RU" | "TR" | "GB" | "IE" | "US" | "CA" | "AU" | "NZ" | "JP" | "CN" | "IN"
    /** The column of the postal codes that exist (column of `postal_codes`; default `"postal_code"`) */
    readonly postalCodeList?: string
    /** When the address was last confirmed: a date, or a text as of birthDate (column of `customers`) */
    readonly addressUpdated?: string
    /** Months after which an address that nobody has confirmed is stale (from 1 to 1200; default `36`) */
    readonly staleAfterMonths?: number
    /** The share of the letters to stale addresses that are wasted (from 0 to 1; default `1`) */
    readonly staleShare?: number
    /** Letters a customer is sent in a year (from 0) */
    readonly lettersPerYear?: number
    /** What a letter costs: print and postage (from 0) */
    readonly letterPrice?: number
    /** Years; who is younger is not a customer (from 0 to 150; default `0`) */
    readonly minimumAge?: number
    /** Years; nobody is older (from 1 to 200; default `120`) */
    readonly maximumAge?: number
    /** What must hold between the columns of a customer: the consistency of the data (default `[]`) */
    readonly rules?: readonly ({
      /** What the rule is called in the report */
      readonly name: string
      /** What must hold of a customer: "start_date <= end_date"; no value is no verdict (boolean expression of `customers`) */
      readonly condition: string
      /** Why it must hold */
      readonly description?: string
    })[]
    /** A name with its birth date, e-mail or telephone that more records share makes no duplicates (from 2; default `50`) */
    readonly maxGroup?: number
    /** The customer’s key (column of `permissions`; default `"customer_id"`) */
    readonly permissionCustomer?: string
    /** The channels whose permissions are counted; needs the input permissions (default `[]`) */
    readonly channels?: readonly ({
      /** What the channel is called: email, sms, phone, post; its metric is permission_NAME */
      readonly name: string
      /** The permission to contact through this channel (column of `permissions`) */
      readonly permission: string
      /** The texts that mean yes, in whatever capitals; true of a boolean column always does (default `["yes","true","1","kyllä"]`) */
      readonly allowed?: readonly (string)[]
    })[]
    /** How much each dimension counts in the score; all the same by default (default `{}`) */
    readonly weights?: {
      /** The weight of completeness (from 0; default `1`) */
      readonly completeness?: number
      /** The weight of validity (from 0; default `1`) */
      readonly validity?: number
      /** The weight of uniqueness (from 0; default `1`) */
      readonly uniqueness?: number
      /** The weight of consistency (from 0; default `1`) */
      readonly consistency?: number
    }
    /** The date on which ages and stale addresses are judged (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly asOf?: string
  }): Promise<NodeResult<{
    /** One row per column of the customers: how many values are there, and its completeness, validity, uniqueness and consistency (0–1) where they apply */
    readonly columns: Table
    /** One row per customer and broken rule: customer_id, dimension, rule and column_name; no personal values */
    readonly problems: Table
    /** One row: the score, its four dimensions, and the counts and the cost of the findings */
    readonly overall: Table
    /** One row per channel: customers who may be contacted, who said anything else, who have not answered */
    readonly permissions: Table
  }>>
}

/** @public A workspace’s own nodes are added to it. */
export interface EnrichNodes {
  /**
   * **Customer features.** Describes each customer by purchases before a date: how lately, how often, for how much, on what, and which way it goes.
   *
   * Node `enrich/customer-features`.
   */
  customerFeatures(inputs: {
    /** Purchases or invoices, one row each (or one row per order line) */
    readonly orders: GivenTable
    /** The customers, one row each; without it those who have purchases */
    readonly customers?: GivenTable
  }, settings?: {
    /** The key of the customers, one row each (column of `customers`; default `"customer_id"`) */
    readonly key?: string
    /** Since when they are customers (date column of `customers`) */
    readonly since?: string
    /** Columns of the customers to carry along */
    readonly columns?: readonly (string)[]
    /** Who bought (column of `orders`; default `"customer_id"`) */
    readonly customer?: string
    /** When (date column of `orders`; default `"ordered_at"`) */
    readonly date?: string
    /** For how much (number column of `orders`; default `"amount"`) */
    readonly amount?: string
    /** The order a line belongs to; without it every row is an order, and lines without one are one order (column of `orders`) */
    readonly order?: string
    /** Purchases before this date count (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly asOf?: string
    /** Windows before the as-of date, in days (default `[30,90,365]`) */
    readonly windows?: readonly (number)[]
    /** What kind of thing was bought (column of `orders`) */
    readonly category?: string
    /** The categories that get a column of spend each, named after them (default `[]`) */
    readonly categories?: readonly (string)[]
    /** More columns, each made of a number of the purchases (consumption, days late) (default `[]`) */
    readonly measures?: readonly ({
      /** The name of the new column */
      readonly name: string
      /** A number of each purchase: a column or an expression (number expression of `orders`) */
      readonly value: string
      /** How the purchases’ values become one: last is that of the latest one that has a value */
      readonly aggregate: "sum" | "mean" | "max" | "min" | "last"
      /** Of the last days only (from 1 to 36500) */
      readonly window?: number
    })[]
  }): Promise<NodeResult<{
    /** One row per customer_id: recency_days, frequency, monetary, mean_order, tenure_days, mean_gap_days, active_months (of the last twelve of 30 days); for each window of N days orders_N, spend_N and trend_N (spend against the N days before: 1 new, 0 unchanged, −1 stopped); spend by category; measures */
    readonly features: Table
  }>>
  /**
   * **Derived columns.** Computes new columns from those there are, and keeps the rows and columns that are asked for.
   *
   * Node `enrich/derive`.
   */
  derive(inputs: {
    /** Any rows */
    readonly table: GivenTable
  }, settings?: {
    /** New columns: a name and an SQL expression of the input’s columns, not of each other (default `{}`) */
    readonly columns?: Readonly<Record<string, string>>
    /** Which rows to keep, by the input’s columns; a row for which it is neither true nor false is dropped (boolean expression of `table`) */
    readonly where?: string
    /** The only columns of the input to keep, in this order */
    readonly keep?: readonly (string)[]
    /** Columns of the input to leave out */
    readonly drop?: readonly (string)[]
    /** Whether a new column may take the name and place of one that is there (default `false`) */
    readonly replace?: boolean
  }): Promise<NodeResult<{
    /** The rows that were kept, in their order, with their new columns */
    readonly table: Table
  }>>
  /**
   * **Join.** Adds the columns of a second table where its key is the same, and shows which rows found no partner.
   *
   * Node `enrich/join`.
   */
  join(inputs: {
    /** The rows to keep, all of them, in their order */
    readonly left: GivenTable
    /** What is known about them, found by key */
    readonly right: GivenTable
  }, settings: {
    /** The pairs of columns that must agree; an empty key agrees with nothing */
    readonly on: readonly ({
      /** The key in the left table (column of `left`) */
      readonly left: string
      /** The same in the right table (column of `right`) */
      readonly right: string
    })[]
    /** The columns of the right table to take; without it all but its keys */
    readonly columns?: readonly (string)[]
    /** Put after the name of a right column that the left table has too; without it that is an error */
    readonly suffix?: string
    /** When several right rows have one key: an error, the first by `order`, or one row for each (default `"refuse"`) */
    readonly many?: "refuse" | "first" | "all"
    /** Which right row is the first; where it leaves several, the one that the table has first */
    readonly order?: readonly ({
      /** A column of the right table, or an expression of its columns (expression of `right`) */
      readonly by: string
      /** Whether the greatest comes first (default `false`) */
      readonly descending?: boolean
    })[]
    /** Whether keys of text agree also with other blanks around them and other capitals (default `false`) */
    readonly normalise?: boolean
  }): Promise<NodeResult<{
    /** Every left row with the right columns, empty where no right row has its key */
    readonly joined: Table
    /** The left rows without a partner */
    readonly unmatched: Table
  }>>
  /**
   * **Row numbers.** Numbers the rows from 1 in their order: a key for a file that has none.
   *
   * Node `enrich/row-number`.
   */
  rowNumber(inputs: {
    /** Any rows */
    readonly table: GivenTable
  }, settings?: {
    /** The name of the new column (default `"row_number"`) */
    readonly name?: string
  }): Promise<NodeResult<{
    /** The rows in their order, with their number */
    readonly table: Table
  }>>
}

/** @public A workspace’s own nodes are added to it. */
export interface SegmentNodes {
  /**
   * **Segments by k-means.** Groups customers who are alike in the chosen numbers, and shows what sets each group apart.
   *
   * Node `segment/k-means`.
   */
  kMeans(inputs: {
    /** Customers with their numbers, one row each */
    readonly customers: GivenTable
  }, settings: {
    /** The customer (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** The numbers to compare customers by */
    readonly columns: readonly (string)[]
    /** Those of them to take ln(1 + value) of first: sums and counts with a long tail (default `[]`) */
    readonly log?: readonly (string)[]
    /** How many segments; chosen without it (from 1 to 50) */
    readonly k?: number
    /** The fewest segments to try (from 2 to 50; default `2`) */
    readonly kFrom?: number
    /** The most segments to try (from 2 to 50; default `8`) */
    readonly kTo?: number
    /** Starts, the best of which is kept; beyond 20,000 customers made on a sample (from 1 to 100; default `10`) */
    readonly restarts?: number
    /** The name of the new column (default `"segment"`) */
    readonly name?: string
  }): Promise<NodeResult<{
    /** The customers with their segment, 1 being the largest; empty where a number is missing */
    readonly customers: Table
    /** One row per segment: its size, share and centre in the original units */
    readonly centroids: Table
  }>>
  /**
   * **Profile of a group.** Compares a group with everybody else, class by class: what is typical of it and what is rare in it.
   *
   * Node `segment/profile`.
   */
  profile(inputs: {
    /** Customers, one row each */
    readonly customers: GivenTable
  }, settings: {
    /** Who belongs to the group (boolean expression of `customers`) */
    readonly group: string
    /** Whom to compare with; all customers, the group among them, without it (boolean expression of `customers`) */
    readonly against?: string
    /** What to compare */
    readonly columns: readonly (string)[]
    /** Classes of equal size for numbers (from 2 to 20; default `5`) */
    readonly bins?: number
    /** Most common classes; the rest are one (from 2 to 50; default `12`) */
    readonly maxClasses?: number
  }): Promise<NodeResult<{
    /** One row per column and class: counts, shares, index (100 is as in the comparison) and mark */
    readonly classes: Table
    /** One row per column: χ² of the group against the others, its p-value and Cramér’s V */
    readonly columns: Table
  }>>
  /**
   * **RFM classes.** Scores customers by recency, frequency and spend: who bought lately, often and for much.
   *
   * Node `segment/rfm`.
   */
  rfm(inputs: {
    /** Purchases, one row each (or one row per order line) */
    readonly orders: GivenTable
  }, settings?: {
    /** Who bought (column of `orders`; default `"customer_id"`) */
    readonly customer?: string
    /** When (date column of `orders`; default `"ordered_at"`) */
    readonly date?: string
    /** For how much (number column of `orders`; default `"amount"`) */
    readonly amount?: string
    /** The order a line belongs to; without it every row is an order, and lines without one are one order (column of `orders`) */
    readonly order?: string
    /** Purchases before this date count (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly asOf?: string
    /** How many classes each of the three has (from 2 to 10; default `5`) */
    readonly classes?: number
  }): Promise<NodeResult<{
    /** One row per customer with recency in days, frequency, monetary, their classes (the highest is best) and a group in words */
    readonly customers: Table
  }>>
  /**
   * **Value classes.** Sorts customers by value into A, B and C: those who bring most of it, those who bring the rest, and the long tail.
   *
   * Node `segment/value-classes`.
   */
  valueClasses(inputs: {
    /** Customers with their value, one row each */
    readonly customers: GivenTable
  }, settings?: {
    /** The customer (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** What the customer is worth (number column of `customers`; default `"monetary"`) */
    readonly value?: string
    /** Classes with the cumulative share of value each reaches up to, the last one to 1. The customer who crosses a limit is in the class before it (default `{"A":0.8,"B":0.95,"C":1}`) */
    readonly shares?: Readonly<Record<string, number>>
    /** The share of best customers whose share of value is told (default `0.2`) */
    readonly top?: number
  }): Promise<NodeResult<{
    /** The customers with their value_class, value_rank (1 is the most valuable) and cumulative_share of value up to and with them */
    readonly customers: Table
  }>>
}

/** @public A workspace’s own nodes are added to it. */
export interface PredictNodes {
  /**
   * **Cases to learn from.** Marks which customers did something within so many days after a date, and which did not.
   *
   * Node `predict/cases`.
   */
  cases(inputs: {
    /** Customers as they were known on the date, one row each */
    readonly customers: GivenTable
    /** What happened: one row per event with its customer and date */
    readonly events: GivenTable
  }, settings?: {
    /** The customer (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** Whose event it is (column of `events`; default `"customer_id"`) */
    readonly eventCustomer?: string
    /** When it happened (date column of `events`; default `"date"`) */
    readonly eventDate?: string
    /** Which events count; all of them without it (boolean expression of `events`) */
    readonly event?: string
    /** Who could do it at all; everybody without it (boolean expression of `customers`) */
    readonly active?: string
    /** The date up to which the customers are known; events count from this day on (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly from?: string
    /** Within how many days (from 1 to 3650; default `90`) */
    readonly days?: number
    /** Up to which date events are known; the days must have passed by then (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly until?: string
    /** The name of the new column (default `"target"`) */
    readonly target?: string
  }): Promise<NodeResult<{
    /** The active customers with the new column: yes for a case, no for the others */
    readonly cases: Table
  }>>
  /**
   * **Score with a model.** Gives every customer the probability that a trained model predicts.
   *
   * Node `predict/score`.
   */
  score(inputs: {
    /** Customers with the columns the model needs, one row each */
    readonly customers: GivenTable
    /** The model output of predict/train in the same flow */
    readonly model?: GivenTable
  }, settings?: {
    /** A stored model, NAME@VERSION, NAME@draft (the newest) or NAME@approved; without it the input model */
    readonly model?: string
    /** The customer (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** The name of the new column (default `"probability"`) */
    readonly score?: string
  }): Promise<NodeResult<{
    /** The customers with their probability, 0–1 */
    readonly scored: Table
  }>>
  /**
   * **Train a model.** Learns from customers who did something and customers who did not to predict who will, and says how well it does.
   *
   * Node `predict/train`.
   */
  train(inputs: {
    /** Customers to learn from, one row each, with what is known of them and what they did */
    readonly cases: GivenTable
  }, settings: {
    /** The model’s name: a flow uses it as model/NAME@VERSION */
    readonly name: string
    /** The customer (column of `cases`; default `"customer_id"`) */
    readonly customer?: string
    /** What they did (column of `cases`; default `"target"`) */
    readonly target?: string
    /** The value of target that is predicted (default `"yes"`) */
    readonly positive?: string
    /** How to learn (default `"logistic"`) */
    readonly method?: "logistic" | "network"
    /** Numbers to learn from (default `[]`) */
    readonly numeric?: readonly (string)[]
    /** Categories to learn from (default `[]`) */
    readonly categorical?: readonly (string)[]
    /** Without numeric and categorical all columns are learnt from but these; name here what is known only afterwards (default `[]`) */
    readonly exclude?: readonly (string)[]
    /** Numbers to take ln(1 + value) of first: sums and counts with a long tail (default `[]`) */
    readonly log?: readonly (string)[]
    /** Categories with fewer customers are learnt as one (from 1; default `20`) */
    readonly minimumCount?: number
    /** Most common categories of a column; the rest are learnt as one (from 1 to 500; default `50`) */
    readonly maximumLevels?: number
    /** Parts of the cross-validation (from 2 to 20; default `5`) */
    readonly folds?: number
    /** Whether both kinds of customers weigh alike in total; probabilities then are too high (default `false`) */
    readonly balance?: boolean
    /** Ridge penalty of the logistic regression (from 0; default `1`) */
    readonly l2?: number
    /** Settings of the network (default `{}`) */
    readonly network?: {
      /** Units of each hidden layer (default `[32,16]`) */
      readonly hidden?: readonly (number)[]
      /** Share of units left out in each step (from 0 to 0.9; default `0.2`) */
      readonly dropout?: number
      /** Step size of Adam (to 1; default `0.01`) */
      readonly learningRate?: number
      /** Rows per step (from 8 to 16384; default `1024`) */
      readonly batchSize?: number
      /** Passes over the rows at the most (from 1 to 1000; default `60`) */
      readonly epochs?: number
      /** Passes without a better validation loss before it stops (from 1 to 100; default `8`) */
      readonly patience?: number
      /** Share of rows kept aside to see when to stop (from 0.05 to 0.5; default `0.15`) */
      readonly validationShare?: number
    }
    /** What the model is for, told on its card (default `""`) */
    readonly intendedUse?: string
    /** Where it must not be used, told on its card (default `""`) */
    readonly limits?: string
  }): Promise<NodeResult<{
    /** One row: the stored model’s name, version and kind, and the columns it needs */
    readonly model: Table
    /** Every customer with what they did and the probability from a model that had not seen them */
    readonly predictions: Table
    /** How much worse the model ranks without each column */
    readonly importance: Table
  }>>
}

/** @public A workspace’s own nodes are added to it. */
export interface SelectNodes {
  /**
   * **Control group.** Sets aside customers who are not contacted, so that the campaign’s effect can be measured; the same ones in every run.
   *
   * Node `select/control-group`.
   */
  controlGroup(inputs: {
    /** Customers to contact, one row each */
    readonly target: GivenTable
  }, settings: {
    /** The customer’s key (column of `target`; default `"customer_id"`) */
    readonly customer?: string
    /** The campaign’s name: the same name always gives the same groups */
    readonly campaign: string
    /** The control group’s share; each customer’s group depends on nobody else */
    readonly share?: number
    /** Or its size: then who is in it depends on who else is in the target group (from 1) */
    readonly size?: number
    /** A group held out of every campaign, taken before the control group */
    readonly standing?: {
      /** Its share of all customers */
      readonly share: number
      /** Another text makes another standing group, such as one a year (default `"1"`) */
      readonly salt?: string
    }
    /** The share of the control group expected to respond (from 0 to 1) */
    readonly expectedRate?: number
    /** By how much more (or less) of the treated are expected to (from -1 to 1) */
    readonly expectedLift?: number
    /** The two-sided level of the test to come (to 0.5; default `0.05`) */
    readonly alpha?: number
    /** The wanted chance of showing the expected lift (from 0.5; default `0.8`) */
    readonly power?: number
    /** Columns whose means the groups are compared by; the first ten numeric ones by default */
    readonly balance?: readonly (string)[]
  }): Promise<NodeResult<{
    /** The customers to contact */
    readonly treated: Table
    /** The customers of the control group: not to be contacted */
    readonly control: Table
    /** The customers of the standing group: held out of every campaign */
    readonly standing: Table
    /** All customers with their campaign_group: treated, control or standing */
    readonly assigned: Table
  }>>
  /**
   * **Export contacts.** Writes one file per channel for those who contact the customers, and records each contact in the history exactly once.
   *
   * Node `select/export`.
   */
  export(inputs: {
    /** The customers to contact with their channel and cost: the treated */
    readonly target: GivenTable
    /** The control group, for the history only: never in a file */
    readonly control?: GivenTable
  }, settings: {
    /** The customer’s key, in the control group a column of the same name (column of `target`; default `"customer_id"`) */
    readonly customer?: string
    /** The channel to contact them through; also recorded of the control group where it has the column (column of `target`; default `"channel"`) */
    readonly channel?: string
    /** What the contact costs (number column of `target`; default `"cost"`) */
    readonly cost?: string
    /** The campaign’s name, in the history and as the folder of its files */
    readonly campaign: string
    /** The date of the contacts; campaign and date together are contacted once (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly asOf?: string
    /** The columns of the files: no more than the channel needs */
    readonly columns: readonly (string)[]
    /** Columns of phone numbers: what is nothing but a number with its plus is written without the apostrophe that other texts with a leading + get (default `[]`) */
    readonly phoneColumns?: readonly (string)[]
    /** The order of the rows in the files, such as position; else that of the keys (column of `target`) */
    readonly sort?: string
    /** The folder of all exports (default `"exports"`) */
    readonly folder?: string
    /** What separates the columns (default `";"`) */
    readonly delimiter?: ";" | "," | "\t" | "|"
    /** Begin with the mark by which spreadsheets know UTF-8 (default `true`) */
    readonly bom?: boolean
    /** The contact history (default `"contact-history"`) */
    readonly dataset?: string
  }): Promise<NodeResult<{
    /** The rows of the history: one per customer, treated or control, with channel, date and cost */
    readonly contacts: Table
    /** One row per file: channel, path from the export folder, rows */
    readonly files: Table
  }>>
  /**
   * **Target group.** Chooses whom to contact and how: by permission, rules, rank, budget and capacity; says why all others are out.
   *
   * Node `select/target-group`.
   */
  targetGroup(inputs: {
    /** Customers with what they are ranked by, one row each */
    readonly customers: GivenTable
    /** Permissions to contact, one row per customer: who has no row is not contacted */
    readonly permissions: GivenTable
    /** Contacts so far, for the quarantine of the recently contacted */
    readonly history?: GivenTable
    /** The standing control group: customers whom no campaign contacts */
    readonly held_out?: GivenTable
  }, settings: {
    /** The customer’s key (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** The customer’s key (column of `permissions`; default `"customer_id"`) */
    readonly permissionCustomer?: string
    /** Conditions in order: the first that does not hold excludes (default `[]`) */
    readonly where?: readonly ({
      /** What the rule is called in the report */
      readonly name: string
      /** What must hold; no value is as good as no (boolean expression of `customers`) */
      readonly condition: string
    })[]
    /** What orders customers, the highest first (number expression of `customers`) */
    readonly rank: string
    /** The lowest rank that is worth a contact */
    readonly minimumValue?: number
    /** For contacts, with at most four decimals (from 0 to 1000000000) */
    readonly budget: number
    /** The most customers to select (from 1) */
    readonly size?: number
    /** Channels in order of preference: each customer gets the first permitted one that has room */
    readonly channels: readonly ({
      /** What the channel is called: email */
      readonly name: string
      /** The permission to contact through this channel (column of `permissions`) */
      readonly permission: string
      /** The texts that mean yes, in whatever capitals; true of a boolean column always does (default `["yes","true","1","kyllä"]`) */
      readonly allowed?: readonly (string)[]
      /** What a contact costs, with at most four decimals (from 0 to 1000000) */
      readonly cost: number
      /** The most contacts; without it no limit (from 0) */
      readonly capacity?: number
      /** What the channel needs: "email is not null" (boolean expression of `customers`) */
      readonly needs?: string
    })[]
    /** The customer’s key (column of `held_out`; default `"customer_id"`) */
    readonly heldOutCustomer?: string
    /** The customer’s key (column of `history`; default `"customer_id"`) */
    readonly historyCustomer?: string
    /** When they were contacted (date column of `history`; default `"contacted_on"`) */
    readonly historyDate?: string
    /** Which rows of the history are contacts; by default all but those with campaign_group control or standing (boolean expression of `history`) */
    readonly contacted?: string
    /** Days that must have passed since the last contact (from 1 to 3660) */
    readonly quarantineDays?: number
    /** This campaign, as the history’s column campaign names it: then contacts of other campaigns on the as-of date itself count too */
    readonly campaign?: string
    /** The date of the contacts; the history counts from before it (a date such as 2026-10-01, or an offset such as -3 months; default `"0 days"`) */
    readonly asOf?: string
  }): Promise<NodeResult<{
    /** The customers to contact with their columns, channel, cost, rank_value and position (1 is the best) */
    readonly target: Table
    /** Everybody else with the first rule that excluded them and a detail without personal values */
    readonly excluded: Table
  }>>
  /**
   * **Ranked list.** Lists the customers who are highest in something, and says how much of the whole they hold.
   *
   * Node `select/top`.
   */
  top(inputs: {
    /** Customers, one row each */
    readonly customers: GivenTable
  }, settings: {
    /** The customer (column of `customers`; default `"customer_id"`) */
    readonly customer?: string
    /** What to rank by, the highest first (number expression of `customers`) */
    readonly by: string
    /** How many customers the list has at the most (from 1; default `1000`) */
    readonly limit?: number
    /** What the report calls it (default `"Value"`) */
    readonly label?: string
  }): Promise<NodeResult<{
    /** The highest customers from the first down, with their position */
    readonly ranked: Table
  }>>
}

/** @public A workspace’s own nodes are added to it. */
export interface MeasureNodes {
  /**
   * **Effect of a campaign.** Compares the treated with the control group: lift, incremental customers and value, and the return on the campaign.
   *
   * Node `measure/campaign`.
   */
  campaign(inputs: {
    /** The campaign’s customers with their group, one row each: the contact history, or the assigned groups */
    readonly groups: GivenTable
    /** What customers did after the campaign, at most one row each */
    readonly outcomes: GivenTable
  }, settings?: {
    /** The customer’s key (column of `groups`; default `"customer_id"`) */
    readonly customer?: string
    /** Who was treated and who was not (text column of `groups`; default `"campaign_group"`) */
    readonly group?: string
    /** What the group of the treated is called (default `"treated"`) */
    readonly treated?: string
    /** What the control group is called (default `"control"`) */
    readonly control?: string
    /** Groups that are no part of the comparison (default `["standing"]`) */
    readonly leaveOut?: readonly (string)[]
    /** Only rows of this campaign, by the column campaign of the groups */
    readonly campaign?: string
    /** Only rows for which this holds: one wave of a repeated campaign, contacted_on = date '2026-10-01' (boolean expression of `groups`) */
    readonly only?: string
    /** Columns by whose values the effect is shown as well (default `[]`) */
    readonly segments?: readonly (string)[]
    /** The customer’s key (column of `outcomes`; default `"customer_id"`) */
    readonly outcomeCustomer?: string
    /** Whether they responded: true or false, or 1 or 0 (expression of `outcomes`) */
    readonly response?: string
    /** Whether they stayed: true or false, or 1 or 0 (expression of `outcomes`) */
    readonly retention?: string
    /** What they brought (number expression of `outcomes`) */
    readonly value?: string
    /** The outcome the campaign was for; by default the first given of response, retention and value */
    readonly main?: "response" | "retention" | "value"
    /** A number that was known before the campaign and foretells the value, such as last year’s margin: adjusting for it narrows the intervals (number column of `groups`) */
    readonly covariate?: string
    /** The share of the value that is earned; 1 where the value is a margin already (to 1; default `1`) */
    readonly margin?: number
    /** What was spent on each customer (number column of `groups`) */
    readonly cost?: string
    /** Or what was spent per treated customer (from 0 to 1000000) */
    readonly costPerContact?: number
    /** What the campaign cost besides (from 0 to 1000000000; default `0`) */
    readonly fixedCost?: number
  }): Promise<NodeResult<{
    /** One row per measure (response, retention, value) of the whole campaign (segment all) and of each class: sizes, rates or means, difference with its interval (low, high) and p, incremental cases or money, cost and return; few marks too little data to trust them */
    readonly results: Table
  }>>
}

export interface Nodes {
  readonly import: ImportNodes
  readonly quality: QualityNodes
  readonly enrich: EnrichNodes
  readonly segment: SegmentNodes
  readonly predict: PredictNodes
  readonly select: SelectNodes
  readonly measure: MeasureNodes
}
