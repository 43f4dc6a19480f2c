// The steps of a device on its way in. The live feed has it drawn anew whenever something happened.

import { linkTo, type Place } from '../place.ts';
import type { Progress } from '../progress.ts';
import { Status } from './status.tsx';

interface WayInProps {
  readonly place: Place;
  readonly member: string;
  readonly progress: Progress;
}

/** @param member its id. */
export function WayIn({ place, member, progress }: WayInProps) {
  const waitsAt = progress.steps.findIndex(({ tone }) => tone === 'idle');
  return (
    <ol
      class="way"
      data-way={linkTo(place, `devices/${member}/way`)}
      {...(progress.awaited ? { 'data-awaited': '' } : {})}
      aria-live="polite"
    >
      {progress.steps.map(({ tone, title, detail }, index) => (
        <li class={tone === 'idle' ? 'waiting' : ''}>
          <Status tone={tone === 'idle' && index === waitsAt && index > 0 ? 'busy' : tone} />
          <div>
            <p class="title">{title}</p>
            {detail !== '' && <p class="small soft number">{detail}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
