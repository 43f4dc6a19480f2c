// A path that sends every datagram twice and changes the order of those that are close together: ADDRESS. Datagrams for ports 500 and
// 4500 of the address are redirected to 1500 and 5500 here. Each client has a socket of its own towards the address.

import { createSocket } from 'node:dgram';

const WAIT_MS = 8;

const [address] = process.argv.slice(2);
let count = 0;

/** Every other datagram waits, so that the next one overtakes it; its copy comes last. */
function shuffle(send) {
  const early = count++ % 2 === 1;
  setTimeout(send, early ? 0 : WAIT_MS);
  setTimeout(send, 2 * WAIT_MS);
}

for (const [there, here] of [
  [500, 1500],
  [4500, 5500],
]) {
  const inside = createSocket('udp4');
  const outside = new Map();
  inside.on('message', (octets, from) => {
    const key = `${from.address}:${from.port}`;
    let socket = outside.get(key);
    if (socket === undefined) {
      socket = createSocket('udp4');
      socket.on('message', (answer) => shuffle(() => inside.send(answer, from.port, from.address)));
      outside.set(key, socket);
    }
    shuffle(() => socket.send(octets, there, address));
  });
  inside.bind(here, () => process.stdout.write('ready\n'));
}
