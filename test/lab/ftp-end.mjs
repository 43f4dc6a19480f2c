// FTP in as far as it carries addresses (RFC 959 PORT and PASV): `serve ADDRESS` or `fetch OWN-ADDRESS SERVER active|passive`.
// No real FTP: one command a connection, one file. What counts is that each end connects to the address that the other has written.

import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';

const CONTROL = 2121;
const FILE = randomBytes(300_000);

/** @param {object} report */
function tell(report) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

const written = (address, port) => [...address.split('.'), port >> 8, port & 0xff].join(',');

function read(text) {
  const parts = /(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/.exec(text).slice(1).map(Number);
  return { host: parts.slice(0, 4).join('.'), port: parts[4] * 256 + parts[5] };
}

function serve(address) {
  const server = createServer((control) => {
    control.on('error', () => {});
    control.on('data', (line) => {
      const text = String(line).trim();
      tell({ command: text, from: control.remoteAddress });
      if (text.startsWith('PORT')) {
        const data = connect({ ...read(text), localAddress: address }, () => data.end(FILE));
        data.on('error', (error) => tell({ error: error.message }));
        return;
      }
      const data = createServer((socket) => {
        data.close();
        socket.on('error', () => {});
        socket.end(FILE);
      });
      data.listen(0, address, () => control.write(`227 (${written(address, data.address().port)})\n`));
    });
  });
  const sha256 = createHash('sha256').update(FILE).digest('hex');
  server.listen(CONTROL, address, () => tell({ serving: sha256 }));
}

function receive(socket) {
  const hash = createHash('sha256');
  socket.on('data', (chunk) => hash.update(chunk));
  socket.on('end', () => {
    tell({ fetched: hash.digest('hex'), from: socket.remoteAddress });
    process.exit(0);
  });
  socket.on('error', (error) => tell({ error: error.message }));
}

function fetch(own, server, mode) {
  const control = connect({ host: server, port: CONTROL, localAddress: own });
  control.on('error', (error) => tell({ error: error.message }));
  if (mode === 'active') {
    const data = createServer(receive);
    data.listen(0, own, () => control.write(`PORT ${written(own, data.address().port)}\n`));
    return;
  }
  control.write('PASV\n');
  control.on('data', (line) => {
    tell({ answer: String(line).trim() });
    receive(connect({ ...read(String(line)), localAddress: own }));
  });
}

const [mode, own, server, way] = process.argv.slice(2);
if (mode === 'serve') serve(own);
else fetch(own, server, way);
