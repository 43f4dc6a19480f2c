// The worker under test: the real objects around a core and a directory that the tests play.

import type { EdgeEnv } from '../../worker/edge/env.ts';
import { answerRelay } from '../../worker/edge/gateway.ts';
import { NetworkObject as EdgeNetworkObject, type StaticRoute } from '../../worker/edge/network-object.ts';
import type { CoreCheckpoint, PeerCore } from '../../worker/edge/peer-core.ts';
import { PeerObject as EdgePeerObject } from '../../worker/edge/peer-object.ts';
import { FakeCore } from './fake-core.ts';

export { RelayObject } from '../../worker/edge/relay-object.ts';

/** What is on record, by network; the tests fill it. */
export const onRecord = new Map<string, readonly StaticRoute[]>();

export class NetworkObject extends EdgeNetworkObject {
  protected override async staticRoutes(network: string): Promise<readonly StaticRoute[]> {
    const routes = onRecord.get(network);
    if (!routes) throw new Error('the directory is away');
    return routes;
  }
}

/** What peer objects hold; a test file may put the real core in. */
export const cores: { make: (route: number, checkpoint: CoreCheckpoint) => PeerCore } = {
  make: (route, checkpoint) => new FakeCore(route, checkpoint) as unknown as PeerCore,
};

export class PeerObject extends EdgePeerObject {
  protected override makeCore(route: number, checkpoint: CoreCheckpoint): PeerCore {
    return cores.make(route, checkpoint);
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
