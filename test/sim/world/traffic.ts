// The inner packets of a world: to a neighbour, to the gateway, in another's name, or to where they may not go. Each is entered in the ledger.

import type { Member } from '../../../src/ike/pad.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { address } from '../initiator/identities.ts';
import { echoRequest, udpPacket } from '../packets.ts';
import { payloadOf } from './ledger.ts';
import type { SimClient } from './sim-client.ts';
import type { World } from './world.ts';

/** A few packets of any kind. */
export async function talk(world: World, who: SimClient): Promise<void> {
  const { random } = world;
  const packets: Uint8Array[] = [];
  for (let n = random.between(1, 6); n > 0; n--) {
    const other = random.pick(world.clients);
    const dice = random.below(100);
    if (dice < 65) packets.push(good(world, who, other));
    else if (dice < 80) packets.push(echo(world, who));
    else if (dice < 90) packets.push(spoofed(world, who, other));
    else if (dice < 95) packets.push(abroad(world, who));
    else packets.push(outside(world, who));
  }
  await who.send(packets);
}

export function good(world: World, from: SimClient, to: SimClient): Uint8Array {
  const other = to.member.network === from.member.network && to !== from ? to : null;
  const destination = other === null ? nobody(from.member) : other.member.addresses[0]!;
  const intent = other === null ? 'abroad' : 'good';
  return world.ledger.enter(intent, from.member, other?.member.member ?? null, (id) =>
    udpPacket(from.member.addresses[0]!, destination, payloadOf(id)),
  );
}

export function echo(world: World, from: SimClient): Uint8Array {
  return world.ledger.enter('echo', from.member, null, (id) =>
    echoRequest(from.member.addresses[0]!, from.member.gateway[0]!, id & 0xffff, payloadOf(id)),
  );
}

function spoofed(world: World, from: SimClient, as: SimClient): Uint8Array {
  const claimed = as.member.addresses[0]!;
  const own = formatAddress(claimed) === formatAddress(from.member.addresses[0]!);
  const source = own ? address('100.64.9.9') : claimed;
  const destination = from.member.gateway[0]!;
  return world.ledger.enter('spoofed', from.member, null, (id) => udpPacket(source, destination, payloadOf(id)));
}

function abroad(world: World, from: SimClient): Uint8Array {
  return world.ledger.enter('abroad', from.member, null, (id) =>
    udpPacket(from.member.addresses[0]!, nobody(from.member), payloadOf(id)),
  );
}

/** What no member may reach, and what this client's own selectors leave out, if they do. */
function outside(world: World, from: SimClient): Uint8Array {
  const narrow = from.initiator.session.options.TSr.every(({ startAddress }) => startAddress[0] === 100);
  const destination = address(narrow && world.random.chance(0.5) ? '10.77.0.1' : '8.8.8.8');
  return world.ledger.enter('outside', from.member, null, (id) =>
    udpPacket(from.member.addresses[0]!, destination, payloadOf(id)),
  );
}

/** An address of the network that nobody has. */
function nobody(member: Member): Uint8Array {
  const own = member.addresses[0]!;
  return Uint8Array.of(own[0]!, own[1]!, 200, own[3]!);
}
