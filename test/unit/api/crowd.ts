// Organisations of a hundred and of a hundred thousand devices, made in the database.

import { Control } from '../control.ts';

export const SIZES = { small: 100, large: 100_000 } as const;
/** When their certificates end. */
const NOT_AFTER = 1_900_000_000_000;

/** Beside the two crowds, a network of the default organisation: what the deployment makes once is made by then. */
export async function startCrowded(): Promise<Control> {
  const control = await Control.start();
  await control.post('/networks', { name: 'warm' });
  await control.post('/networks/warm/devices', { name: 'warm', auth: 'cert' });
  for (const [organisation, size] of Object.entries(SIZES)) await fill(control, organisation, size);
  return control;
}

/** An organisation with one network of so many devices, as many certificates, and as many entries in its audit. */
async function fill(control: Control, organisation: string, size: number): Promise<void> {
  const rows = (sql: string, ...values: unknown[]) => control.rows(sql, ...values);
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)';
  await rows('INSERT INTO organisations (id, label, name, created_at) VALUES (?1, ?1, ?1, 0)', organisation);
  await rows(
    `INSERT INTO networks (id, organisation_id, name, label, ipv4, mtu, dns, domains, legacy, ike_lifetime_seconds, child_lifetime_seconds, created_at)
     VALUES ('net-' || ?1, ?1, 'net', 'net-' || ?1, '10.0.0.0/8', 1400, '[]', '[]', 0, 3600, 3600, 0)`,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO members (id, organisation_id, network_id, name, kind, auth, created_at)
     SELECT ?2 || '-' || i, ?2, 'net-' || ?2, printf('d%06d', i), 'device', 'cert', 0 FROM n`,
    size,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO addresses (network_id, family, position, organisation_id, member_id)
     SELECT 'net-' || ?2, 4, i + 1, ?2, ?2 || '-' || i FROM n`,
    size,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO certificates (fingerprint, organisation_id, member_id, authority_id, certificate, private_key, not_before, not_after, created_at)
     SELECT ?2 || '-' || i, ?2, ?2 || '-' || i, 'root', x'00', x'00', 0, ?3, 0 FROM n`,
    size,
    organisation,
    NOT_AFTER,
  );
  await rows(
    `INSERT INTO groups (id, organisation_id, network_id, name, created_at)
     VALUES ('all-' || ?1, ?1, 'net-' || ?1, 'all', 0), ('half-' || ?1, ?1, 'net-' || ?1, 'half', 0)`,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO group_members (group_id, member_id, organisation_id, network_id, created_at)
     SELECT 'all-' || ?2, ?2 || '-' || i, ?2, 'net-' || ?2, 0 FROM n`,
    size,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO group_members (group_id, member_id, organisation_id, network_id, created_at)
     SELECT 'half-' || ?2, ?2 || '-' || i, ?2, 'net-' || ?2, 0 FROM n WHERE i <= ?1 / 2`,
    size,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO audit (organisation_id, at, actor, action, target)
     SELECT ?2, i, 'operator', 'device.add', 'device net/' || printf('d%06d', i) FROM n`,
    size,
    organisation,
  );
}
