// RFC 3715 section 2.1 g: protocols that carry addresses. The addresses that they carry are those of the tunnel, so nobody need rewrite them.

import { fileURLToPath } from 'node:url';
import { eventually, expect, expectEqual } from '../../expect.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo } from '../two-devices.ts';

const PROGRAM = fileURLToPath(new URL('../../ftp-end.mjs', import.meta.url));

export const scenario: Scenario = {
  description:
    'A file goes between two devices by the PORT and PASV of FTP, which carry addresses, through NATs that know nothing of it.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet; no helper anywhere',
  sees: [
    'active: the server connects to the address that the client has written into PORT, and the file arrives whole',
    'passive: the client connects to the address that the server has written into its answer to PASV, and the file arrives whole',
    'the addresses written are the virtual ones',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 90,
  async run(lab) {
    const [alice, bob] = await connectTwo(
      lab,
      'cert',
      await lab.nat('nat-a', 'masquerade-random'),
      await lab.nat('nat-b'),
    );
    const [a, b] = [await alice.virtualAddress(), await bob.virtualAddress()];
    const server = bob.host.start('ftp-server', [process.execPath, PROGRAM, 'serve', b]);
    const serving = await eventually(() => /"serving":"(\w+)"/.exec(server.output())?.[1], 'the server did not start');
    for (const mode of ['active', 'passive']) {
      const client = alice.host.start(`ftp-${mode}`, [process.execPath, PROGRAM, 'fetch', a, b, mode]);
      const fetched = await eventually(() => {
        expect(!/"error"/.test(client.output()), `${mode}: ${client.output()}`);
        return /"fetched":"(\w+)","from":"([\d.]+)"/.exec(client.output());
      }, `${mode}: the file did not arrive; the server says:\n${server.output()}`);
      expectEqual(fetched[1], serving, `${mode}: SHA-256 of the file`);
      expectEqual(fetched[2], b, `${mode}: where the file came from`);
      if (mode === 'passive')
        expect(client.output().includes(`(${b.replaceAll('.', ',')},`), `the server named another address than ${b}`);
    }
    expect(server.output().includes(`PORT ${a.replaceAll('.', ',')},`), `the client named another address than ${a}`);
  },
};
