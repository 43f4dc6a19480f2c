// The organisation's certificate authorities.

import type { Child } from 'hono/jsx';
import { USUAL_DAYS } from '../../../api/overlap.ts';
import { callApi } from '../../call.ts';
import { Button, CopyButton } from '../../parts/button.tsx';
import { Card, Facts } from '../../parts/card.tsx';
import { Input } from '../../parts/field.tsx';
import { Refused } from '../../parts/notice.tsx';
import { Time } from '../../parts/time.tsx';
import { linkTo, may } from '../../place.ts';
import type { Shown } from './shown.ts';

interface AuthorityView {
  readonly subject: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly acceptedUntil: number | null;
  readonly pem: string;
}

export async function authority({ c, place, form }: Shown): Promise<Child> {
  const answer = await callApi<{ authorities: AuthorityView[] }>(c, 'GET', '/authority');
  if (!answer.ok) return <Refused refusal={answer.refusal} />;
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
      {may(place, 'settings:write') && (
        <Card title="Rotate">
          <p>
            Another authority signs from then on; what the one before has signed is accepted for a while. Nothing
            changes before you have seen what it does.
          </p>
          <form class="form" method="post" action={linkTo(place, 'settings/authority/rotation')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Input
              form={form}
              name="overlapDays"
              label="Accept the one before for, days"
              hint="0 to 730. With 0 it is refused at once: for a key that somebody else may have."
              initial={String(USUAL_DAYS)}
              inputmode="numeric"
            />
            <Button>Rotate…</Button>
          </form>
        </Card>
      )}
    </div>
  );
}
