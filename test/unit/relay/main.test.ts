import { spawn } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import 'reflect-metadata';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { afterEach, describe, expect, it } from 'vitest';
import { pathMtuWarning } from '../../../relay/path-mtu.ts';
import { FakeEdge, TOKEN } from './fake-edge.ts';
import { until } from './harness.ts';

const MAIN = fileURLToPath(new URL('../../../relay/main.ts', import.meta.url));
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function relay(argv: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...argv], {
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  const run = { child, said: '', code: null as number | null };
  child.stderr.on('data', (data) => (run.said += String(data)));
  child.stdout.on('data', (data) => (run.said += String(data)));
  child.on('exit', (code) => (run.code = code ?? -1));
  ends.push(() => child.kill('SIGKILL'));
  return run;
}

async function started(identity: Awaited<ReturnType<typeof tlsIdentity>> | null = null): Promise<FakeEdge> {
  const edge = new FakeEdge(identity);
  await edge.start();
  ends.push(() => edge.stop());
  return edge;
}

/** Of 127.0.0.1, self-signed; `path` is where the certificate lies. */
async function tlsIdentity(): Promise<{ key: string; cert: string; path: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=edge',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const folder = mkdtempSync(join(tmpdir(), 'culvert-tls-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const cert = certificate.toString('pem');
  writeFileSync(join(folder, 'edge.pem'), cert);
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, cert, path: join(folder, 'edge.pem') };
}

describe('the command', () => {
  it('explains itself, and what is missing', async () => {
    const help = relay(['--help']);
    const wrong = relay([]);
    await until(() => help.code !== null && wrong.code !== null);
    expect(help.code).toBe(0);
    expect(help.said).toContain('--edge URL');
    expect(wrong.code).toBe(2);
    expect(wrong.said).toBe('culvert-relay: --edge URL (or CULVERT_EDGE) is needed: where the edge is\n');
  });

  it('says in one sentence that a port is taken', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    ends.push(() => socket.close());
    const port = socket.address().port;
    const run = relay(['--edge', 'http://127.0.0.1:9', '--listen', '127.0.0.1', '--port-ike', String(port)], {
      CULVERT_RELAY_TOKEN: TOKEN,
    });
    await until(() => run.code !== null);
    expect(run.code).toBe(1);
    expect(run.said).toMatch(new RegExp(`UDP port ${port} of 127.0.0.1 is taken by another program`));
  });

  it('says that an address is none of this host', async () => {
    const run = relay(['--edge', 'http://127.0.0.1:9', '--listen', '192.0.2.254', '--port-ike', '0'], {
      CULVERT_RELAY_TOKEN: TOKEN,
    });
    await until(() => run.code !== null);
    expect(run.code).toBe(1);
    expect(run.said).toContain('192.0.2.254 is not an address of this host');
  });

  it('serves, shows its counters, and goes when it is told to', async () => {
    const edge = await started();
    const argv = ['--edge', edge.url, '--listen', '127.0.0.1', '--port-ike', '0', '--port-nat-t', '0', '--id', 'one'];
    const run = relay([...argv, '--metrics', '127.0.0.1:0'], { CULVERT_RELAY_TOKEN: TOKEN });
    await until(() => edge.controls.length === 1 && run.said.includes('metrics at'));
    expect(run.said).toMatch(process.platform === 'linux' ? /UDP goes in batches/ : /UDP goes one datagram to a call/);
    const url = /metrics at (\S+)/.exec(run.said)![1]!;
    const page = await (await fetch(url)).text();
    expect(page).toContain('# TYPE culvert_relay_received_datagrams_total counter');
    expect(page).toContain('culvert_relay_control_connected 1');
    const batched = process.platform === 'linux' ? 2 : 0;
    expect(page).toContain(`culvert_relay_udp_sockets{udp="batched"} ${batched}\n`);
    expect(page).toContain(`culvert_relay_udp_sockets{udp="single"} ${2 - batched}\n`);
    expect(page).toContain('culvert_relay_dropped_datagrams_total{reason="udp-queue-full"} 0\n');
    run.child.kill('SIGTERM');
    await until(() => run.code !== null);
    expect(run.code).toBe(0);
    expect(run.said).not.toContain(TOKEN);
  });

  it('says in one sentence that batches are not possible, where nothing else is wished for', async () => {
    const hook =
      "export function resolve(name, context, next) { if (name === 'koffi') throw new Error('no such package'); return next(name, context); }";
    const hooks = `data:text/javascript,${encodeURIComponent(hook)}`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(hooks)});`;
    const argv = ['--edge', 'http://127.0.0.1:9', '--listen', '127.0.0.1', '--port-ike', '0', '--udp', 'batched'];
    const run = relay(argv, {
      CULVERT_RELAY_TOKEN: TOKEN,
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(register)}"`,
    });
    await until(() => run.code !== null);
    expect(run.code).toBe(1);
    expect(run.said).toMatch(
      /^culvert-relay: --udp batched is not possible: [^\n]*without --udp the relay serves[^\n]*\n$/,
    );
    if (process.platform === 'linux') expect(run.said).toContain('koffi cannot be loaded');
  });

  it('sends one datagram to a call where it is told to, and says what the host should do then', async () => {
    const edge = await started();
    const argv = [
      '--edge',
      edge.url,
      '--listen',
      '127.0.0.1',
      '--port-ike',
      '0',
      '--port-nat-t',
      '0',
      '--udp',
      'single',
    ];
    const run = relay(argv, { CULVERT_RELAY_TOKEN: TOKEN });
    await until(() => edge.controls.length === 1);
    expect(run.said).toContain('UDP goes one datagram to a call: as --udp says');
    const warning = pathMtuWarning();
    expect(run.said.split('\n').some((line) => line.endsWith(` warn ${warning}`))).toBe(warning !== null);
  });

  it('reaches an edge by TLS whose certificate it can check, and no other', async () => {
    const identity = await tlsIdentity();
    const edge = await started(identity);
    const argv = ['--edge', edge.url, '--listen', '127.0.0.1', '--port-ike', '0', '--port-nat-t', '0'];
    const stranger = relay(argv, { CULVERT_RELAY_TOKEN: TOKEN });
    await until(() => stranger.said.includes('cannot be reached'));
    expect(stranger.said).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(edge.settingsAsked).toBe(0);
    expect(edge.controls).toHaveLength(0);
    const friend = relay(argv, { CULVERT_RELAY_TOKEN: TOKEN, NODE_EXTRA_CA_CERTS: identity.path });
    await until(() => edge.controls.length === 1 && edge.settingsAsked === 1);
    expect(friend.said).not.toContain('without TLS');
  });

  it('says once that its token is wrong, and keeps trying', async () => {
    const edge = await started();
    const argv = ['--edge', edge.url, '--listen', '127.0.0.1', '--port-ike', '0', '--port-nat-t', '0'];
    const run = relay(argv, { CULVERT_RELAY_TOKEN: 'wrong' });
    await until(() => edge.settingsAsked >= 2);
    expect(run.said.split('refuses the relay token (401)').length).toBe(2);
    expect(run.code).toBeNull();
  });
});
