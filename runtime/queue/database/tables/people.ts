/** Who may use the service. Of a token only its hash is there. */
export const peopleTables: readonly string[] = [
  `create table polku.person (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    email text unique,
    role text not null check (role in ('analyst', 'operator', 'reviewer', 'administrator')),
    clients text[],
    created_at timestamptz not null default clock_timestamp(),
    disabled_at timestamptz
  )`,
  `create table polku.token (
    id uuid primary key default gen_random_uuid(),
    hash text not null unique,
    person uuid not null references polku.person (id),
    name text not null,
    role text not null check (role in ('analyst', 'operator', 'reviewer', 'administrator')),
    clients text[],
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    revoked_at timestamptz
  )`,
]
