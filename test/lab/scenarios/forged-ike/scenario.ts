// RFC 3715 section 3, security: deletes, NAT detection and moves that somebody has forged who knows the SPIs (RFC 7296 sections 2.4, 2.21).
// Requirements: rfc3715-3-no-vulnerability rfc4555-3.4-hints

import { pause } from '../../command.ts';
import { expect, expectEqual } from '../../expect.ts';
import type { Host } from '../../namespace.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { addMarker } from '../../../../src/wire/encap.ts';
import { ExchangeType, Notify, PayloadType, Protocol } from '../../../../src/wire/ike-numbers.ts';
import { emitIkeMessage, emitProtectedShell } from '../../../../src/wire/ike-message.ts';
import type { Payload } from '../../../../src/wire/payload.ts';
import { connectTwo } from '../two-devices.ts';
import { culvert, portOf } from '../culvert.ts';

const COPIES = 3;

export const scenario: Scenario = {
  description:
    'Somebody who knows the SPIs sends forged deletes, NAT detection and moves, from an address of its own and from that of the client: nothing comes of it.',
  topology:
    'alice - NAT a - internet - NAT b - bob, mallory 192.0.2.10, who also sends as NAT a; gateway in the internet',
  sees: [
    'all forgeries have reached the gateway, from both addresses: in clear, and as encrypted messages with a wrong checksum',
    'the device has the SPIs and the child SA that it had before',
    'the gateway shows alice where she was, with the same verdict about NATs, and no move',
    'ping in both directions, and a liveness check of the device is answered',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a');
    const [alice, bob] = await connectTwo(lab, 'cert', nat, await lab.nat('nat-b'));
    const mallory = await lab.stranger('mallory', await lab.open('router'));
    await mallory.ip('address', 'add', `${nat.outside}/32`, 'dev', 'lo');
    await expectPing(alice.host, gateway.virtualAddress);
    const [before, sa] = [await gateway.peer('alice'), await alice.sa()];
    const forgeries = [...inClear(sa), ...withWrongChecksum(sa)];
    for (const [source, port] of [
      ['192.0.2.10', 4500],
      [nat.outside, portOf(before.path)],
    ] as const) {
      const filter = `dst host 203.0.113.1 and src host ${source} and udp dst port 4500 and udp[8:4] = 0`;
      const already = await lab.capture('to-router').count(filter);
      for (const octets of forgeries) await send(mallory, source, port, octets);
      await pause(500);
      const arrived = (await lab.capture('to-router').count(filter)) - already;
      expectEqual(arrived, COPIES * forgeries.length, `forgeries from ${source}`);
    }
    const [after, same] = [await gateway.peer('alice'), await alice.sa()];
    expectEqual(after.path, before.path, 'where the gateway sees alice');
    expectEqual(after.nat, before.nat, 'the verdict about NATs');
    expectEqual(after.report?.moved, before.report?.moved, 'moves');
    expectEqual(same.responderSpi, sa.responderSpi, 'SPI of the IKE SA');
    expectEqual(same.children[0]?.spiOut, sa.children[0]?.spiOut, 'SPI of the child SA');
    await expectPing(alice.host, gateway.virtualAddress);
    await expectPing(bob.host, await alice.virtualAddress());
    await alice.daemon.rekey('ike', alice.ike);
    await pause(500);
    expect((await alice.sa()).responderSpi !== sa.responderSpi, 'the IKE SA can no longer be rekeyed');
    note(`${forgeries.length} kinds, ${COPIES} of each from either address`);
  },
};

type Spis = { readonly initiatorSpi: string; readonly responderSpi: string };

function inClear(spis: Spis): Uint8Array[] {
  const hash = new Uint8Array(20).fill(7);
  const bodies: Payload[][] = [
    [{ type: 'D', protocol: Protocol.IKE, spis: [] }],
    [notify(Notify.NAT_DETECTION_SOURCE_IP, hash), notify(Notify.NAT_DETECTION_DESTINATION_IP, hash)],
    [notify(Notify.UPDATE_SA_ADDRESSES)],
    [notify(Notify.INVALID_IKE_SPI)],
    [notify(Notify.AUTHENTICATION_FAILED)],
  ];
  return bodies.map((payloads) => addMarker(emitIkeMessage(header(spis), payloads)));
}

/** One that says that it holds a delete, one that says that it holds a notification. */
function withWrongChecksum(spis: Spis): Uint8Array[] {
  return [PayloadType.D, PayloadType.N].map((first) =>
    addMarker(emitProtectedShell(header(spis), { kind: 'SK', first, fragment: null }, 64).octets),
  );
}

/** The next request of the client, as far as anybody can tell. */
function header({ initiatorSpi, responderSpi }: Spis): Parameters<typeof emitIkeMessage>[0] {
  const [SPIi, SPIr] = [BigInt(`0x${initiatorSpi}`), BigInt(`0x${responderSpi}`)];
  return { SPIi, SPIr, exchange: ExchangeType.INFORMATIONAL, initiator: true, response: false, messageId: 2 };
}

function notify(type: number, data: Uint8Array = new Uint8Array(0)): Payload {
  return { type: 'N', protocol: 0, spi: new Uint8Array(0), notify: type, data };
}

async function send(from: Host, source: string, port: number, octets: Uint8Array): Promise<void> {
  const program = `const s = require('node:dgram').createSocket('udp4');
    const octets = Buffer.from('${Buffer.from(octets).toString('hex')}', 'hex');
    let left = ${COPIES};
    const next = () => (left-- > 0 ? s.send(octets, 4500, '203.0.113.1', next) : s.close());
    s.bind(${port}, '${source}', next);`;
  await from.run([process.execPath, '-e', program]);
}
