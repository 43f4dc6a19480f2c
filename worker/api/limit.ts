// How much of a list a request asks for.

import { shorten } from '../directory/names.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';

/** As many as any request may ask for. */
export const LONGEST = 500;

/** @param usual what is sent to who asks for no size. */
export function readLimit(text: string | undefined, usual = LONGEST): Result<number> {
  if (text === undefined) return done(usual);
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LONGEST) return done(limit);
  return refuse('bad-value', `'limit' is '${shorten(text)}', but it takes 1 to ${LONGEST}.`, 'Leave it out.');
}
