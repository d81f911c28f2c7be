/**
 * Who did and saw what. Each row holds the hash of the one before, so that a changed or missing row shows, and the
 * database itself refuses to change or remove one. `content` is what the row says, as text of one form.
 */
export const auditTables: readonly string[] = [
  `create table polku.audit (
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
  )`,
  `create index audit_of_client on polku.audit (client, number)`,
  `create index audit_of_person on polku.audit (person, number)`,
  // One statement for what needs a lock: until the transaction has ended, nobody else adds a row.
  `create function polku.add_audit(told jsonb, content text) returns bigint language plpgsql as $$
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
      encode(sha256(convert_to(following || E'\\n' || before || E'\\n' || content, 'UTF8')), 'hex'));
    return following;
  end $$`,
  `create function polku.refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'The audit log is only ever added to.';
  end $$`,
  `create trigger audit_is_only_added_to before update or delete or truncate on polku.audit
    for each statement execute function polku.refuse_change()`,
]
