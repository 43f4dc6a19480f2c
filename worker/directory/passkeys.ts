// Passkeys of somebody, as their page lists them; better-auth adds and removes them.

export interface Passkey {
  readonly id: string;
  readonly name: string;
  /** Milliseconds. */
  readonly createdAt: number | null;
  /** Whether its maker keeps copies on other devices. */
  readonly isCopied: boolean;
}

const MOST = 100;

/** @param user id. */
export async function passkeysOf(db: D1Database, user: string): Promise<Passkey[]> {
  const query = db.prepare(
    `SELECT id, coalesce(name, 'Passkey') AS name, created_at AS createdAt, backed_up = 1 AS isCopied
     FROM passkeys WHERE user_id = ? ORDER BY created_at LIMIT ${MOST}`,
  );
  return (await query.bind(user).all<Passkey>()).results.map((each) => ({ ...each, isCopied: Boolean(each.isCopied) }));
}
