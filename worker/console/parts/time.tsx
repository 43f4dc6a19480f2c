// A moment: told by its distance, exact on hover and for programs.

import { date, dateAndTime, relative } from '../words.ts';

/** @param as `ago` counts on in the browser; `day` is a date. */
export function Time({
  at,
  now,
  as = 'ago',
}: {
  readonly at: number;
  readonly now: number;
  readonly as?: 'ago' | 'day' | 'exact';
}) {
  const words = as === 'ago' ? relative(at, now) : as === 'day' ? date(at) : dateAndTime(at);
  return (
    <time datetime={new Date(at).toISOString()} data-time={as} title={dateAndTime(at)}>
      {words}
    </time>
  );
}
