// The deployment's certificates as OpenSSL sees them: chains, names, usages.

import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitPem } from '../../../worker/ca/pem.ts';
import { Control } from '../control.ts';

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
const DAY_MS = 86_400_000;

let control: Control;
let folder: string;
let root: Uint8Array;
let organisation: Uint8Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'culvert-ca-'));
  control = await Control.start({ bindings: { GATEWAY_NAME: 'vpn.example.com', PUBLIC_ADDRESS: '203.0.113.1' } });
  ({ root, organisation } = await control.call('authorities', Date.now()));
  await control.post('/networks', { name: 'corp' });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await control?.stop();
});

describe('certificates', () => {
  it('form one chain: root, organisation, member', async () => {
    const leaf = await memberCertificate('devices', { name: 'laptop' });
    const [rootCa, ca, device] = [root, organisation, leaf].map((der) => new X509Certificate(der));
    expect(rootCa!.verify(rootCa!.publicKey)).toBe(true);
    expect(ca!.checkIssued(rootCa!) && ca!.verify(rootCa!.publicKey)).toBe(true);
    expect(device!.checkIssued(ca!) && device!.verify(ca!.publicKey)).toBe(true);
    expect([rootCa!.ca, ca!.ca, device!.ca]).toEqual([true, true, false]);
    expect(rootCa!.subject).toMatch(/^O=Culvert\nCN=Culvert root [0-9a-f]{8}$/);
    expect(device!.subject).toBe('O=default\nOU=corp\nCN=laptop@corp');
  });

  it('name the longest names whole, but not as common name', async () => {
    const [name, network] = ['d'.repeat(32), 'n'.repeat(32)];
    await control.post('/networks', { name: network });
    const { body } = await control.post(`/networks/${network}/devices`, { name, auth: 'cert' });
    const [row] = await control.rows(
      'SELECT certificate FROM certificates WHERE fingerprint = ?',
      body.device.certificate.fingerprint,
    );
    const certificate = new X509Certificate(Uint8Array.from(row!.certificate as number[]));
    expect(certificate.subject).toBe(`O=default\nOU=${network}\nCN=${name}`);
    expect(certificate.subjectAltName).toBe(`email:${name}@${network}, DNS:${name}.${network}.culvert`);
  });

  it('are P-384 where they sign and P-256 where they do not', async () => {
    const leaf = await memberCertificate('devices', { name: 'curve' });
    const gateway = (await control.call('gateway')).chain[0];
    const curves = [root, organisation, leaf, gateway].map(
      (der) => new X509Certificate(der).publicKey.asymmetricKeyDetails?.namedCurve,
    );
    expect(curves).toEqual(['secp384r1', 'secp384r1', 'prime256v1', 'prime256v1']);
  });

  it('last no longer than what signed them, and a server no longer than Apple takes', async () => {
    const gateway = new X509Certificate((await control.call('gateway')).chain[0]);
    const days = (Date.parse(gateway.validTo) - Date.parse(gateway.validFrom)) / DAY_MS;
    expect(days).toBeLessThanOrEqual(825);
    expect(days).toBeGreaterThan(700);
    const late = Date.parse(new X509Certificate(organisation).validTo) - DAY_MS;
    const leaf = await control.call('unregistered', [{ type: 'email', value: 'late@corp' }], late);
    expect(new X509Certificate(leaf).validTo).toBe(new X509Certificate(organisation).validTo);
  });

  it('are made once, however many ask at the same time', async () => {
    const fresh = await Control.start();
    try {
      const keys: Uint8Array[] = await fresh.call('gatewayKeys', 16, Date.now());
      expect(new Set(keys.map((der) => Buffer.from(der).toString('hex'))).size).toBe(1);
      expect(await fresh.rows('SELECT count(*) AS n FROM authorities')).toEqual([{ n: 1 }]);
      expect(await fresh.rows('SELECT count(*) AS n FROM gateway_credentials')).toEqual([{ n: 1 }]);
    } finally {
      await fresh.stop();
    }
  });

  it('of the gateway are followed by another one before they end', async () => {
    const now = Date.now();
    const [first] = await control.call('gatewayKeys', 1, now);
    const [same] = await control.call('gatewayKeys', 1, now + 600 * DAY_MS);
    const [next] = await control.call('gatewayKeys', 4, now + 680 * DAY_MS);
    expect(Buffer.from(same).equals(first)).toBe(true);
    expect(Buffer.from(next).equals(first)).toBe(false);
    expect(new X509Certificate(next).subject).toBe(new X509Certificate(first).subject);
    await control.rows('DELETE FROM gateway_credentials WHERE generation > 1');
  });
});

