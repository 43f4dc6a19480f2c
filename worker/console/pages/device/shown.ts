// What every tab about a member is made from.

import type { Placed } from '../../../directory/member-search.ts';
import type { ConsoleContext, Place } from '../../place.ts';
import type { Standing } from '../../stage.ts';

export interface Shown {
  readonly c: ConsoleContext;
  readonly place: Place;
  readonly placed: Placed;
  readonly standing: Standing;
}
