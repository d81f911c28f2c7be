/** Runs and what happened to them. */
export const runTables: readonly string[] = [
  // An index of runs, and their queue's truth. What a run did lies in its folder.
  `create table polku.run (
    client text not null,
    id text not null,
    flow text not null,
    state text not null check (state in
      ('waiting', 'queued', 'running', 'done', 'failed', 'stopped', 'cancelled')),
    priority smallint not null default 0,
    turn bigint,
    trigger jsonb not null,
    params jsonb not null,
    as_of text not null,
    idempotency_key text,
    parent text,
    again_from text,
    version text,
    flow_limit integer,
    client_limit integer,
    requested_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    attempts integer not null default 0,
    worker text,
    job uuid,
    cancel boolean not null default false,
    progress jsonb,
    problem jsonb,
    usage jsonb,
    primary key (client, id)
  ) with (fillfactor = 80)`,
  `create unique index run_idempotency on polku.run (client, idempotency_key) where idempotency_key is not null`,
  `create index run_newest on polku.run (client, requested_at desc, id desc)`,
  `create index run_newest_of_flow on polku.run (client, flow, requested_at desc, id desc)`,
  `create index run_newest_of_all on polku.run (requested_at desc, id desc)`,
  `create index run_open on polku.run (client, state, flow) where state in ('waiting', 'queued', 'running')`,
  `create index run_turn on polku.run (turn) where state = 'queued'`,
  `create index run_ended on polku.run (client, flow, finished_at) where finished_at is not null`,
  `create index run_children on polku.run (client, parent) where parent is not null`,
  // What happened, in order, for those who watch. Kept for a while only.
  `create table polku.event (
    number bigint generated always as identity primary key,
    -- Events are seen in the order of transactions: of two at once the later number may be there first.
    transaction bigint not null default (pg_current_xact_id()::text::bigint),
    at timestamptz not null default clock_timestamp(),
    client text not null,
    run text,
    event text not null,
    detail jsonb not null
  )`,
  `create index event_newest on polku.event (transaction, number)`,
  `create index event_of_run on polku.event (client, run, transaction, number)`,
  // What makes the API's reads quick over many past runs: those that did not go well are few.
  `create index run_troubled on polku.run (client, requested_at desc, id desc)
    where state in ('failed', 'stopped', 'cancelled')`,
  `create index event_in_order on polku.event (transaction, number)`,
  `create index event_of_client on polku.event (client, transaction, number)`,
]
