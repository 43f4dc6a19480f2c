// The organisation's certificate authorities.

import type { Child } from 'hono/jsx';
import { callApi } from '../../call.ts';
import { CopyButton } from '../../parts/button.tsx';
import { Card, Facts } from '../../parts/card.tsx';
import { Failed } from '../../parts/notice.tsx';
import { Time } from '../../parts/time.tsx';
import type { Shown } from './shown.ts';

interface AuthorityView {
  readonly subject: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly acceptedUntil: number | null;
  readonly pem: string;
}

export async function authority({ c, place }: Shown): Promise<Child> {
  const answer = await callApi<{ authorities: AuthorityView[] }>(c, 'GET', '/authority');
  if (!answer.ok) return <Failed what="The authority" />;
  return (
    <div class="stack">
      {answer.value.authorities.map((each, index) => (
        <Card
          title={index === 0 ? 'Signs certificates now' : 'Accepted for a while'}
          aside={<CopyButton text={each.pem} what="the certificate" />}
        >
          <Facts
            facts={[
              ['Subject', each.subject],
              ['SHA-256', <code>{each.fingerprint}</code>],
              ['Since', <Time at={each.notBefore} now={place.now} as="day" />],
              ['Ends', <Time at={each.notAfter} now={place.now} as="day" />],
              ...(each.acceptedUntil === null
                ? []
                : [['Accepted until', <Time at={each.acceptedUntil} now={place.now} as="day" />] as [string, Child]]),
            ]}
          />
        </Card>
      ))}
    </div>
  );
}
