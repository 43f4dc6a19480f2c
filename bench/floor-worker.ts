// As little as an edge can do: a frame comes to one object, each packet is decrypted, all of them go to the other object in one call, are
// encrypted there, and leave in a frame. No ESP, no selectors, no routes, no policy.

import { DurableObject } from 'cloudflare:workers';

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const AAD = new Uint8Array(8);

export interface FloorEnv {
  readonly PEER: DurableObjectNamespace<FloorPeer>;
}

let imported: CryptoKey | null = null;

async function key(): Promise<CryptoKey> {
  imported ??= await crypto.subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', false, ['encrypt', 'decrypt']);
  return imported;
}

const algorithm = (iv: Uint8Array) => ({ name: 'AES-GCM', iv, additionalData: AAD });

export class FloorPeer extends DurableObject<FloorEnv> {
  #octets = 0;

  override async fetch(request: Request): Promise<Response> {
    this.#octets = Number(new URL(request.url).searchParams.get('octets'));
    await key();
    const pair = new WebSocketPair();
    this.ctx.acceptWebSocket(pair[1]);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  override async webSocketMessage(_: WebSocket, message: ArrayBuffer | string): Promise<void> {
    const frame = new Uint8Array(message as ArrayBuffer);
    const each = this.#octets + NONCE_OCTETS + TAG_OCTETS;
    const secret = await key();
    const opening: Promise<ArrayBuffer>[] = [];
    for (let at = 0; at < frame.length; at += each) {
      const packet = frame.subarray(at, at + each);
      opening.push(
        crypto.subtle.decrypt(algorithm(packet.subarray(0, NONCE_OCTETS)), secret, packet.subarray(NONCE_OCTETS)),
      );
    }
    const run = joined(await Promise.all(opening), 0);
    this.ctx.waitUntil(this.env.PEER.getByName('b').deliver(run, this.#octets));
  }

  async deliver(run: Uint8Array, octets: number): Promise<void> {
    const secret = await key();
    const sealing: Promise<ArrayBuffer>[] = [];
    for (let at = 0; at < run.length; at += octets)
      sealing.push(
        crypto.subtle.encrypt(algorithm(new Uint8Array(NONCE_OCTETS)), secret, run.subarray(at, at + octets)),
      );
    this.ctx.getWebSockets()[0]?.send(joined(await Promise.all(sealing), NONCE_OCTETS));
  }
}

/** @param gap octets before each part. */
function joined(parts: readonly ArrayBuffer[], gap: number): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + gap + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), at + gap);
    at += gap + part.byteLength;
  }
  return whole;
}

export default {
  fetch(request: Request, env: FloorEnv): Promise<Response> {
    return env.PEER.getByName(new URL(request.url).pathname.slice(1)).fetch(request);
  },
};
