// One end of a TCP transfer: `receive ADDRESS PORT` or `send ADDRESS PORT OCTETS OCTETS-PER-SECOND`. Reports as JSON lines.

import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';

const TICK_MS = 10;
const PROGRESS_MS = 100;

/** @param {object} report */
function tell(report) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

function receive(address, port) {
  const server = createServer((socket) => {
    server.close();
    const hash = createHash('sha256');
    const started = performance.now();
    let octets = 0;
    let last = started;
    let longestGap = 0;
    let gapAt = 0;
    const progress = setInterval(() => tell({ progress: octets }), PROGRESS_MS);
    socket.on('data', (chunk) => {
      const now = performance.now();
      if (now - last > longestGap) {
        longestGap = now - last;
        gapAt = last - started;
      }
      last = now;
      octets += chunk.length;
      hash.update(chunk);
    });
    socket.on('error', (error) => tell({ error: error.message }));
    socket.on('close', () => {
      clearInterval(progress);
      const milliseconds = Math.round(last - started);
      tell({
        received: {
          octets,
          sha256: hash.digest('hex'),
          milliseconds,
          longestGap: Math.round(longestGap),
          gapAt: Math.round(gapAt),
        },
      });
    });
    socket.on('end', () => socket.end());
  });
  server.listen(port, address, () => tell({ listening: port }));
}

function send(address, port, octets, rate) {
  const hash = createHash('sha256');
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const socket = connect({ host: address, port, noDelay: true });
  let sent = 0;
  let ready = true;
  socket.on('drain', () => {
    ready = true;
    if (rate === 0) fill(octets);
  });
  function fill(due) {
    while (ready && sent < due) {
      const chunk = stream.update(Buffer.alloc(Math.min(16_384, due - sent)));
      hash.update(chunk);
      sent += chunk.length;
      ready = socket.write(chunk);
    }
    if (sent === octets && !socket.writableEnded) socket.end();
  }
  socket.on('connect', () => {
    const started = performance.now();
    if (rate === 0) return fill(octets);
    const timer = setInterval(() => {
      fill(Math.min(octets, Math.floor(((performance.now() - started) / 1000) * rate)));
      if (sent === octets) clearInterval(timer);
    }, TICK_MS);
  });
  socket.on('error', (error) => {
    tell({ error: error.message });
    process.exit(1);
  });
  socket.on('close', () => tell({ sent: { octets: sent, sha256: hash.digest('hex') } }));
  socket.resume();
}

const [mode, address, port, octets, rate] = process.argv.slice(2);
if (mode === 'receive') receive(address, Number(port));
else send(address, Number(port), Number(octets), Number(rate));
