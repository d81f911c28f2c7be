/** What starts runs by itself. */
export const scheduleTables: readonly string[] = [
  // Flows with a schedule or triggers, each as it last checked: what its file says now may be broken. One whose file is
  // gone rests, with no next time; it may come back.
  `create table polku.flow (
    client text not null,
    flow text not null,
    version text,
    text text,
    schedule jsonb,
    triggers jsonb not null default '[]',
    marks jsonb not null default '{}',
    through timestamptz,
    next_at timestamptz,
    broken_version text,
    broken jsonb,
    adopted_at timestamptz,
    gone_since timestamptz,
    primary key (client, flow)
  )`,
  `create index flow_next on polku.flow (next_at) where next_at is not null`,
  // A flow that is paused, or with an empty name the whole client.
  `create table polku.pause (
    client text not null,
    flow text not null default '',
    by text not null,
    at timestamptz not null,
    primary key (client, flow)
  )`,
  `create table polku.lost_workspace (
    client text primary key,
    since timestamptz not null
  )`,
  // Files that have arrived, by the flow that watches for them.
  `create table polku.arrival (
    client text not null,
    flow text not null,
    path text not null,
    hash text not null,
    state text not null,
    run text,
    at timestamptz not null,
    primary key (client, flow, path, hash)
  )`,
  `create table polku.backfill (
    id uuid primary key default gen_random_uuid(),
    client text not null,
    flow text not null,
    dates jsonb not null,
    params jsonb not null,
    at_once integer not null,
    keep_going boolean not null,
    state text not null check (state in ('running', 'done', 'failed', 'cancelled')),
    by text not null,
    requested_at timestamptz not null,
    finished_at timestamptz
  )`,
  `create index backfill_open on polku.backfill (client, flow) where state = 'running'`,
]
