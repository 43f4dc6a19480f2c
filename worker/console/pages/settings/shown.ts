// What every tab of the settings is made from.

import type { Typed } from '../../form.ts';
import type { ConsoleContext, Place } from '../../place.ts';

export interface Shown {
  readonly c: ConsoleContext;
  readonly place: Place;
  readonly form: Typed;
  /** Shown this once. */
  readonly secret: string | null;
}
