// What is offered, and who somebody says that they are.

import { utf8 } from '../../../src/bytes/octets.ts';
import { OVERLAP_DAYS } from '../../../worker/directory/renew.ts';
import { windows } from '../../sim/initiator/clients.ts';
import { createAuthority, issue } from '../../sim/certificates.ts';
import { addressIdentity, distinguishedName, fqdn, mailbox, selector } from '../../sim/initiator/identities.ts';
import type { Authentication, InitiatorOptions } from '../../sim/initiator/options.ts';
import { ikeOffer } from '../../sim/initiator/proposals.ts';
import { type Enrolled, type Office, pass, subjectOf, type Wish } from '../office.ts';
import { clientOf, connected, gone, type Scene, type Situation, tried } from './situation.ts';

const DAY = 86_400_000;

export const proving: readonly Situation[] = [
  {
    case: ['INIT with only MODP1024', 'only MODP1024'],
    shows: 'windows-by-hand',
    severity: 'failure',
    says: /run our script/,
    arise: (office) => refused(office, { auth: 'eap' }, () => windows(0)),
  },
  {
    case: ['NO_PROPOSAL_CHOSEN otherwise', 'nothing in common'],
    shows: 'no-common-suite',
    severity: 'failure',
    says: /profile for its system/,
    arise: (office) =>
      refused(office, { auth: 'cert' }, () => ({ ike: [ikeOffer('aes192-sha1-modp2048')], firstKe: 14 })),
  },
  {
    case: ['AUTH', 'unknown CA'],
    shows: 'certificate-foreign',
    severity: 'failure',
    says: /has not issued/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'cert' });
      const issued = await issue(await createAuthority('Somebody else'), {
        name: who.identity,
        emails: [who.identity],
      });
      const other = { chain: [issued.der], privateKey: issued.privateKey };
      const device = await tried(await clientOf(who, { authentication: { ...certificateOf(who), ...other } }));
      return { who, device };
    },
  },
  {
    case: ['AUTH', 'expired'],
    shows: 'certificate-expired',
    severity: 'failure',
    says: /its time is over/,
    arise: (office) => refused(office, { auth: 'cert', at: Date.now() - 800 * DAY }),
  },
  {
    case: ['AUTH', 'not yet valid'],
    shows: 'certificate-not-yet-valid',
    severity: 'failure',
    says: /begins later than now/,
    arise: (office) => refused(office, { auth: 'cert', at: Date.now() + 2 * DAY }),
  },
  {
    case: ['AUTH', 'revoked'],
    shows: 'member-revoked',
    severity: 'failure',
    says: /add it again/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'cert' });
      await office.change('DELETE', `/devices/${who.record.name}`);
      return { who, device: await tried(await clientOf(who)) };
    },
  },
  {
    case: ['AUTH', 'SAN != ID'],
    shows: 'certificate-name',
    severity: 'failure',
    says: /local ID/,
    arise: (office) => refused(office, { auth: 'cert' }, () => ({ identity: mailbox('somebody@office') })),
  },
  {
    case: ['AUTH', 'DN != subject'],
    shows: 'certificate-name',
    severity: 'failure',
    says: /local ID/,
    arise: async (office) => {
      const other = subjectOf(await office.enrol({ auth: 'cert' }));
      return refused(office, { auth: 'cert' }, () => ({ identity: distinguishedName(other.der) }));
    },
  },
  {
    case: ['AUTH', 'DN as FQDN'],
    shows: 'subject-as-name',
    severity: 'failure',
    says: /sends it as a host name/,
    arise: (office) => refused(office, { auth: 'cert' }, (who) => ({ identity: fqdn(subjectOf(who).text) })),
  },
  {
    case: ['more', 'no certificate'],
    shows: 'certificate-missing',
    severity: 'failure',
    says: /send_cert/,
    arise: (office) => refused(office, { auth: 'cert' }, () => ({ layout: ['IDi', 'AUTH', 'SA', 'TSi', 'TSr'] })),
  },
  {
    case: ['more', 'old certificate'],
    shows: 'certificate-superseded',
    severity: 'failure',
    says: /present profile/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'cert' });
      await office.renew(who, Date.now() - (OVERLAP_DAYS + 1) * DAY);
      return { who, device: await tried(await clientOf(who)) };
    },
  },
  {
    case: ['more', 'suspended'],
    shows: 'member-suspended',
    severity: 'failure',
    says: /resume it/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'cert' });
      await office.change('PUT', `/devices/${who.record.name}/suspension`);
      return { who, device: await tried(await clientOf(who)) };
    },
  },
  {
    case: ['more', 'wrong key'],
    shows: 'wrong-secret',
    severity: 'failure',
    says: /Type it again/,
    arise: (office) =>
      refused(office, { auth: 'psk' }, () => ({ authentication: { kind: 'psk', secret: utf8('a guessed secret') } })),
  },
  {
    case: ['more', 'wrong password'],
    shows: 'wrong-secret',
    severity: 'failure',
    says: /Type it again/,
    arise: (office) => refused(office, { auth: 'eap' }, (who) => ({ authentication: password(who.identity) })),
  },
  {
    case: ['more', 'unknown name'],
    shows: 'unknown-name',
    severity: 'failure',
    says: /slip in the name/,
    arise: (office) => refused(office, { auth: 'eap' }, (who) => ({ authentication: password(`x${who.identity}`) })),
  },
  {
    case: ['more', 'wrong method'],
    shows: 'wrong-method',
    severity: 'failure',
    says: /Choose the method/,
    arise: (office) =>
      refused(office, { auth: 'psk' }, (who) => ({ authentication: password(who.identity), gatewaySecret: null })),
  },
  {
    case: ['more', 'no address asked'],
    shows: 'no-address-asked',
    severity: 'failure',
    says: /vips/,
    arise: (office) => refused(office, { auth: 'cert' }, () => ({ TSi: [selector('192.168.1.0/24')] })),
  },
  {
    case: ['more', 'foreign prefixes'],
    shows: 'selectors-refused',
    severity: 'failure',
    says: /Compare the prefixes/,
    arise: (office) =>
      refused(office, { auth: 'psk', prefixes: ['10.30.0.0/24'] }, () => ({ TSi: [selector('192.168.1.0/24')] })),
  },
  {
    case: ['more', 'something else'],
    shows: 'handshake-failed',
    severity: 'failure',
    says: /critical payload 200/,
    arise: (office) => {
      const strange = { type: 'UNKNOWN', payloadType: 200, critical: true, data: new Uint8Array(4) } as const;
      return refused(office, { auth: 'cert' }, () => ({ extraAuthPayloads: [strange] }));
    },
  },
  {
    case: ['we sent AUTH, client vanished', 'EAP, aloud'],
    shows: 'gateway-not-trusted',
    severity: 'failure',
    says: /13801/,
    arise: (office) => refused(office, { auth: 'eap' }, () => ({ trust: async () => null })),
  },
  {
    case: ['we sent AUTH, client vanished', 'EAP, silent'],
    shows: 'gateway-not-trusted',
    severity: 'failure',
    says: /13801/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'eap' });
      // Windows names the address of its LAN.
      const device = await clientOf(who, { ...windows(2), identity: addressIdentity('192.168.1.20') });
      await device.begin();
      await device.hear();
      await device.relay.until(() => device.relay.datagrams.length > 1);
      device.initiator.crash();
      await pass(60_000, device);
      return { who, device };
    },
  },
  {
    case: ['we sent AUTH, client vanished', 'certificate, aloud'],
    shows: 'gateway-not-trusted',
    severity: 'failure',
    says: /13801/,
    arise: (office) => refused(office, { auth: 'cert' }, () => ({ trust: async () => null })),
  },
  {
    case: ['we sent AUTH, client vanished', 'certificate, silent'],
    shows: 'gateway-not-trusted',
    severity: 'failure',
    says: /13801/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'cert' });
      const device = await connected(office, who);
      device.initiator.crash();
      await office.object.command(who.record.id, { kind: 'liveness' });
      await pass(12 * 60_000, device, 24);
      await gone(office, who);
      return { who, device };
    },
  },
];

/** A handshake that comes to nothing. */
async function refused(
  office: Office,
  wish: Wish,
  how: (who: Enrolled) => Partial<InitiatorOptions> = () => ({}),
): Promise<Scene> {
  const who = await office.enrol(wish);
  return { who, device: await tried(await clientOf(who, how(who))) };
}

function password(userName: string): Authentication {
  return { kind: 'eap-mschapv2', userName, password: 'a guessed password', identityAnswer: 'name' };
}

function certificateOf({
  credentials: { authentication },
}: Enrolled): Extract<Authentication, { kind: 'certificate' }> {
  if (authentication.kind !== 'certificate') throw new Error('it has no certificate');
  return authentication;
}
