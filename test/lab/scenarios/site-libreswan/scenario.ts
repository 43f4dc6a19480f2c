// Another implementation of IKEv2 than strongSwan's, with the files that it is handed.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, expect } from '../../expect.ts';
import type { Lab, Lan } from '../../lab.ts';
import { Libreswan } from '../../libreswan.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

export const scenario: Scenario = {
  description:
    'A libreswan behind a NAT takes its profile as it is, and both ends prove who they are: by pre-shared key and by certificate.',
  topology: 'two sites (libreswan) - NAT s - internet - gateway; IKE only, because libreswan leaves ESP to the kernel',
  sees: [
    'pluto loads the configuration, and the certificate by the steps of the profile',
    'it authenticates the gateway, and the gateway it',
    'the gateway shows the site as connected from behind its NAT',
  ],
  gateways: ['culvert'],
  limit: 180,
  run,
};

/** What the steps of the profile call for: the password is shown once, with the files. */
const PASSWORD = /^Password of the certificate, shown this once: (\S+)$/m;
const PROVED = /initiator established IKE SA; authenticated peer .*/;

async function run(lab: Lab, note: (text: string) => void): Promise<void> {
  const nat = await lab.nat('nat-s', 'masquerade-random');
  note(`by pre-shared key: ${await connected(lab, nat, 'depot', 'psk', '10.20.0.0/24')}`);
  note(`by certificate: ${await connected(lab, nat, 'branch', 'cert', '10.30.0.0/24')}`);
}

/** @returns how pluto says that the gateway has proved itself. */
async function connected(lab: Lab, behind: Lan, name: string, auth: 'psk' | 'cert', prefix: string): Promise<string> {
  const host = await lab.stranger(name, behind);
  const profile = join(host.directory, 'profile');
  const gateway = culvert(lab);
  await gateway.command('site', 'add', name, '--network', 'lab', '--prefix', prefix, '--auth', auth);
  const said = await gateway.command('profile', name, '--network', 'lab', '--format', 'libreswan', '--out', profile);
  const daemon = new Libreswan(host);
  await daemon.configure(profile);
  if (auth === 'cert') {
    const pkcs12 = readdirSync(profile).find((file) => file.endsWith('.p12'));
    const password = PASSWORD.exec(said)?.[1];
    expect(pkcs12 && password, `the profile of ${name} has no certificate, or no password for it:\n${said}`);
    await daemon.importCertificate(join(profile, pkcs12), password, join(profile, 'culvert-root.pem'));
  }
  daemon.start();
  const [proved] = await eventually(
    () => {
      expect(daemon.running, `pluto in ${name} ended:\n${daemon.log().slice(-2_000)}`);
      return PROVED.exec(daemon.log());
    },
    `${name} did not authenticate the gateway`,
    30_000,
  );
  const row = await eventually(
    async () => (await gateway.peers()).find((peer) => peer.name === name),
    `the gateway does not list ${name} as connected`,
  );
  expect(row.nat !== 'none', `the gateway does not know that ${name} is behind a NAT`);
  await daemon.stop();
  return /authenticated peer (.*?)(?: issued by.*)?$/.exec(proved)?.[1] ?? proved;
}
