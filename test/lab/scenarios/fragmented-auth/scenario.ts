// IKE_AUTH too large for one datagram (RFC 7383).
// Requirements: rfc7383-2.3-notify rfc7383-2.4-likely rfc7383-2.5.1-size

import { join } from 'node:path';
import { copyFileSync } from 'node:fs';
import { expect } from '../../expect.ts';
import type { Device } from '../../member.ts';
import { dropFragments } from '../../nat.ts';
import { expectPing } from '../../ping.ts';
import { Authority } from '../../pki.ts';
import type { Scenario } from '../../scenario.ts';

/** Windows names about forty in its CERTREQ. */
const AUTHORITIES = 45;

export const scenario: Scenario = {
  description:
    'A client that names many authorities sends an IKE_AUTH that needs two datagrams over a path that drops IP fragments.',
  topology: 'alice - NAT a - internet, which drops IP fragments - gateway',
  sees: [
    'without IKE fragmentation the client cannot connect, and fragments were dropped',
    'with it the message goes in several datagrams, the client connects, and the path drops nothing',
    'the address of the gateway in the network answers ping',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const settings = { retransmit_timeout: '0.5', retransmit_tries: '2' };
    const alice = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a'), settings });
    await trustMany(alice);
    const filter = await dropFragments(lab.internet);
    await alice.configure((connection) => (connection.fragmentation = 'no'));
    const refused = await alice.tryConnect();
    expect(refused.status !== 0, 'the client connected without IKE fragmentation: the path does not drop fragments');
    const dropped = await filter.hits();
    expect(dropped > 0, 'no fragment was dropped: the message was not too large');
    await alice.configure((connection) => (connection.fragmentation = 'yes'));
    await alice.connect();
    expect((await filter.hits()) === dropped, 'IP fragments were sent although IKE fragmentation was agreed');
    const [, octets, parts] =
      /splitting IKE message \((\d+) bytes\) into (\d+) fragments/.exec(alice.daemon.log()) ?? [];
    expect(Number(parts) > 1, 'the client did not split its IKE_AUTH');
    note(`IKE_AUTH of ${octets} octets in ${parts} parts; ${dropped} IP fragments dropped before`);
    await expectPing(alice.host, lab.gateway.virtualAddress);
  },
};

/** Gives a client more authorities to trust; it names each in its CERTREQ. */
async function trustMany(device: Device): Promise<void> {
  for (let index = 0; index < AUTHORITIES; index++) {
    const authority = await Authority.create(device.host.directory, `authority-${index}`);
    copyFileSync(authority.certificate, join(device.daemon.configuration, 'x509ca', `authority-${index}.pem`));
  }
  await device.configure((connection) => {
    const remote = connection.remote;
    if (typeof remote === 'object') delete remote.cacerts;
  });
}
