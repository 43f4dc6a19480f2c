// The worker under test: the real objects around a core and a directory that the tests play.

import { NO_POLICY } from '../../src/policy/policy.ts';
import type { EdgeEnv } from '../../worker/edge/env.ts';
import { answerRelay } from '../../worker/edge/gateway.ts';
import { NetworkObject as EdgeNetworkObject } from '../../worker/edge/network-object.ts';
import type { StaticRoute } from '../../worker/edge/static-routes.ts';
import type { CoreCheckpoint, PeerCore } from '../../worker/edge/peer-core.ts';
import { PeerObject as EdgePeerObject } from '../../worker/edge/peer-object.ts';
import type { ConnectionEvent } from '../../worker/edge/rpc.ts';
import type { AccessRecord } from '../../worker/edge/standing.ts';
import { FakeCore } from './fake-core.ts';

export { RelayObject } from '../../worker/edge/relay-object.ts';

/** What is on record, by network; the tests fill it. In `net` is who connects. */
export const onRecord = new Map<string, readonly StaticRoute[]>([['net', []]]);

export class NetworkObject extends EdgeNetworkObject {
  protected override async staticRoutes(network: string): Promise<readonly StaticRoute[]> {
    const routes = onRecord.get(network);
    if (!routes) throw new Error('the directory is away');
    return routes;
  }

  protected override accessOf(network: string, members: readonly string[]): Promise<AccessRecord> {
    return access.of(this.env, network, members);
  }

  protected override tellConnections(network: string, events: readonly ConnectionEvent[]): Promise<void> {
    return connections.tell(network, events);
  }
}

/** Who is told of comings and goings: nobody, unless a test listens. */
export const connections: { tell: (network: string, events: readonly ConnectionEvent[]) => Promise<void> } = {
  tell: async () => {},
};

/** What is on record about access: nothing, unless a test file asks the real directory. */
export const access: { of: (env: EdgeEnv, network: string, members: readonly string[]) => Promise<AccessRecord> } = {
  of: async () => ({ policy: NO_POLICY, epoch: 0, groups: new Map() }),
};

/** What peer objects hold; a test file may put the real core in. */
export const cores: { make: (route: number, checkpoint: CoreCheckpoint) => PeerCore } = {
  make: (route, checkpoint) => new FakeCore(route, checkpoint) as unknown as PeerCore,
};

/** Frames that have come to the object of a route since a test dialled it; the tests set it. */
export const taken = new Map<number, number>();

export class PeerObject extends EdgePeerObject {
  protected override makeCore(route: number, checkpoint: CoreCheckpoint): PeerCore {
    return cores.make(route, checkpoint);
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): Promise<void> {
    const route = Number(this.ctx.id.name);
    const done = super.webSocketMessage(socket, message);
    taken.set(route, (taken.get(route) ?? 0) + 1);
    return done;
  }
}

declare global {
  namespace Cloudflare {
    interface Env extends EdgeEnv {}
  }
}

export default {
  fetch: (request: Request, env: EdgeEnv) => answerRelay(request, env, Date.now()),
};
