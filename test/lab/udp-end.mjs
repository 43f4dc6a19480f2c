// One end of a UDP session: `echo ADDRESS PORT`, or `ask ADDRESS PORT COUNT`, which sends numbered datagrams and counts the right answers.

import { createSocket } from 'node:dgram';

const [mode, address, port, count] = process.argv.slice(2);
const socket = createSocket('udp4');
if (mode === 'echo') {
  socket.on('message', (octets, from) => socket.send(octets, from.port, from.address));
  socket.bind(Number(port), address, () => process.stdout.write('listening\n'));
} else {
  const answered = new Set();
  socket.on('message', (octets) => answered.add(String(octets)));
  let sent = 0;
  const timer = setInterval(() => {
    if (sent < Number(count)) socket.send(`${port}/${sent++}`, Number(port), address);
    else if (sent++ > Number(count) + 100) {
      clearInterval(timer);
      process.stdout.write(`answered ${answered.size}\n`);
      socket.close();
    }
  }, 20);
}
