-- A database as version 1 of the tables left it: the statements as they were released, and invented rows.
create schema polku;
create table polku.version (number integer not null);
create table polku.run (
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
  ) with (fillfactor = 80);
create unique index run_idempotency on polku.run (client, idempotency_key) where idempotency_key is not null;
create index run_newest on polku.run (client, requested_at desc, id desc);
create index run_newest_of_flow on polku.run (client, flow, requested_at desc, id desc);
create index run_newest_of_all on polku.run (requested_at desc, id desc);
create index run_open on polku.run (client, state, flow) where state in ('waiting', 'queued', 'running');
create index run_turn on polku.run (turn) where state = 'queued';
create index run_ended on polku.run (client, flow, finished_at) where finished_at is not null;
create index run_children on polku.run (client, parent) where parent is not null;
create table polku.event (
    number bigint generated always as identity primary key,
    -- Events are seen in the order of transactions: of two at once the later number may be there first.
    transaction bigint not null default (pg_current_xact_id()::text::bigint),
    at timestamptz not null default clock_timestamp(),
    client text not null,
    run text,
    event text not null,
    detail jsonb not null
  );
create index event_newest on polku.event (transaction, number);
create index event_of_run on polku.event (client, run, transaction, number);
create index run_troubled on polku.run (client, requested_at desc, id desc)
    where state in ('failed', 'stopped', 'cancelled');
create index event_in_order on polku.event (transaction, number);
create index event_of_client on polku.event (client, transaction, number);
create table polku.flow (
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
  );
create index flow_next on polku.flow (next_at) where next_at is not null;
create table polku.pause (
    client text not null,
    flow text not null default '',
    by text not null,
    at timestamptz not null,
    primary key (client, flow)
  );
create table polku.lost_workspace (
    client text primary key,
    since timestamptz not null
  );
create table polku.arrival (
    client text not null,
    flow text not null,
    path text not null,
    hash text not null,
    state text not null,
    run text,
    at timestamptz not null,
    primary key (client, flow, path, hash)
  );
create table polku.backfill (
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
  );
create index backfill_open on polku.backfill (client, flow) where state = 'running';
create table polku.person (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    email text,
    subject text unique,
    by_openid boolean not null default false,
    role text not null check (role in ('analyst', 'operator', 'reviewer', 'administrator')),
    clients text[],
    created_at timestamptz not null default clock_timestamp(),
    disabled_at timestamptz
  );
create unique index person_email on polku.person (lower(email));
create table polku.token (
    id uuid primary key default gen_random_uuid(),
    hash text not null unique,
    person uuid not null references polku.person (id),
    name text not null,
    role text not null check (role in ('analyst', 'operator', 'reviewer', 'administrator')),
    clients text[],
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    used_at timestamptz
  );
create index token_of_person on polku.token (person);
create table polku.session (
    id uuid primary key default gen_random_uuid(),
    hash text not null unique,
    previous_hash text unique,
    forgery_token text not null,
    person uuid not null references polku.person (id),
    token uuid references polku.token (id),
    created_at timestamptz not null,
    rotated_at timestamptz not null,
    used_at timestamptz not null
  );
create index session_of_person on polku.session (person);
create table polku.audit (
    number bigint primary key,
    at timestamptz not null,
    person uuid,
    person_name text not null,
    client text,
    action text not null,
    target jsonb not null,
    address text,
    previous text not null,
    hash text not null
  );
create index audit_of_client on polku.audit (client, number);
create index audit_of_person on polku.audit (person, number);
create function polku.add_audit(told jsonb, content text) returns bigint language plpgsql as $$
  declare
    last record;
    following bigint;
    before text;
  begin
    perform pg_advisory_xact_lock(7205759405);
    select number, hash into last from polku.audit order by number desc limit 1;
    following := coalesce(last.number, 0) + 1;
    before := coalesce(last.hash, '');
    insert into polku.audit (number, at, person, person_name, client, action, target, address, previous, hash)
    values (following, (told->>'at')::timestamptz, (told->>'person')::uuid, told->>'personName', told->>'client',
      told->>'action', told->'target', told->>'address', before,
      encode(sha256(convert_to(following || E'\n' || before || E'\n' || content, 'UTF8')), 'hex'));
    return following;
  end $$;
