// What stands in the way of a member.

import type { ExplanationView } from '../../../api/json.ts';
import type { Placed } from '../../../directory/member-search.ts';
import { callApi, part } from '../../call.ts';
import { CopyButton } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import { lastLink } from '../../last-link.ts';
import { presenceOf } from '../../live-state.ts';
import type { ConsoleContext } from '../../place.ts';

/** As the API takes it. */
const MOST_SECONDS = 999_999;

/** What stands in the way, in the user's words. */
export async function Findings({
  c,
  placed: { record, network },
}: {
  readonly c: ConsoleContext;
  readonly placed: Placed;
}) {
  const path = `/networks/${part(network.name)}/members/${part(record.name)}/explain`;
  const waiting = await secondsAwaited(c, record.id, network.id);
  const answer = await callApi<ExplanationView>(c, 'GET', waiting === null ? path : `${path}?waiting=${waiting}`);
  if (!answer.ok) return null;
  const { findings, report } = answer.value;
  if (findings.length === 0) return null;
  return (
    <Card title="What we see" aside={<CopyButton text={report} what="the report" />}>
      {findings.map((finding) => (
        <Notice tone={finding.severity === 'note' ? 'info' : 'warn'}>
          <p>
            <strong>{finding.title}</strong>
          </p>
          <p>{finding.text}</p>
          {finding.next.map((step) => (
            <p>{step}</p>
          ))}
        </Notice>
      ))}
    </Card>
  );
}

/** Whoever has fetched a profile waits for the device to be heard, until it was there once. Null where nobody waits. */
async function secondsAwaited(c: ConsoleContext, member: string, network: string): Promise<number | null> {
  const [presence, link] = await Promise.all([presenceOf(c.env, network, [member]), lastLink(c.env.DB, member)]);
  if (presence === null || presence.has(member) || link === null || link.takenAt === null) return null;
  return Math.min(MOST_SECONDS, Math.floor((c.var.place.now - link.takenAt) / 1_000));
}
