// How many certificates of an organisation are in use.

export const COUNTED = 1_000;

/** Present ones, without those that others have taken the place of; counted up to a thousand. */
export async function certificatesInForce(db: D1Database, organisation: string, now: number): Promise<number> {
  const query = db.prepare(
    `SELECT count(*) AS n FROM (SELECT 1 FROM certificates WHERE organisation_id = ? AND not_after > ?
     AND revoked_at IS NULL AND accepted_until IS NULL LIMIT ${COUNTED})`,
  );
  return (await query.bind(organisation, now).first<number>('n')) ?? 0;
}
