// PKCS#12 by those who read it: OpenSSL, and Node's TLS.

import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/octets.ts';
import { emitPkcs12 } from '../../../worker/profiles/pkcs12.ts';
import { Diversifier, pkcs12Key } from '../../../worker/profiles/pkcs12-key.ts';
import { PKCS12_SAMPLE, PKCS12_SAMPLE_SHA256 } from './pkcs12-sample.ts';
import { CERTIFICATE, PKCS12_PASSWORD } from './sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'pkcs12-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAME = 'Acme corp lap"top é';
const file = emitPkcs12(CERTIFICATE, NAME, PKCS12_PASSWORD);

describe('keys of PKCS#12', () => {
  // The vectors that Bouncy Castle and others test RFC 7292 appendix B with: password "smeg", one iteration.
  it('come out as published', () => {
    const salt = Uint8Array.of(0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f);
    expect(toHex(pkcs12Key('smeg', salt, 1, Diversifier.KEY, 24))).toBe(
      '8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3',
    );
    expect(toHex(pkcs12Key('smeg', salt, 1, Diversifier.IV, 8))).toBe('79993dfe048d3b76');
  });
});

describe('a PKCS#12 file', () => {
  it('opens in TLS with its password and with no other', () => {
    const pfx = Buffer.from(file);
    expect(() => createSecureContext({ pfx, passphrase: PKCS12_PASSWORD })).not.toThrow();
    expect(() => createSecureContext({ pfx, passphrase: 'wrong' })).toThrow(/mac verify failure/);
  });

  it('is refused without a password', () => {
    expect(() => emitPkcs12(CERTIFICATE, NAME, '')).toThrow(/needs a password/);
  });

  it('is the same each time, in Node and in workerd', () => {
    const made = emitPkcs12(PKCS12_SAMPLE, 'sample', 'sample');
    expect(createHash('sha256').update(made).digest('hex')).toBe(PKCS12_SAMPLE_SHA256);
  });

  it('has salts of its own for each key and password', () => {
    const salts = (octets: Uint8Array) =>
      Buffer.from(octets)
        .toString('hex')
        .match(/300e0408([0-9a-f]{16})02020800/g)!;
    const one = salts(file);
    const other = salts(emitPkcs12(CERTIFICATE, NAME, 'another'));
    expect(new Set([...one, ...other]).size).toBe(4);
  });
});

const openssl = spawnSync('openssl', ['version']);

describe.skipIf(openssl.status !== 0)('by OpenSSL', () => {
  it('is encoded as Apple and Android import it', () => {
    const { stderr } = run('-info', '-noout');
    expect(stderr).toMatch(/^MAC: sha1, Iteration 2048\n/);
    expect(stderr).toContain('MAC length: 20, salt length: 8');
    expect(stderr).toMatch(/PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048\n/);
    expect(stderr).toMatch(/Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048\n/);
  });

  it('holds the certificate, its key and the issuer', () => {
    const key = createPrivateKey(run('-nocerts', '-nodes').stdout);
    const leaf = new X509Certificate(run('-clcerts', '-nokeys').stdout);
    expect(leaf.raw.equals(CERTIFICATE.der)).toBe(true);
    expect(leaf.checkPrivateKey(key)).toBe(true);
    const issuer = new X509Certificate(run('-cacerts', '-nokeys').stdout);
    expect(issuer.raw.equals(CERTIFICATE.chain[0]!)).toBe(true);
    expect(run('-clcerts', '-nokeys').stdout).toMatch(/friendlyName: .*lap"top/);
  });

  function run(...args: string[]): { stdout: string; stderr: string } {
    const path = join(folder, 'identity.p12');
    writeFileSync(path, file);
    const all = ['pkcs12', '-legacy', '-in', path, '-passin', `pass:${PKCS12_PASSWORD}`, ...args];
    const { stdout, stderr, status } = spawnSync('openssl', all, { encoding: 'utf8' });
    expect(`${status} ${status === 0 ? '' : stderr}`).toBe('0 ');
    return { stdout, stderr };
  }
});
