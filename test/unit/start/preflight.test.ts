import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseStart, type StartOptions } from '../../../scripts/start/options.ts';
import { preflight, udpProblem } from '../../../scripts/start/preflight.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const LOOPBACK = { lo: [{ address: '127.0.0.1', family: 'IPv4' as const }] };

async function udpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closers.push(() => socket.close());
  return socket.address().port;
}

async function tcpPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Ports that were free a moment ago. */
async function freePorts(): Promise<string[]> {
  const before = closers.length;
  const ports = [await udpPort(), await udpPort(), await tcpPort()];
  for (const close of closers.splice(before)) close();
  return ['--port-ike', String(ports[0]), '--port-nat-t', String(ports[1]), '--edge-port', String(ports[2])];
}

function options(...argv: string[]): StartOptions {
  const parsed = parseStart(argv, {});
  if (parsed.kind !== 'start') throw new Error('wrong options');
  return parsed.options;
}

describe('before anything is started', () => {
  it('nothing is said where all is well, but that there is no IPv6', async () => {
    const found = await preflight(options(...(await freePorts())), LOOPBACK, async () => null);
    expect(found.problems).toEqual([]);
    expect(found.addresses).toEqual(['127.0.0.1']);
    expect(found.notices).toEqual([expect.stringContaining('no IPv6')]);
  });

  it('says what lets strangers cut the datagrams, where there is a relay', async () => {
    const cut = async () => 'net.ipv4.ip_no_pmtu_disc is 0';
    const found = await preflight(options(...(await freePorts())), LOOPBACK, cut);
    expect(found.notices).toContain('net.ipv4.ip_no_pmtu_disc is 0.');
    expect(found.problems).toEqual([]);
    expect((await preflight(options(...(await freePorts()), '--no-relay'), LOOPBACK, cut)).notices).toEqual([]);
  });

  it('a UDP port that is taken is named, with what to do', async () => {
    const taken = await udpPort();
    const { problems } = await preflight(
      options(...(await freePorts()), '--port-nat-t', String(taken)),
      LOOPBACK,
      async () => null,
    );
    expect(problems).toEqual([expect.stringContaining(`UDP port ${taken} on 127.0.0.1 is taken`)]);
    expect(problems[0]).toContain('--port-nat-t');
  });

  it('a TCP port that is taken is named, with what to do', async () => {
    const taken = await tcpPort();
    const { problems } = await preflight(
      options(...(await freePorts()), '--edge-port', String(taken)),
      LOOPBACK,
      async () => null,
    );
    expect(problems).toEqual([expect.stringContaining(`TCP port ${taken} on 127.0.0.1 is taken`)]);
    expect(problems[0]).toContain('--edge-port');
  });

  it('an address that this machine does not have is named', async () => {
    const { problems } = await preflight(
      options(...(await freePorts()), '--listen', '203.0.113.77'),
      LOOPBACK,
      async () => null,
    );
    expect(problems).toEqual([expect.stringContaining('203.0.113.77 is no address of this machine')]);
  });

  it('IPv6 that is asked for and not there is a problem', async () => {
    const { problems } = await preflight(options(...(await freePorts()), '--listen', '::'), LOOPBACK, async () => null);
    expect(problems).toEqual([expect.stringContaining('no IPv6 address')]);
    expect(udpProblem({ address: '2001:db8::1', code: 'EAFNOSUPPORT' }, 500)).toContain('no IPv6');
  });

  it('a port below 1024 without the right to it comes with the command that gives it', () => {
    const text = udpProblem({ address: '127.0.0.1', code: 'EACCES' }, 500);
    expect(text).toContain('No right to bind UDP port 500');
    expect(text).toContain('sudo setcap cap_net_bind_service=+ep');
  });

  it('a start without a relay asks for no UDP port', async () => {
    const taken = String(await udpPort());
    const found = await preflight(
      options(...(await freePorts()), '--no-relay', '--port-ike', taken),
      LOOPBACK,
      async () => null,
    );
    expect(found).toEqual({ addresses: [], problems: [], notices: [] });
  });
});