describe.skipIf(!HAS_OPENSSL)('openssl', () => {
  it('verifies a device, a site and the gateway up to the root', async () => {
    const device = pem('device', await memberCertificate('devices', { name: 'verified' }));
    const site = pem('site', await memberCertificate('sites', { name: 'hq', prefixes: ['10.1.0.0/16'] }));
    const gateway = pem('gateway', (await control.call('gateway')).chain[0]);
    const trust = ['-x509_strict', '-CAfile', pem('root', root), '-untrusted', pem('organisation', organisation)];
    expect(openssl('verify', ...trust, '-purpose', 'sslclient', device)).toContain('OK');
    expect(openssl('verify', ...trust, '-purpose', 'sslclient', site)).toContain('OK');
    expect(
      openssl('verify', ...trust, '-purpose', 'sslserver', '-verify_hostname', 'vpn.example.com', gateway),
    ).toContain('OK');
    expect(openssl('verify', ...trust, '-purpose', 'sslserver', '-verify_ip', '203.0.113.1', gateway)).toContain('OK');
    expect(() => openssl('verify', ...trust, '-purpose', 'sslserver', device)).toThrow();
    expect(() => openssl('verify', ...trust, '-purpose', 'sslclient', gateway)).toThrow();
  });

  it('reads names and usages', async () => {
    const gateway = describeCertificate('gateway', (await control.call('gateway')).chain[0]);
    expect(gateway).toContain('DNS:vpn.example.com, DNS:203.0.113.1, IP Address:203.0.113.1');
    expect(gateway).toMatch(
      /Extended Key Usage: *\n *TLS Web Server Authentication, (ipsec Internet Key Exchange|1\.3\.6\.1\.5\.5\.8\.2\.2)/,
    );
    expect(gateway).toMatch(/Key Usage: critical\n *Digital Signature\n/);
    const device = describeCertificate('device', await memberCertificate('devices', { name: 'described' }));
    expect(device).toContain('email:described@corp, DNS:described.corp.culvert');
    expect(device).toMatch(/Extended Key Usage: *\n *TLS Web Client Authentication\n/);
    const site = describeCertificate(
      'site',
      await memberCertificate('sites', { name: 'branch', prefixes: ['10.2.0.0/16'] }),
    );
    expect(site).toContain('DNS:branch.corp.culvert, email:branch@corp');
    expect(describeCertificate('organisation', organisation)).toMatch(/CA:TRUE, pathlen:0\n/);
    expect(describeCertificate('root', root)).toMatch(/CA:TRUE, pathlen:1\n/);
  });
});

async function memberCertificate(kind: 'devices' | 'sites', body: object): Promise<Uint8Array> {
  const answer = await control.post(`/networks/corp/${kind}`, { ...body, auth: 'cert' });
  const { fingerprint } = (answer.body.device ?? answer.body.site).certificate;
  const [row] = await control.rows('SELECT certificate FROM certificates WHERE fingerprint = ?', fingerprint);
  return Uint8Array.from(row!.certificate as number[]);
}

function describeCertificate(name: string, der: Uint8Array): string {
  return openssl('x509', '-noout', '-text', '-in', pem(name, der));
}

function pem(name: string, der: Uint8Array): string {
  const path = join(folder, `${name}.pem`);
  writeFileSync(path, emitPem('CERTIFICATE', der));
  return path;
}

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
