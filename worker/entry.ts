// The Worker: relays and operators come in here, and the objects are put together of their rooms.

import { Hono } from 'hono';
import { Peer } from '../src/peer/peer.ts';
import { authRoutes } from './account/routes.ts';
import { api } from './api/app.ts';
import { docsRoutes } from './api/openapi/routes.tsx';
import { type AccessRecord, accessOf } from './directory/access.ts';
import { nothingHere } from './console/answer.tsx';
import { consoleApp } from './console/app.tsx';
import { recordConnections } from './directory/connection-events.ts';
import { directoryPad } from './directory/pad.ts';
import { type StaticRoute, staticRoutes } from './directory/static-routes.ts';
import type { EdgeEnv } from './edge/env.ts';
import { answerRelay } from './edge/gateway.ts';
import { NetworkObject as EdgeNetworkObject } from './edge/network-object.ts';
import type { CoreCheckpoint } from './edge/peer-core.ts';
import { PeerObject as EdgePeerObject } from './edge/peer-object.ts';
import type { ConnectionEvent } from './edge/rpc.ts';
import { workerPrimitives } from './edge/primitives.ts';
import { handoutRoutes } from './handout/routes.tsx';
import { runScheduled } from './schedule/scheduled.ts';

export { RelayObject } from './edge/relay-object.ts';

export class PeerObject extends EdgePeerObject {
  protected override makeCore(route: number, checkpoint: CoreCheckpoint): Peer {
    return new Peer({ primitives: workerPrimitives(), pad: directoryPad(this.env) }, route, checkpoint);
  }
}

export class NetworkObject extends EdgeNetworkObject {
  protected override staticRoutes(network: string): Promise<StaticRoute[]> {
    return staticRoutes(this.env.DB, network);
  }

  protected override accessOf(network: string, members: readonly string[]): Promise<AccessRecord> {
    return accessOf(this.env.DB, network, members);
  }

  protected override async tellConnections(network: string, events: readonly ConnectionEvent[]): Promise<void> {
    await recordConnections(this.env.DB, network, events, Date.now());
  }
}

const worker = new Hono<{ Bindings: EdgeEnv }>({ strict: false });

worker.all('/relay/*', (c) => answerRelay(c.req.raw, c.env, Date.now()));
worker.route('/api', api);
worker.route('/auth', authRoutes);
worker.route('/p', handoutRoutes);
worker.route('/docs', docsRoutes);
// Where collectors look by themselves.
worker.get('/metrics', (c) => worker.fetch(new Request(new URL('/api/metrics', c.req.url), c.req.raw), c.env));
worker.route('/', consoleApp);
// A Hono that is mounted answers nothing by itself when no route fits.
worker.notFound(nothingHere);

export default {
  fetch: worker.fetch,
  scheduled: ({ cron, scheduledTime }, env) => runScheduled(env, cron, scheduledTime),
} satisfies ExportedHandler<EdgeEnv>;
