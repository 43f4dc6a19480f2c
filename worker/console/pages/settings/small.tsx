// A form of one small button in a row of a table.

import { linkTo, may, type Place } from '../../place.ts';

export function Small({
  place,
  action,
  label,
  word,
}: {
  readonly place: Place;
  readonly action: string;
  readonly label: string;
  readonly word: string;
}) {
  if (!may(place, 'settings:write')) return null;
  return (
    <form method="post" action={linkTo(place, action)}>
      <input type="hidden" name="csrf" value={place.csrf} />
      <button type="submit" class="button plain slim" aria-label={label}>
        {word}
      </button>
    </form>
  );
}
