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
