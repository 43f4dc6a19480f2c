// A form of the entrance, where there is no session yet whose token could go with it.

import { isSameOrigin } from '../../../account/same-origin.ts';
import { refuse } from '../../../directory/refusal.ts';
import { readForm, type Typed } from '../../form.ts';
import type { EntranceContext } from './door.tsx';

/** What was typed; refused when the form is not one of ours. */
export async function ownForm(c: EntranceContext, id: string): Promise<Typed> {
  const form = await readForm(c.req.raw, id);
  if (isSameOrigin(c.env, c.req.raw)) return form;
  const foreign = refuse('foreign-request', 'The form does not come from this console.', 'Send it again from here.');
  return form.refuse(foreign.refusal);
}
