// What is asked before something is done to a member.

import type { MemberRecord } from '../../../directory/member-record.ts';
import { OVERLAP_DAYS } from '../../../directory/renew.ts';

export type Asked = 'disconnect' | 'suspend' | 'resume' | 'renew' | 'revoke';

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly danger: boolean;
}

export const ASKED: readonly Asked[] = ['disconnect', 'suspend', 'resume', 'renew', 'revoke'];

export function questionOf(asked: Asked, { name, kind }: Pick<MemberRecord, 'name' | 'kind'>): Question {
  switch (asked) {
    case 'disconnect':
      return {
        title: `Disconnect ${name}?`,
        text: 'Its connection ends now, and it may connect again at once. To keep it out, suspend it.',
        yes: 'Disconnect',
        danger: false,
      };
    case 'resume':
      return { title: `Resume ${name}?`, text: 'It may connect again.', yes: 'Resume', danger: false };
    case 'suspend':
      return {
        title: `Suspend ${name}?`,
        text: 'It is disconnected within a second and cannot connect until it is resumed. It keeps its address and its profile.',
        yes: 'Suspend',
        danger: true,
      };
    case 'renew':
      return {
        title: `Renew the certificate of ${name}?`,
        text: `It gets a new certificate, and with it a new profile, which you bring to the ${kind}. The certificate that it has now is accepted for ${OVERLAP_DAYS} days more, so nothing is cut off before.`,
        yes: 'Renew',
        danger: false,
      };
    case 'revoke':
      return {
        title: `Revoke ${name}?`,
        text: 'It is cut off within a second, and its profile never works again. This cannot be undone: add it anew instead. To keep it out for a while, suspend it.',
        yes: 'Revoke',
        danger: true,
      };
  }
}

/** Whether it can be done to it as it is. */
export function fits(asked: Asked, { revokedAt, suspendedAt, certificate }: MemberRecord): boolean {
  if (revokedAt !== null) return false;
  if (asked === 'suspend' || asked === 'disconnect') return suspendedAt === null;
  if (asked === 'resume') return suspendedAt !== null;
  return asked === 'revoke' || certificate !== null;
}
