// The client process of the bench: many peers, each with a socket of its own, in the namespace in which it was started.

import type { ClientSetting, Connected, ConnectOrder, Order, Report } from './client-protocol.ts';
import { clientPrimitives } from './client-primitives.ts';
import { Load } from './load.ts';
import { Peer } from './peer.ts';

const TICK_MS = 250;
const PATIENCE_MS = 60_000;
const TOLD = 5;

const setting = JSON.parse(process.argv[2] ?? '{}') as ClientSetting;
const primitives = clientPrimitives();
const peers: Peer[] = [];

setInterval(() => {
  const now = Date.now();
  for (const peer of peers) peer.tick(now);
}, TICK_MS);

process.once('disconnect', () => process.exit(0));
process.on('message', (order: Order) => {
  obey(order).catch((error: Error) => tell({ kind: 'failed', message: error.stack ?? error.message }));
});
tell({ kind: 'ready' });

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'connect':
      return tell(await connect(order));
    case 'load':
      return tell(await new Load(peers, order).run());
    case 'close':
      await Promise.all(peers.map((peer) => peer.close()));
      setTimeout(() => process.exit(0), 200);
  }
}

async function connect(order: ConnectOrder): Promise<Connected> {
  const waiting: Peer[] = [];
  for (const [i, enrolled] of order.peers.entries()) {
    const local = setting.addresses[(peers.length + i) % setting.addresses.length]!;
    waiting.push(await Peer.open(setting, local, enrolled, primitives));
  }
  peers.push(...waiting);
  const failures: string[] = [];
  const began = performance.now();
  const work = async () => {
    for (let peer = waiting.pop(); peer; peer = waiting.pop()) {
      const failure = await peer.connect(PATIENCE_MS);
      if (failure !== null) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, work));
  return {
    kind: 'connected',
    connected: order.peers.length - failures.length,
    milliseconds: performance.now() - began,
    failures: failures.slice(0, TOLD),
  };
}

function tell(report: Report): void {
  process.send?.(report);
}
