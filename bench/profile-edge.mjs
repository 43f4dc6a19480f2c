// A CPU profile of the Worker, by the Chrome DevTools protocol: PORT MILLISECONDS; the profile as JSON on standard output.

import WebSocket from 'ws';

const [port, milliseconds] = process.argv.slice(2).map(Number);
const INTERVAL_US = 500;

const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
const target = targets.find(({ id, title }) => /culvert/.test(`${id} ${title}`)) ?? targets[0];
const socket = new WebSocket(target.webSocketDebuggerUrl, { maxPayload: 1 << 30 });
const answers = new Map();
let last = 0;

socket.on('message', (data) => {
  const { id, result, error } = JSON.parse(data.toString());
  answers.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
});
await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));

function ask(method, params = {}) {
  return new Promise((resolve) => {
    answers.set(++last, resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
  });
}

await ask('Profiler.enable');
await ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
await ask('Profiler.start');
await new Promise((resolve) => setTimeout(resolve, milliseconds));
const { profile } = await ask('Profiler.stop');
socket.close();
process.stdout.write(JSON.stringify(profile));
