/** What went wrong and who was alerted, and what clients used. */
export const incidentTables: readonly string[] = [
  // Each is open until it recovers, and there is one open at a time of a kind and a subject: a flow, or none for the client.
  `create table polku.incident (
    number bigint generated always as identity primary key,
    client text not null,
    kind text not null check (kind in ('run failed', 'run stopped', 'run late', 'flow broken', 'trigger failed',
      'trigger circle', 'backfill failed', 'workspace gone')),
    subject text not null,
    run text,
    detail jsonb not null,
    times integer not null default 1,
    since timestamptz not null,
    recovered_at timestamptz,
    told boolean not null default false,
    told_recovered boolean not null default false
  )`,
  `create unique index incident_open on polku.incident (client, kind, subject) where recovered_at is null`,
  `create index incident_untold on polku.incident (number)
    where not told or (recovered_at is not null and not told_recovered)`,
  `create index incident_of_client on polku.incident (client, number)`,
  // An empty target is the service's own webhook, whose address is nowhere but in its environment.
  `create table polku.alert (
    id uuid primary key default gen_random_uuid(),
    incident bigint not null references polku.incident (number) on delete cascade,
    moment text not null check (moment in ('begun', 'over')),
    channel text not null check (channel in ('webhook', 'email')),
    target text not null,
    content jsonb not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempts integer not null default 0,
    reason text,
    at timestamptz not null,
    delivered_at timestamptz,
    unique (incident, moment, channel, target)
  )`,
  `create index alert_undelivered on polku.alert (state) where state <> 'delivered'`,
  // What runs took whose rows are no longer kept, and the most that a client's files took in a month.
  `create table polku.usage (
    client text not null,
    month date not null,
    runs bigint not null default 0,
    failed bigint not null default 0,
    cpu_milliseconds bigint not null default 0,
    rows bigint not null default 0,
    storage_bytes bigint not null default 0,
    primary key (client, month)
  )`,
  // The last time that was believed, and since when a clock has been far ahead of it.
  `create table polku.clock (
    one boolean primary key default true check (one),
    seen_at timestamptz not null,
    leapt_at timestamptz
  )`,
  // When a client was last cleaned and measured, by whichever service did so.
  `create table polku.upkeep (
    client text primary key,
    at timestamptz not null
  )`,
]
