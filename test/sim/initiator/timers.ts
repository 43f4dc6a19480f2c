// What time does to a client: retransmission, retries, keepalives, liveness, rekeying. RFC 7296 sections 2.4, 2.8, 2.23.

import { childWish, createChild } from './create-child.ts';
import { liveness } from './informational.ts';
import { rekeyIke } from './rekey-ike.ts';
import { REPLACED_MS, type Session } from './session.ts';

const KEEPALIVE = Uint8Array.of(0xff);

/** Retransmissions first, then retries, then what the client does of itself. */
export async function tick(session: Session, now: number): Promise<void> {
  if (session.phase === 'closed' || session.phase === 'idle') return;
  session.retransmit(now);
  session.forgetReplaced(now);
  for (const later of session.laters.filter(({ at }) => at <= now)) {
    session.laters = session.laters.filter((other) => other !== later);
    await later.run(now);
  }
  for (const [at, chore] of choresOf(session)) if (at <= now && session.phase === 'established') await chore(now);
}

/** When `tick` is next wanted, ms; null when nothing is due ever. */
export function deadlineOf(session: Session): number | null {
  if (session.phase === 'closed' || session.phase === 'idle') return null;
  const times = session.laters.map((later) => later.at);
  for (const flight of [session.opening, ...session.sas.map((sa) => sa.flight)])
    if (flight !== null) times.push(flight.nextAt);
  for (const [at] of choresOf(session)) times.push(at);
  for (const { replacedAt, deleting } of session.sas)
    if (replacedAt !== null && !deleting) times.push(replacedAt + REPLACED_MS);
  return times.length === 0 ? null : Math.min(...times);
}

type Chore = readonly [at: number, run: (now: number) => Promise<void>];

/** What an established client does of itself, and when. */
function choresOf(session: Session): Chore[] {
  const { keepaliveMs, livenessMs, childRekeyMs, ikeRekeyMs } = session.options;
  const sa = session.current;
  if (session.phase !== 'established' || sa === null) return [];
  const chores: Chore[] = [];
  if (keepaliveMs !== null && session.natHere && session.encapsulated)
    chores.push([session.lastSent + keepaliveMs, async (now) => session.put([KEEPALIVE], now, true)]);
  if (livenessMs !== null && sa.flight === null)
    chores.push([session.lastHeard + livenessMs, (now) => liveness(session, now)]);
  const { child } = session;
  if (childRekeyMs !== null && child?.confirmed && child.rekeying === null && sa.flight === null)
    chores.push([
      Math.max(child.terms.born + childRekeyMs, session.rekeysAfter),
      (now) => createChild(session, sa, childWish(session, child), now),
    ]);
  if (ikeRekeyMs !== null && sa.rekeying === null && sa.flight === null)
    chores.push([Math.max(sa.born + ikeRekeyMs, session.rekeysAfter), (now) => rekeyIke(session, sa, now)]);
  return chores;
}