create function polku.refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'The audit log is only ever added to.';
  end $$;
create trigger audit_is_only_added_to before update or delete or truncate on polku.audit
    for each statement execute function polku.refuse_change();
create table polku.secret (
    client text not null,
    name text not null,
    key_id text not null,
    sealed bytea not null,
    changed_at timestamptz not null,
    changed_by text not null,
    primary key (client, name)
  );
create table polku.incident (
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
  );
create unique index incident_open on polku.incident (client, kind, subject) where recovered_at is null;
create index incident_untold on polku.incident (number)
    where not told or (recovered_at is not null and not told_recovered);
create index incident_of_client on polku.incident (client, number);
create table polku.alert (
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
  );
create index alert_undelivered on polku.alert (state) where state <> 'delivered';
create table polku.usage (
    client text not null,
    month date not null,
    runs bigint not null default 0,
    failed bigint not null default 0,
    cpu_milliseconds bigint not null default 0,
    rows bigint not null default 0,
    storage_bytes bigint not null default 0,
    primary key (client, month)
  );
create table polku.clock (
    one boolean primary key default true check (one),
    seen_at timestamptz not null,
    leapt_at timestamptz
  );
create table polku.upkeep (
    client text primary key,
    at timestamptz not null
  );
insert into polku.version values (1);

-- Invented rows, at least one in each table.
insert into polku.run (client, id, flow, state, trigger, params, as_of, requested_at, started_at, finished_at, attempts, worker, progress, problem, usage) values
  ('first', '20260105-060000000-two-0001', 'two', 'done', '{"kind": "schedule", "by": "0 8 * * * Europe/Helsinki"}', '{"add": 1}', '2026-01-05',
    '2026-01-05 06:00:00+00', '2026-01-05 06:00:01+00', '2026-01-05 06:00:02+00', 1, 'old-1', '[{"name": "s0", "status": "done", "rows": 3}]', null,
    '{"cpuMilliseconds": 1500, "peakBytes": 1000, "rows": 6}'),
  ('first', '20260106-060000000-two-0002', 'two', 'failed', '{"kind": "request", "by": "Aino Esimerkki"}', '{}', '2026-01-06',
    '2026-01-06 06:00:00+00', '2026-01-06 06:00:01+00', '2026-01-06 06:00:02+00', 2, 'old-1', null,
    '{"code": "FILE_NOT_FOUND", "message": "There is no file data/n.csv."}', null);
insert into polku.run (client, id, flow, state, turn, trigger, params, as_of, job, requested_at) values
  ('first', '20260107-060000000-two-0003', 'two', 'queued', 4, '{"kind": "request", "by": "Aino Esimerkki"}', '{"add": 7}', '2026-01-07',
    '33333333-3333-4333-8333-333333333333', '2026-01-07 06:00:00+00');
insert into polku.run (client, id, flow, state, trigger, params, as_of, job, attempts, worker, requested_at, started_at) values
  ('first', '20260107-070000000-two-0004', 'two', 'running', '{"kind": "request", "by": "Aino Esimerkki"}', '{"add": 8}', '2026-01-07',
    '44444444-4444-4444-8444-444444444444', 1, 'old-1', '2026-01-07 07:00:00+00', '2026-01-07 07:00:01+00');
insert into polku.event (at, client, run, event, detail) values
  ('2026-01-05 06:00:00+00', 'first', '20260105-060000000-two-0001', 'run requested', '{"flow": "two"}'),
  ('2026-01-06 06:00:02+00', 'first', null, 'flow broken', '{"flow": "mended-later", "goesOn": true, "problem": {"code": "YAML_INVALID"}}'),
  ('2026-01-06 06:00:03+00', 'first', null, 'flow broken', '{"flow": "never-ran", "goesOn": false}');
insert into polku.flow (client, flow, version, text, schedule, triggers, marks, through, next_at, adopted_at) values
  ('first', 'follows', '0000000000000000', E'flow: follows\ntriggers: [{ flow: two }]\nsteps:\n  s0: { uses: import/csv, with: { path: data/n.csv } }\n', null, '[{"flow": "two"}]', '{"flow two done": "2026-01-05T06:00:02.000Z"}', null, null, '2026-01-04 06:00:00+00');
