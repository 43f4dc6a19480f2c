// Warns of certificates that end soon: 30, 7 and 1 days before, once each; in the audit, to webhooks, by mail to owners and admins.

import { sendMail } from '../account/mail.ts';
import { changeEntry, memberTarget } from '../directory/audit.ts';
import type { Env } from '../env.ts';

const DAY_MS = 86_400_000;
/** The longest first. */
const WARNINGS = [30, 7, 1] as const;
const AT_ONCE = 200;
const ROUNDS = 10;
const NAMED = 20;
const MAILED = 10;

interface Ending {
  readonly fingerprint: string;
  readonly organisation: string;
  readonly kind: string;
  readonly name: string;
  readonly network: string;
  readonly not_after: number;
}

/** @returns how many certificates were warned of. */
export async function warnOfExpiry(env: Env, now: number): Promise<number> {
  let warned = 0;
  for (const days of [...WARNINGS].reverse()) {
    for (let round = 0; round < ROUNDS; round++) {
      const endings = await endingWithin(env.DB, days, now);
      if (endings.length === 0) break;
      await env.DB.batch(endings.flatMap((each) => warningOf(env.DB, each, days, now)));
      await mailAbout(env, endings, days);
      warned += endings.length;
    }
  }
  return warned;
}

/** Those of which nobody was told at this distance or nearer. */
async function endingWithin(db: D1Database, days: number, now: number): Promise<Ending[]> {
  const query = db.prepare(
    `SELECT c.fingerprint, c.organisation_id AS organisation, m.kind, m.name, n.name AS network, c.not_after
     FROM certificates c JOIN members m ON m.id = c.member_id JOIN networks n ON n.id = m.network_id
     WHERE c.revoked_at IS NULL AND c.accepted_until IS NULL AND c.not_after > ?1 AND c.not_after <= ?2
       AND (c.warned_days IS NULL OR c.warned_days > ?3)
     ORDER BY c.not_after LIMIT ${AT_ONCE}`,
  );
  return (await query.bind(now, now + days * DAY_MS, days).all<Ending>()).results;
}

function warningOf(db: D1Database, ending: Ending, days: number, now: number): D1PreparedStatement[] {
  const target = memberTarget(ending.kind, { name: ending.network }, ending.name);
  const after = { notAfter: ending.not_after, days };
  const actor = { organisation: ending.organisation, label: 'culvert' };
  return [
    db.prepare('UPDATE certificates SET warned_days = ? WHERE fingerprint = ?').bind(days, ending.fingerprint),
    changeEntry(db, actor, { action: 'certificate.expiring', target, before: null, after }, now),
  ];
}

async function mailAbout(env: Env, endings: readonly Ending[], days: number): Promise<void> {
  for (const organisation of new Set(endings.map((each) => each.organisation))) {
    const own = endings.filter((each) => each.organisation === organisation);
    const names = own
      .slice(0, NAMED)
      .map((each) => `- ${each.kind} ${each.name} of ${each.network}, on ${dateOf(each)}`);
    const rest = own.length > NAMED ? [`and ${own.length - NAMED} more.`] : [];
    const within = days === 1 ? 'within a day' : `within ${days} days`;
    const text = [
      `These certificates end ${within}; afterwards they cannot connect any more:`,
      '',
      ...[...names, ...rest],
      '',
      'Renew each on its page in the console, and bring the new profile to the device. The old one works on for 14 days.',
      '',
    ].join('\n');
    for (const to of await carers(env.DB, organisation)) {
      await sendMail(env, { to, subject: `Culvert: ${own.length} certificates end ${within}`, text });
    }
  }
}

function dateOf({ not_after: notAfter }: Ending): string {
  return new Date(notAfter).toISOString().slice(0, 10);
}

async function carers(db: D1Database, organisation: string): Promise<string[]> {
  const query = db.prepare(
    `SELECT u.email FROM people p JOIN users u ON u.id = p.user_id
     WHERE p.organisation_id = ? AND p.role IN ('owner', 'admin') ORDER BY p.created_at LIMIT ${MAILED}`,
  );
  return (await query.bind(organisation).all<{ email: string }>()).results.map(({ email }) => email);
}
