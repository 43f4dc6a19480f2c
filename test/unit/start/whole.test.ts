// npm start as a whole: a client over UDP, the edge killed under it, and an end in order.

import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/octets.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { address, fqdn } from '../../sim/initiator/identities.ts';
import { Initiator, type Outcome } from '../../sim/initiator/initiator.ts';
import { echoRequest } from '../../sim/packets.ts';

const START = fileURLToPath(new URL('../../../scripts/start.ts', import.meta.url));
const LOOPBACK = address('127.0.0.1');

interface Ports {
  readonly ike: number;
  readonly natT: number;
  readonly edge: number;
}

let data: string;
let ports: Ports;
let gateway: ChildProcess;
let output = '';
let client: UdpClient;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'culvert-'));
  ports = await freePorts();
  const argv = ['--data', data, '--listen', '127.0.0.1', '--gateway-name', 'vpn.example.com', '--log-level', 'error'];
  const numbers = ['--port-ike', ports.ike, '--port-nat-t', ports.natT, '--edge-port', ports.edge].map(String);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CULVERT_')));
  gateway = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), START, ...argv, ...numbers], { env });
  for (const stream of [gateway.stdout!, gateway.stderr!]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  await eventually(() => {
    if (gateway.exitCode !== null) throw new Error(output);
    return output.includes('Culvert is ready.');
  });
}, 180_000);

afterAll(async () => {
  await client?.close();
  if (gateway.exitCode === null) gateway.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}, 30_000);

describe('npm start as a whole', { timeout: 180_000 }, () => {
  it('lets a client in over UDP, and answers its echo', async () => {
    await api('POST', '/api/networks', { name: 'home', ipv4: '100.64.0.0/24' });
    await api('POST', '/api/networks/home/devices', { name: 'laptop', auth: 'psk' });
    client = await UdpClient.open(await profile('laptop'));
    await client.connect();
    await client.echo(1);
    const { peers } = (await api('GET', '/api/status?network=home')) as { peers: { name: string; state: string }[] };
    expect(peers).toMatchObject([{ name: 'laptop', state: 'connected' }]);
  });

  it('brings the edge back when it is killed, and the client goes on', async () => {
    const edge = childrenOf(gateway.pid!).find(({ command }) => command.includes('start/edge.ts'))!;
    const runtime = childrenOf(edge.pid).find(({ command }) => command.includes('workerd'))!;
    process.kill(edge.pid, 'SIGKILL');
    await eventually(() => output.includes('The edge runs again.'));
    expect(existsSync(`/proc/${runtime.pid}`) && stateOf(runtime.pid) !== 'Z').toBe(false);
    await client.echo(2);
  });

  it('brings it back when only the runtime is killed', async () => {
    const edge = childrenOf(gateway.pid!).find(({ command }) => command.includes('start/edge.ts'))!;
    const runtime = childrenOf(edge.pid).find(({ command }) => command.includes('workerd'))!;
    process.kill(runtime.pid, 'SIGKILL');
    await eventually(() => output.split('The edge runs again.').length === 3);
    await client.echo(3);
  });

  it('stops in order when it is told to', async () => {
    gateway.kill('SIGINT');
    const [code] = await once(gateway, 'exit');
    expect(code).toBe(0);
    expect(output).toContain('Culvert has stopped.');
    expect(existsSync(join(data, 'lock'))).toBe(false);
    expect(readdirSync(data).sort()).toEqual([
      ...['d1', 'deployment-key', 'objects', 'operator-token', 'relay-token', 'settings.json'],
    ]);
  });
});

/** A client on two sockets of its own, as behind no NAT. */
class UdpClient {
  readonly #initiator: Initiator;
  readonly #ike: Socket;
  readonly #natT: Socket;
  readonly #packets: Uint8Array[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(initiator: Initiator, ike: Socket, natT: Socket) {
    this.#initiator = initiator;
    this.#ike = ike;
    this.#natT = natT;
    ike.on('message', (octets) => this.#receive(500, octets));
    natT.on('message', (octets) => this.#receive(4500, octets));
  }

  static async open({ identity, secret }: { identity: string; secret: Uint8Array }): Promise<UdpClient> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    const initiator = new Initiator({
      primitives: workerPrimitives(),
      localAddress: LOOPBACK,
      gatewayAddress: LOOPBACK,
      identity: fqdn(identity),
      authentication: { kind: 'psk', secret },
      gatewaySecret: secret,
      configuration: [1],
      trust: async ([leaf]) =>
        new Uint8Array(new X509Certificate(leaf!).publicKey.export({ type: 'spki', format: 'der' })),
    });
    return new UdpClient(initiator, ...sockets);
  }

