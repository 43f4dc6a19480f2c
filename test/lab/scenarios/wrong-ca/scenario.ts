// Certificates of an authority that the other end does not know.

import { copyFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, expect, expectMatch } from '../../expect.ts';
import type { Device } from '../../member.ts';
import { expectPing } from '../../ping.ts';
import { Authority } from '../../pki.ts';
import type { Scenario } from '../../scenario.ts';
import { sectionAt } from '../../swanctl-conf.ts';

export const scenario: Scenario = {
  description:
    'A device with a certificate of a strange authority is refused, and a device that trusts only a strange one refuses.',
  topology: 'alice and bob - NAT a - internet - gateway',
  sees: [
    "the gateway answers alice's strange certificate with AUTHENTICATION_FAILED",
    'bob, who trusts only the strange authority, does not accept the gateway, and is not listed as connected',
    'with the right authorities both connect',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab) {
    const nat = await lab.nat('nat-a');
    const alice = await lab.device('alice', { auth: 'cert', behind: nat });
    const bob = await lab.device('bob', { auth: 'cert', behind: nat });
    const stranger = await Authority.create(lab.network.directory, 'stranger');
    await expectRefused(alice, stranger);
    expect((await lab.gateway.connected()).length === 0, 'the gateway lists a device as connected');
    await expectRefuses(bob, stranger);
    await eventually(async () => (await lab.gateway.connected()).length === 0, 'the gateway lists bob as connected');
    for (const device of [alice, bob]) {
      await device.connect();
      await expectPing(device.host, lab.gateway.virtualAddress);
    }
  },
};

/** Tries with a certificate of a stranger that carries the right identity, then puts the right one back. */
async function expectRefused(device: Device, stranger: Authority): Promise<void> {
  const local = sectionAt(device.daemon.readConf(), 'connections', device.ike, 'local');
  const { id, certs } = local;
  expect(typeof id === 'string' && typeof certs === 'string', 'the profile names no identity or certificate');
  const issued = await stranger.issue({ name: 'impostor', alternativeNames: [id], purpose: 'clientAuth' });
  copyFileSync(issued.certificate, join(device.daemon.configuration, 'x509', 'impostor.pem'));
  copyFileSync(issued.key, join(device.daemon.configuration, 'private', 'impostor.pem'));
  await device.configure((connection) => (sectionAt(connection, 'local').certs = 'impostor.pem'));
  const result = await device.tryConnect();
  expect(result.status !== 0, 'the certificate of a strange authority was accepted');
  expectMatch(device.daemon.log(), /parsed IKE_AUTH response \d+ \[ .*N\(AUTH_FAILED\)/, 'the log of alice');
  await device.configure((connection) => (sectionAt(connection, 'local').certs = certs));
}

/** Tries while only the stranger is trusted, then trusts the right authorities again. */
async function expectRefuses(device: Device, stranger: Authority): Promise<void> {
  const trusted = join(device.daemon.configuration, 'x509ca');
  const right = readdirSync(trusted);
  const { remote } = sectionAt(device.daemon.readConf(), 'connections', device.ike);
  for (const file of right) renameSync(join(trusted, file), join(device.host.directory, file));
  copyFileSync(stranger.certificate, join(trusted, 'stranger.pem'));
  await device.configure((connection) => delete sectionAt(connection, 'remote').cacerts);
  const result = await device.tryConnect();
  expect(result.status !== 0, 'the device accepted a gateway of an authority that it does not trust');
  expectMatch(device.daemon.log(), /no (trusted|issuer|.*public key).* found/i, 'the log of bob');
  for (const file of right) renameSync(join(device.host.directory, file), join(trusted, file));
  await device.configure((connection) => (connection.remote = remote!));
}
