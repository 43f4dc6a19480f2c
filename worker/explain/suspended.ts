// A member that somebody has suspended: nothing else that stands in its way matters until it is resumed.

import type { Explanation } from './explanation.ts';
import type { Facts } from './facts.ts';
import { moment } from './moment.ts';

export function suspended({ member, attempts }: Facts): Explanation | null {
  if (!member || member.suspendedAt === null) return null;
  const tried = attempts.find(({ reason, at }) => reason === 'suspended' && at >= member.suspendedAt!);
  return {
    row: 'member-suspended',
    severity: 'failure',
    title: 'It is suspended.',
    text: 'Somebody of the organisation has suspended it: it may not connect until it is resumed. Its profile stays good.',
    next: ['If it shall connect again, resume it on its page. Nothing has to be done on the device itself.'],
    evidence: [
      ['suspended', moment(member.suspendedAt)],
      ...(tried ? [['tried to connect', moment(tried.at)] as const] : []),
    ],
  };
}
