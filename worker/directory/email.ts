// E-mail addresses: what is taken for one. Whether somebody reads there, only a mail can tell.

import { done, inField, refuse, type Result } from './refusal.ts';

/** RFC 5321 section 4.5.3.1.3, without the angle brackets. */
const LONGEST = 254;

/** @returns it in lower case: no two accounts differ in case only. */
export function checkEmail(text: string): Result<string> {
  const email = text.trim().toLowerCase();
  const isEmail =
    email.length <= LONGEST &&
    /^[^\s@<>"(),:;\\[\]]{1,64}@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z0-9-]{2,}$/.test(email);
  if (isEmail) return done(email);
  return inField(refuse('bad-email', 'This is not an e-mail address.', "Write it as 'name@example.com'."), 'email');
}
