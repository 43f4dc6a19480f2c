// A member that somebody has revoked or suspended: nothing else that stands in its way matters.

import type { Explanation } from './explanation.ts';
import type { Facts } from './facts.ts';
import { moment } from './moment.ts';

export function barred({ member, attempts }: Facts): Explanation | null {
  if (member === null) return null;
  const since = member.revokedAt ?? member.suspendedAt;
  if (since === null) return null;
  const words = member.revokedAt === null ? SUSPENDED : REVOKED;
  const tried = attempts.find(({ reason, at }) => (reason === 'suspended' || reason === 'revoked') && at >= since);
  return {
    ...words,
    severity: 'failure',
    evidence: [
      [member.revokedAt === null ? 'suspended' : 'revoked', moment(since)],
      ...(tried ? [['tried to connect', moment(tried.at)] as const] : []),
    ],
  };
}

type Words = Pick<Explanation, 'row' | 'title' | 'text' | 'next'>;

const REVOKED: Words = {
  row: 'member-revoked',
  title: 'It was revoked.',
  text: 'Somebody of the organisation has revoked it: it may not connect any more, whatever it proves.',
  next: ['If it shall come back, add it again and give it the new profile.'],
};

const SUSPENDED: Words = {
  row: 'member-suspended',
  title: 'It is suspended.',
  text: 'Somebody of the organisation has suspended it: it may not connect until it is resumed. Its profile stays good.',
  next: ['If it shall connect again, resume it on its page. Nothing has to be done on the device itself.'],
};