insert into polku.pause values ('first', 'two', 'Aino Esimerkki', '2026-01-04 06:00:00+00');
insert into polku.lost_workspace values ('away', '2026-01-04 06:00:00+00');
insert into polku.arrival values ('first', 'follows', 'inbox/a.csv', 'abc', '1 2 3', null, '2026-01-04 06:00:00+00');
insert into polku.backfill (id, client, flow, dates, params, at_once, keep_going, state, by, requested_at, finished_at) values
  ('55555555-5555-4555-8555-555555555555', 'first', 'two', '["2026-01-01", "2026-01-02"]', '{}', 1, false, 'done', 'Aino Esimerkki', '2026-01-04 06:00:00+00', '2026-01-04 07:00:00+00');
insert into polku.person (id, name, email, role, created_at) values
  ('11111111-1111-4111-8111-111111111111', 'Aino Esimerkki', 'aino@esimerkki.test', 'administrator', '2026-01-01 06:00:00+00');
insert into polku.token (hash, person, name, role, created_at, expires_at) values
  ('8181f79419a30268b44b91b44c8b68adf2fa3189149a8ef2e12e372b89109c15', '11111111-1111-4111-8111-111111111111', 'laptop', 'administrator', '2026-01-01 06:00:00+00', '2999-01-01 00:00:00+00');
insert into polku.session (hash, forgery_token, person, created_at, rotated_at, used_at) values
  ('3f3af1ecebbd1410ab417ec0d27bbfcb5d340e177ae159b59fc8626c2dfd9175', 'invented', '11111111-1111-4111-8111-111111111111', '2026-01-01 06:00:00+00', '2026-01-01 06:00:00+00', '2026-01-01 06:00:00+00');
select polku.add_audit('{"at":"2026-01-01T06:00:00.000Z","person":"11111111-1111-4111-8111-111111111111","personName":"Aino Esimerkki","client":"first","address":"127.0.0.1","action":"signed in","target":{}}'::jsonb, '{"action":"signed in","address":"127.0.0.1","at":"2026-01-01T06:00:00.000Z","client":"first","person":"11111111-1111-4111-8111-111111111111","personName":"Aino Esimerkki","target":{}}');
select polku.add_audit('{"at":"2026-01-06T06:00:00.000Z","person":"11111111-1111-4111-8111-111111111111","personName":"Aino Esimerkki","client":"first","address":"127.0.0.1","action":"run requested","target":{"flow":"two","run":"20260106-060000000-two-0002"}}'::jsonb, '{"action":"run requested","address":"127.0.0.1","at":"2026-01-06T06:00:00.000Z","client":"first","person":"11111111-1111-4111-8111-111111111111","personName":"Aino Esimerkki","target":{"flow":"two","run":"20260106-060000000-two-0002"}}');
-- Of the key 0123456789abcdef, four times, and the value "salainen sana".
insert into polku.secret values ('first', 'API_KEY', '680c77692e58', '\x67536f4d7fb49ee707ef5d279eb3cd3a8a3f55b62540cd2c05d09b8fb5eaad148f4313df57686e2577', '2026-01-01 06:00:00+00', 'Aino Esimerkki');
insert into polku.incident (client, kind, subject, run, detail, times, since, recovered_at, told, told_recovered) values
  ('first', 'run failed', 'two', '20260106-060000000-two-0002', '{"problem": {"code": "FILE_NOT_FOUND"}}', 2, '2026-01-06 06:00:02+00', null, true, false),
  ('first', 'flow broken', 'never-ran', null, '{"flow": "never-ran", "goesOn": false}', 1, '2026-01-06 06:00:03+00', '2026-01-06 07:00:00+00', true, true);
insert into polku.alert (incident, moment, channel, target, content, state, attempts, at, delivered_at) values
  (1, 'begun', 'email', 'paivystys@esimerkki.test', '{"title": "first: two failed"}', 'delivered', 1, '2026-01-06 06:00:05+00', '2026-01-06 06:00:06+00');
insert into polku.usage values ('first', '2025-12-01', 31, 2, 46500, 186, 1000000);
insert into polku.clock (seen_at) values ('2026-01-07 07:00:00+00');
insert into polku.upkeep values ('first', '2026-01-07 06:30:00+00');