  async connect(): Promise<void> {
    this.#play(await this.#initiator.start(Date.now()));
    await this.#persist(() => this.#initiator.established);
  }

  /** Asks the gateway's own virtual address until it answers: what is lost while the edge is away is lost. */
  async echo(number: number): Promise<void> {
    const own = this.#initiator.session.configuration.find(({ attribute }) => attribute === 1)!.value;
    const answered = () => this.#packets.some((packet) => packet[20] === 0 && packet[25] === number);
    await this.#persist(answered, async () => {
      const request = echoRequest(own, address('100.64.0.1'), number, utf8('ping'));
      this.#play(await this.#initiator.sendPackets([request], Date.now()));
    });
  }

  async close(): Promise<void> {
    await this.#turn;
    this.#ike.close();
    this.#natT.close();
  }

  async #persist(so: () => boolean, again: () => Promise<void> = async () => {}): Promise<void> {
    while (!so()) {
      await again();
      for (let i = 0; i < 20 && !so(); i++) await wait(20);
      this.#play(await this.#initiator.tick(Date.now()));
    }
  }

  #receive(localPort: 500 | 4500, octets: Buffer): void {
    const path = { localAddress: LOOPBACK, localPort, remoteAddress: LOOPBACK, remotePort: localPort };
    const datagram: Datagram = { path, octets: new Uint8Array(octets) };
    this.#turn = this.#turn.then(async () => this.#play(await this.#initiator.receive(datagram, Date.now())));
  }

  #play({ send, packets }: Outcome): void {
    this.#packets.push(...packets);
    for (const { path, octets } of send) {
      const natT = path.remotePort === 4500;
      (natT ? this.#natT : this.#ike).send(octets, natT ? ports.natT : ports.ike, '127.0.0.1');
    }
  }
}

async function api(method: string, path: string, body: object | null = null): Promise<unknown> {
  const token = readFileSync(join(data, 'operator-token'), 'utf8').trim();
  const response = await fetch(`http://127.0.0.1:${ports.edge}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text);
}

/** Identity and secret of a device, as its swanctl.conf has them. */
async function profile(device: string): Promise<{ identity: string; secret: Uint8Array }> {
  const path = `/api/networks/home/members/${device}/profile?format=swanctl`;
  const { files } = (await api('GET', path)) as { files: { path: string; content: string }[] };
  const conf = files.map(({ content }) => Buffer.from(content, 'base64').toString()).join('\n');
  const identity = /\bid = "?([^"\s]+)"?/.exec(conf)![1]!;
  const secret = /\bsecret = "?([^"\s]+)"?/.exec(conf)![1]!;
  return { identity, secret: secret.startsWith('0s') ? Buffer.from(secret.slice(2), 'base64') : utf8(secret) };
}

async function freePorts(): Promise<Ports> {
  const one = createSocket('udp4').bind(0, '127.0.0.1');
  const other = createSocket('udp4').bind(0, '127.0.0.1');
  const server = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(one, 'listening'), once(other, 'listening'), once(server, 'listening')]);
  const found = { ike: one.address().port, natT: other.address().port, edge: (server.address() as AddressInfo).port };
  one.close();
  other.close();
  server.close();
  return found;
}

async function eventually(so: () => boolean): Promise<void> {
  while (!so()) await wait(50);
}

function childrenOf(parent: number): { pid: number; command: string }[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const ofParent = pids.filter((pid) => statOf(pid)[1] === String(parent));
  return ofParent.map((pid) => ({ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }));
}

function stateOf(pid: number): string {
  return statOf(pid)[0] ?? 'Z';
}

/** From the third field on: state, parent ... (proc_pid_stat(5)). */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
