// Every exchange that a connected client and its gateway have, begun by either side: RFC 7296 sections 1.3, 1.4, 2.8.

import { type Office, talkAll } from '../world/office.ts';

const SETTLE_MS = 20_000;

/** A packet between each two; then the first device: child and IKE SA rekeyed by it and by the gateway, and liveness of both. */
export async function everyExchange(office: Office): Promise<void> {
  const { world, a } = office;
  await talkAll(office);
  for (const kind of ['rekey-child', 'rekey-ike', 'liveness'] as const) {
    world.shellOf(a)?.post({ kind });
    await world.run(SETTLE_MS);
  }
  const { initiator } = a;
  for (const begin of [
    () => initiator.rekeyChild(world.clock.now),
    () => initiator.rekeyIke(world.clock.now),
    () => initiator.liveness(world.clock.now),
  ]) {
    if (a.established) await a.run(begin());
    await world.run(SETTLE_MS);
  }
}
