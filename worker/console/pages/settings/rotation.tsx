// Before another authority signs: what that does to whom, and when.

import { readOverlapDays } from '../../../api/overlap.ts';
import { certificatesInForce, COUNTED } from '../../../directory/certificates-in-force.ts';
import { page } from '../../answer.tsx';
import type { Typed } from '../../form.ts';
import { QuestionCard } from '../../parts/dialog.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { Time } from '../../parts/time.tsx';
import { type ConsoleContext, linkTo } from '../../place.ts';
import { count } from '../../words.ts';
import { settingsPage } from './page.tsx';

const DAY_MS = 86_400_000;

/** What was typed, as the API takes it: nothing typed is wrong, not nought. */
export function overlapIn(form: Typed): { readonly overlapDays: number } {
  return { overlapDays: form.has('overlapDays') ? Number(form.value('overlapDays')) : Number.NaN };
}

export async function rotationPage(c: ConsoleContext, form: Typed): Promise<Response> {
  const { place } = c.var;
  const days = readOverlapDays(overlapIn(form));
  if (!days.ok) return settingsPage(c, 'authority', form.refuse(days.refusal));
  const number = await certificatesInForce(c.env.DB, place.principal.organisation, place.now);
  const certificates = `${count(number, 'certificate')}${number === COUNTED ? ' or more' : ''}`;
  const back = linkTo(place, 'settings', { tab: 'authority' });
  return page(
    c,
    <Shell place={place} title="Rotate the authority" room="settings">
      <Heading title="Let another authority sign?" back={{ href: back, label: 'Settings' }} />
      <QuestionCard
        action={linkTo(place, 'settings/authority/rotation')}
        csrf={place.csrf}
        yes="Rotate"
        danger={days.value === 0}
        no={back}
      >
        <input type="hidden" name="sure" value="yes" />
        <input type="hidden" name="overlapDays" value={String(days.value)} />
        <ul>
          <li>New certificates come from the new authority at once. This cannot be taken back.</li>
          {days.value === 0 ? (
            <li>
              <strong>
                {certificates} of the organisation {number === 1 ? 'is' : 'are'} refused at once:
              </strong>{' '}
              who proves itself by one cannot connect anew until its certificate is renewed and it has the new profile.
            </li>
          ) : (
            <li>
              {certificates} in use {number === 1 ? 'is' : 'are'} accepted until{' '}
              <Time at={place.now + days.value * DAY_MS} now={place.now} as="day" />. Until then each has to be renewed
              and its new profile brought to the device.
            </li>
          )}
          <li>Nobody is disconnected. Passwords and pre-shared keys go on as they are.</li>
        </ul>
      </QuestionCard>
    </Shell>,
  );
}
