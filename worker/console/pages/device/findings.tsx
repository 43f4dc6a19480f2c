// What stands in the way of a member.

import type { ExplanationView } from '../../../api/json.ts';
import type { Placed } from '../../../directory/member-search.ts';
import { callApi, part } from '../../call.ts';
import { CopyButton } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import type { ConsoleContext } from '../../place.ts';

/** What stands in the way, in the user's words. */
export async function Findings({
  c,
  placed: { record, network },
}: {
  readonly c: ConsoleContext;
  readonly placed: Placed;
}) {
  const path = `/networks/${part(network.name)}/members/${part(record.name)}/explain`;
  const answer = await callApi<ExplanationView>(c, 'GET', path);
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
