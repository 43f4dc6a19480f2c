// One remote peer, by its route number: what the runtime calls, handed to the shell that is made when it is first needed.

import { DurableObject } from 'cloudflare:workers';
import type { Command } from '../../src/peer/output.ts';
import type { AccessView } from '../../src/policy/view.ts';
import { splitPackets } from '../../src/wire/ip-run.ts';
import { Delivery } from './delivery.ts';
import type { EdgeEnv } from './env.ts';
import { isRelayId, PEER_PROTOCOL, RELAY_HEADER, refuseSocket, routeIn, webSocketResponse } from './gateway.ts';
import type { CoreCheckpoint, PeerCore } from './peer-core.ts';
import { PeerShell, type ShellStatus } from './peer-shell.ts';
import type { PeerReport, PeerRpc } from './rpc.ts';
import type { Standing } from './standing.ts';

export abstract class PeerObject extends DurableObject<EdgeEnv> implements PeerRpc {
  #shell: PeerShell | null = null;

  protected abstract makeCore(route: number, checkpoint: CoreCheckpoint): PeerCore;

  /** A relay dials, having shown its token at the gateway. */
  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const relay = request.headers.get(RELAY_HEADER);
    const route = routeIn(pathname);
    if (!isRelayId(relay) || route === null)
      return refuseSocket(400, 'request', 'Relays come here by way of the gateway.');
    const shell = this.#awake();
    if (searchParams.get('new') === '1') {
      if (shell.inUse) return refuseSocket(409, 'route-in-use', 'This route is in use: choose another.');
    } else if (!shell.alive) {
      return refuseSocket(404, 'no-such-sa', 'There is no security association on this route.');
    }
    const pair = new WebSocketPair();
    shell.open(pair[1], relay, route, Date.now());
    return webSocketResponse(pair[0], PEER_PROTOCOL);
  }

  override async webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): Promise<void> {
    await this.#awake().frame(socket, message, Date.now());
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.#awake(socket).closed(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#awake(socket).closed(socket);
  }

  override async alarm(): Promise<void> {
    await this.#awake().alarm(Date.now());
  }

  /**
   * Inner packets from another object of the same network. A route number may have gone to another tenant since: then `gone`.
   * @param run of packets end to end: one buffer costs less to hand over than many.
   */
  async deliver(network: string, member: string, run: Uint8Array, from: Standing): Promise<'ok' | 'gone'> {
    return this.#awake().deliver(network, member, splitPackets(run), from, Date.now());
  }

  /** The same, for many calls. */
  delivery(network: string, member: string): Delivery {
    return new Delivery((run, from) => this.deliver(network, member, run, from));
  }

  /** What the member may reach from here on, and who may reach it. */
  async adopt(network: string, member: string, view: AccessView): Promise<'ok' | 'gone'> {
    return this.#awake().adopt(network, member, view, Date.now());
  }

  async holds(network: string, member: string): Promise<boolean> {
    return this.#awake().holds(network, member);
  }

  /** @returns null when nobody is authenticated here. */
  async status(): Promise<PeerReport | null> {
    return this.#awake().status();
  }

  /** The shell's side of it. */
  async inspect(): Promise<ShellStatus> {
    return this.#awake().inspect();
  }

  /** Ends the connection and tells the peer. */
  async terminate(reason: string): Promise<boolean> {
    return this.command({ kind: 'terminate', reason });
  }

  /** @returns false when nobody is connected here. */
  async command(command: Command): Promise<boolean> {
    return this.#awake().command(command);
  }

  #awake(closing: WebSocket | null = null): PeerShell {
    this.#shell ??= new PeerShell(this.ctx, this.env, (route, checkpoint) => this.makeCore(route, checkpoint), closing);
    return this.#shell;
  }
}
