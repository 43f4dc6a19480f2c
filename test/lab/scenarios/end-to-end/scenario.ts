// RFC 3715 section 3, end to end: several TCP connections and UDP sessions at once between two hosts behind NATs.
// Requirements: rfc3715-3-end-to-end rfc3715-3-several-sessions

import { fileURLToPath } from 'node:url';
import { eventually, expectEqual } from '../../expect.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';
import { connectTwo } from '../two-devices.ts';

const PROGRAM = fileURLToPath(new URL('../../udp-end.mjs', import.meta.url));
const TCP = 3;
const UDP = 3;
const QUESTIONS = 100;

export const scenario: Scenario = {
  description: `${2 * TCP} TCP connections, ${TCP} each way, and ${UDP} UDP sessions go at once between two devices behind NATs.`,
  topology: 'alice - NAT a (random ports) - internet - NAT b - bob, gateway in the internet',
  sees: [
    'every TCP connection delivers all octets, with the same SHA-256 at both ends',
    `each UDP session has ${QUESTIONS} datagrams answered with what it has sent`,
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const [alice, bob] = await connectTwo(
      lab,
      'cert',
      await lab.nat('nat-a', 'masquerade-random'),
      await lab.nat('nat-b'),
    );
    const [a, b] = [await alice.virtualAddress(), await bob.virtualAddress()];
    const ports = Array.from({ length: UDP }, (_, index) => String(9_000 + index));
    for (const port of ports) {
      const server = bob.host.start(`udp-echo-${port}`, [process.execPath, PROGRAM, 'echo', b, port]);
      await eventually(() => server.output().includes('listening'), 'no UDP server');
    }
    const plan = { octets: 500_000, rate: 100_000, limit: 60 };
    const transfers: Transfer[] = [];
    for (let index = 0; index < TCP; index++) {
      transfers.push(await Transfer.start(alice.host, bob.host, b, plan));
      transfers.push(await Transfer.start(bob.host, alice.host, a, plan));
    }
    const ask = [process.execPath, PROGRAM, 'ask', b];
    const sessions = ports.map((port) => alice.host.start(`udp-ask-${port}`, [...ask, port, String(QUESTIONS)]));
    for (const session of sessions) {
      const answered = await eventually(
        () => /answered (\d+)/.exec(session.output())?.[1],
        'a UDP session did not end',
      );
      expectEqual(Number(answered), QUESTIONS, 'answers in a UDP session');
    }
    for (const transfer of transfers) await transfer.finish();
    note(`${transfers.length} TCP connections of 500 kB, ${UDP} UDP sessions of ${QUESTIONS} datagrams`);
  },
};
