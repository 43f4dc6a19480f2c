// CPU of the relay alone, us per datagram, through loopback: UDP in to a sink WebSocket, and frames in to a sink UDP socket.
// npx tsx bench/relay.ts [--seconds 5] [--octets 1400] [--burst 32] [--per-second 500] [--udp single] [--cpu-prof DIR]

import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type WebSocket, WebSocketServer } from 'ws';
import { Log } from '../relay/log.ts';
import { createRelay } from '../relay/relay.ts';
import { UDP_WAYS } from '../relay/udp-batches.ts';
import { makeEspSpi } from '../src/wire/spi.ts';
import { FrameWriter, parseFrame } from '../src/wire/frame.ts';
import type { Path } from '../src/wire/path.ts';

const ROUTE = 70_000;
const LOOPBACK = '127.0.0.1';

interface Load {
  readonly seconds: number;
  readonly octets: number;
  /** Datagrams at once, and how many times a second. */
  readonly burst: number;
  readonly perSecond: number;
}

interface Usage {
  readonly user: number;
  readonly system: number;
  /** Pages of fresh memory. */
  readonly faults: number;
  readonly up: number;
  readonly down: number;
  readonly framesUp: number;
  readonly framesDown: number;
  readonly dropped: number;
}

const { values } = parseArgs({
  options: {
    role: { type: 'string', default: 'main' },
    edge: { type: 'string', default: '' },
    seconds: { type: 'string', default: '5' },
    octets: { type: 'string', default: '1400' },
    burst: { type: 'string', default: '32' },
    'per-second': { type: 'string', default: '500' },
    udp: { type: 'string', default: 'auto' },
    'cpu-prof': { type: 'string' },
  },
});
const load: Load = {
  seconds: Number(values.seconds),
  octets: Number(values.octets),
  burst: Number(values.burst),
  perSecond: Number(values['per-second']),
};

if (values.role === 'bare') await bareProcess();
else if (values.role === 'relay') await relayProcess(values.edge);
else if (values.role === 'edge') await edgeProcess();
else await main();

async function main(): Promise<void> {
  await bare();
  await throughRelay();
}

async function bare(): Promise<void> {
  const child = start('bare', []);
  const { port } = await reply<{ port: number }>(child);
  const client = createSocket('udp4');
  await new Promise<void>((resolve) => client.connect(port, LOOPBACK, resolve));
  const a = await ask<Usage>(child, 'usage');
  await up(client, load);
  const b = await ask<Usage>(child, 'usage');
  report('bare UDP, in', a, b, b.up - a.up, Number.NaN);
  child.send('echo');
  await up(client, load);
  const c = await ask<Usage>(child, 'usage');
  report('bare UDP, in and back', b, c, c.up - b.up, Number.NaN);
  child.send('stop');
  client.close();
}

async function throughRelay(): Promise<void> {
  const edge = start('edge', []);
  const { url } = await reply<{ url: string }>(edge);
  const relay = start('relay', ['--edge', url, '--udp', values.udp], values['cpu-prof']);
  const { port } = await reply<{ port: number }>(relay);
  const client = createSocket('udp4');
  let received = 0;
  client.on('message', () => (received += 1));
  await new Promise<void>((resolve) => client.bind(0, LOOPBACK, resolve));
  client.setRecvBufferSize(4 << 20);
  await new Promise<void>((resolve) => client.connect(port, LOOPBACK, resolve));

  await up(client, { ...load, seconds: 2 });
  const a = await ask<Usage>(relay, 'usage');
  await up(client, load);
  const b = await ask<Usage>(relay, 'usage');
  report('up   (UDP to frame)', a, b, b.up - a.up, b.framesUp - a.framesUp);
  await ask(edge, { ...load, seconds: 2 });
  const c = await ask<Usage>(relay, 'usage');
  await ask(edge, load);
  const d = await ask<Usage>(relay, 'usage');
  report('down (frame to UDP)', c, d, d.down - c.down, d.framesDown - c.framesDown);
  console.log(`the client heard ${received}`);
  for (const child of [relay, edge]) child.send('stop');
  client.close();
}

function report(name: string, before: Usage, after: Usage, datagrams: number, frames: number): void {
  const user = (after.user - before.user) / datagrams;
  const system = (after.system - before.system) / datagrams;
  const faults = ((after.faults - before.faults) / datagrams).toFixed(3);
  const batch = Number.isNaN(frames) ? '' : `, ${(datagrams / frames).toFixed(1)} a frame`;
  const dropped = after.dropped - before.dropped;
  console.log(
    `${name}: ${(user + system).toFixed(2)} us CPU a datagram of ${load.octets} octets (${user.toFixed(2)} user, ${system.toFixed(2)} system), ${faults} page faults; ${datagrams} datagrams${batch}, ${dropped} dropped`,
  );
}

