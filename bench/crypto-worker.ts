// A Worker that seals and opens as the edge does and does nothing else: ?octets=N&batches=N.

import { workerPrimitives } from '../worker/edge/primitives.ts';

const BATCH = 32;
const NONCE_OCTETS = 12;
const AAD_OCTETS = 8;

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const primitives = workerPrimitives();
    const key = primitives.aesGcm(primitives.random(32));
    const plaintext = new Uint8Array(Number(searchParams.get('octets')));
    const aad = new Uint8Array(AAD_OCTETS);
    let number = 0;
    for (let batches = Number(searchParams.get('batches')); batches > 0; batches--) {
      const room = new DataView(new ArrayBuffer(BATCH * NONCE_OCTETS));
      const nonces = Array.from({ length: BATCH }, (_, i) => {
        room.setUint32(i * NONCE_OCTETS + 4, number++);
        return new Uint8Array(room.buffer, i * NONCE_OCTETS, NONCE_OCTETS);
      });
      const sealed = await Promise.all(nonces.map((nonce) => key.seal(nonce, aad, plaintext)));
      const opened = await Promise.all(sealed.map((octets, i) => key.open(nonces[i]!, aad, octets)));
      if (opened.some((octets) => octets === null)) return new Response('not opened', { status: 500 });
    }
    return new Response('done');
  },
};
