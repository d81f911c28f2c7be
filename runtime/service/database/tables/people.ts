const roles = `('analyst', 'operator', 'reviewer', 'administrator')`

/** Who may use the service. Of a token and of a session's cookie only the hash is there. */
export const peopleTables: readonly string[] = [
  `create table polku.person (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    email text,
    subject text unique,
    by_openid boolean not null default false,
    role text not null check (role in ${roles}),
    clients text[],
    created_at timestamptz not null default clock_timestamp(),
    disabled_at timestamptz
  )`,
  `create unique index person_email on polku.person (lower(email))`,
  `create table polku.token (
    id uuid primary key default gen_random_uuid(),
    hash text not null unique,
    person uuid not null references polku.person (id),
    name text not null,
    role text not null check (role in ${roles}),
    clients text[],
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    used_at timestamptz
  )`,
  `create index token_of_person on polku.token (person)`,
  // A person who signed in with a browser, by a token, whose end is then the session's too, or elsewhere by OpenID.
  `create table polku.session (
    id uuid primary key default gen_random_uuid(),
    hash text not null unique,
    previous_hash text unique,
    forgery_token text not null,
    person uuid not null references polku.person (id),
    token uuid references polku.token (id),
    created_at timestamptz not null,
    rotated_at timestamptz not null,
    used_at timestamptz not null
  )`,
  `create index session_of_person on polku.session (person)`,
]

/** Clients' secrets, encrypted; the key is not in the database, only its id. */
export const secretTables: readonly string[] = [
  `create table polku.secret (
    client text not null,
    name text not null,
    key_id text not null,
    sealed bytea not null,
    changed_at timestamptz not null,
    changed_by text not null,
    primary key (client, name)
  )`,
]
