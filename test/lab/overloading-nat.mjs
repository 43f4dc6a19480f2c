// A NAT that gives all its clients one outside address and port, against RFC 4787 REQ-3: GATEWAY OUTSIDE PORT. Datagrams for the
// gateway's ports 500 and 4500 are redirected to 1500 and 5500 here. As it cannot tell whom an answer is for, all clients get it.

import { createSocket } from 'node:dgram';

const [gateway, outside, port] = process.argv.slice(2);
const out = createSocket('udp4');
const inside = new Map();

for (const [there, here] of [
  [500, 1500],
  [4500, 5500],
]) {
  const socket = createSocket('udp4');
  const clients = new Map();
  socket.on('message', (octets, from) => {
    clients.set(`${from.address}:${from.port}`, from);
    out.send(octets, there, gateway);
  });
  socket.bind(here);
  inside.set(there, { socket, clients });
}
out.on('message', (octets, from) => {
  const { socket, clients } = inside.get(from.port) ?? {};
  for (const client of clients?.values() ?? []) socket.send(octets, client.port, client.address);
});
out.bind(Number(port), outside, () => process.stdout.write('ready\n'));
