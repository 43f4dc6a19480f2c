// EAP-MSCHAPv2 with a password that is not the one.

import { expect, expectMatch } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { type Section, sectionAt } from '../../swanctl-conf.ts';

export const scenario: Scenario = {
  description: 'A device with a wrong password is refused, and with the right one let in.',
  topology: 'alice - NAT a - internet - gateway',
  sees: [
    'the wrong password ends in a failure of EAP, and the gateway lists nobody',
    'the right password connects, and the address of the gateway in the network answers ping',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab) {
    const alice = await lab.device('alice', { auth: 'eap', behind: await lab.nat('nat-a') });
    const right = password(alice.daemon.readConf());
    await alice.configure((_connection, _child, conf) => setPassword(conf, `${right} not`));
    const refused = await alice.tryConnect();
    expect(refused.status !== 0, 'the wrong password was accepted');
    expectMatch(
      alice.daemon.log(),
      /EAP_MSCHAPV2 .*fail|received EAP_FAILURE|N\(AUTH_FAILED\)/i,
      'the log of the device',
    );
    expect((await lab.gateway.connected()).length === 0, 'the gateway lists the device as connected');
    await alice.configure((_connection, _child, conf) => setPassword(conf, right));
    await alice.connect();
    await expectPing(alice.host, lab.gateway.virtualAddress);
  },
};

function secretOf(conf: Section): Section {
  const secrets = sectionAt(conf, 'secrets');
  const name = Object.keys(secrets).find((key) => key.startsWith('eap'));
  expect(name, 'the profile holds no EAP secret');
  return sectionAt(secrets, name);
}

function password(conf: Section): string {
  const { secret } = secretOf(conf);
  expect(typeof secret === 'string', 'the profile holds no password');
  return secret;
}

function setPassword(conf: Section, secret: string): void {
  secretOf(conf).secret = secret;
}