/** Sends bursts at the pace asked for, or as fast as this process can. */
async function up(client: Socket, { seconds, octets, burst, perSecond }: Load): Promise<void> {
  const packet = new Uint8Array(octets);
  new DataView(packet.buffer).setUint32(0, makeEspSpi(ROUTE, 0));
  await paced(seconds, perSecond, () => {
    for (let i = 0; i < burst; i++) client.send(packet);
  });
}

async function paced(seconds: number, perSecond: number, act: () => void): Promise<void> {
  const begin = performance.now();
  for (let done = 0; done < seconds * perSecond; ) {
    const due = Math.floor(((performance.now() - begin) / 1000) * perSecond);
    if (due > done) {
      act();
      done += 1;
      if (due > done + 10) done = due;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function relayProcess(edge: string): Promise<void> {
  const relay = createRelay(
    {
      edge,
      token: 'bench',
      id: 'bench',
      listen: [LOOPBACK],
      portIke: 0,
      portNatT: 0,
      publicAddresses: [],
      cookies: 'auto',
      udp: UDP_WAYS.find((way) => way === values.udp) ?? 'auto',
    },
    {
      log: new Log('warn', (line) => process.stderr.write(line)),
      now: () => performance.now(),
      wallClock: Date.now,
      random: Math.random,
    },
  );
  await relay.start();
  process.on('message', (message) => {
    if (message === 'stop') {
      relay.stop();
      process.disconnect();
      return;
    }
    const { received, sent, frames, dropped } = relay.counts;
    const { user, system } = process.cpuUsage();
    const lost = Object.values(dropped).reduce((sum, each) => sum + each, 0);
    const faults = process.resourceUsage().minorPageFault;
    const usage = {
      faults,
      user,
      system,
      up: received.esp,
      down: sent.datagram,
      framesUp: frames.up,
      framesDown: frames.down,
      dropped: lost,
    };
    process.send!(usage satisfies Usage);
  });
  const natT = relay.listening().find(({ publicPort }) => publicPort === 4500)!;
  process.send!({ port: natT.handle!.address().port });
}

/** What Node's UDP sockets cost by themselves: receives, and sends as many back when it is told to echo. */
async function bareProcess(): Promise<void> {
  const socket = createSocket({ type: 'udp4', lookup: (address, _options, done) => done(null, address, 4) });
  let up = 0;
  let echo = false;
  socket.on('message', (octets, remote) => {
    up += 1;
    if (echo) socket.send(octets, remote.port, remote.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, LOOPBACK, resolve));
  socket.setRecvBufferSize(4 << 20);
  process.on('message', (message) => {
    if (message === 'stop') {
      socket.close();
      process.disconnect();
      return;
    }
    if (message === 'echo') {
      echo = true;
      return;
    }
    const { user, system } = process.cpuUsage();
    const faults = process.resourceUsage().minorPageFault;
    process.send!({ user, system, faults, up, down: 0, framesUp: 0, framesDown: 0, dropped: 0 } satisfies Usage);
  });
  process.send!({ port: socket.address().port });
}

async function edgeProcess(): Promise<void> {
  let peer: WebSocket | null = null;
  let path: Path | null = null;
  let outstanding = 0;
  const writer = new FrameWriter();
  const server = createServer((_request, response) => response.end('{"cookieSecrets":[],"refreshSeconds":3600}'));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    if (!request.url?.startsWith('/relay/peer/')) return;
    peer = socket;
    socket.on('message', (data) => {
      let octets = 0;
      for (const record of parseFrame(data as Buffer)) {
        if (record.kind === 'credit') outstanding -= record.octets;
        if (record.kind !== 'datagram') continue;
        octets += record.octets.length;
        path = record.path;
      }
      if (octets === 0) return;
      writer.credit(octets);
      socket.send(writer.finish());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  process.on('message', async (message: 'stop' | Load) => {
    if (message === 'stop') {
      server.closeAllConnections();
      server.close();
      process.disconnect();
      return;
    }
    const packet = new Uint8Array(message.octets).fill(1);
    await paced(message.seconds, message.perSecond, () => {
      if (outstanding > 200 << 10) return;
      for (let i = 0; i < message.burst; i++) writer.datagram(path!, packet);
      outstanding += message.burst * message.octets;
      peer!.send(writer.finish());
    });
    process.send!('done');
  });
  process.send!({ url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}` });
}

function start(role: string, argv: string[], profile?: string): ChildProcess {
  const execArgv = ['--import', 'tsx', ...(profile ? ['--cpu-prof', '--cpu-prof-dir', profile] : [])];
  return fork(fileURLToPath(import.meta.url), ['--role', role, ...argv], { execArgv });
}

function ask<T>(child: ChildProcess, message: 'usage' | Load): Promise<T> {
  const answer = reply<T>(child);
  child.send(message);
  return answer;
}

function reply<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
}
