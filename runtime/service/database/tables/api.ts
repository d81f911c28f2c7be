/** What makes the API's reads quick over many past runs. */
export const apiTables: readonly string[] = [
  // Runs that did not go well are few among many that did.
  `create index run_troubled on polku.run (client, requested_at desc, id desc)
    where state in ('failed', 'stopped', 'cancelled')`,
  `create index event_in_order on polku.event (transaction, number)`,
  `create index event_of_client on polku.event (client, transaction, number)`,
]
