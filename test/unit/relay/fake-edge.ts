// An edge that speaks the frame protocol and keeps what it hears: what the relay's tests talk to.

import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FrameRecord, FrameWriter, parseFrame } from '../../../src/wire/frame.ts';
import type { Path } from '../../../src/wire/path.ts';

export const TOKEN = 'relay-token';
export const SECRET = Buffer.alloc(32, 7).toString('base64');

/** One uplink as the edge sees it. */
export class Peer {
  readonly route: number;
  readonly fresh: boolean;
  readonly relay: string;
  readonly socket: WebSocket;
  /** One list of records per frame. */
  readonly frames: FrameRecord[][] = [];
  closedWith: number | null = null;
  pings = 0;

  constructor(route: number, fresh: boolean, relay: string, socket: WebSocket) {
    this.route = route;
    this.fresh = fresh;
    this.relay = relay;
    this.socket = socket;
    socket.on('message', (data) => this.frames.push(parseFrame(new Uint8Array(data as Buffer))));
    socket.on('close', (code) => (this.closedWith = code));
    socket.on('ping', () => (this.pings += 1));
  }

  get records(): FrameRecord[] {
    return this.frames.flat();
  }

  get datagrams(): { path: Path; octets: Uint8Array }[] {
    return this.records.filter((record) => record.kind === 'datagram');
  }

  /** Octets credited so far. */
  get credited(): number {
    return this.records.reduce((sum, record) => sum + (record.kind === 'credit' ? record.octets : 0), 0);
  }

  write(fill: (writer: FrameWriter) => void): void {
    const writer = new FrameWriter();
    fill(writer);
    this.socket.send(writer.finish());
  }
}

export class FakeEdge {
  readonly peers: Peer[] = [];
  readonly controls: WebSocket[] = [];
  /** Every request for a peer's WebSocket, refused ones included. */
  readonly dials: { route: number; fresh: boolean }[] = [];
  /** Status to refuse a dial with; null lets it in. */
  judge: (route: number, fresh: boolean) => number | null = () => null;
  token = TOKEN;
  settingsAsked = 0;
  settings: unknown = {
    cookieSecrets: [{ version: 1, secret: SECRET, notAfter: Date.now() + 3_600_000 }],
    gatewayName: 'gateway.test',
    refreshSeconds: 300,
  };
  /** PEM; with it the edge speaks TLS only. */
  readonly #identity: { readonly key: string; readonly cert: string } | null;
  #server: Server | null = null;
  #port = 0;

  constructor(identity: { readonly key: string; readonly cert: string } | null = null) {
    this.#identity = identity;
  }

  get url(): string {
    return `${this.#identity ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** Again on the same port after stop. */
  async start(): Promise<void> {
    const answer: RequestListener = (request, response) => {
      this.settingsAsked += 1;
      const allowed = this.#allowed(request);
      response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' });
      response.end(allowed ? JSON.stringify(this.settings) : '{}');
    };
    const server = this.#identity ? createTlsServer(this.#identity, answer) : createServer(answer);
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '', 'http://edge');
      const route = Number(/^\/relay\/peer\/(\d+)$/.exec(url.pathname)?.[1] ?? 0);
      const fresh = url.searchParams.get('new') === '1';
      if (route !== 0) this.dials.push({ route, fresh });
      const refusal = this.#allowed(request) ? (route === 0 ? null : this.judge(route, fresh)) : 401;
      if (refusal !== null) {
        // The relay hangs up as soon as it has read the status.
        socket.on('error', () => {});
        socket.end(`HTTP/1.1 ${refusal} Refused\r\nConnection: close\r\n\r\n`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (route === 0) this.controls.push(webSocket);
        else this.peers.push(new Peer(route, fresh, String(request.headers['x-culvert-relay']), webSocket));
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** As a crash would: every connection is cut. */
  async stop(): Promise<void> {
    for (const peer of this.peers) peer.socket.terminate();
    for (const control of this.controls) control.terminate();
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  peer(index = 0): Peer {
    const peer = this.peers[index];
    if (peer === undefined) throw new Error(`there is no peer ${index} yet`);
    return peer;
  }

  #allowed(request: IncomingMessage): boolean {
    return request.headers.authorization === `Bearer ${this.token}`;
  }
}
