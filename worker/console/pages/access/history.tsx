// Versions of the policy.

import type { PolicyVersionView } from '../../../api/json.ts';
import { Card } from '../../parts/card.tsx';
import { Status } from '../../parts/status.tsx';
import { Time } from '../../parts/time.tsx';
import type { Place } from '../../place.ts';
import { count } from '../../words.ts';

export function History({
  place,
  versions,
}: {
  readonly place: Place;
  readonly versions: readonly PolicyVersionView[];
}) {
  return (
    <Card title="History" flush>
      {versions.length === 0 && <p class="pad soft">Nothing has been changed yet.</p>}
      <ul class="events">
        {versions.slice(0, 8).map(({ version, who, at, rules }) => (
          <li>
            <Status tone="idle" />
            <div>
              <p>
                Version {version}, {count(rules.length, 'rule')}
              </p>
              <p class="small soft">{who}</p>
            </div>
            <span class="when">
              <Time at={at} now={place.now} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
