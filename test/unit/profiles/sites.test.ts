// Configurations of sites, whole: a person has read these against what each vendor documents.

import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { cisco } from '../../../worker/profiles/cisco.ts';
import { findFormat, whyNot } from '../../../worker/profiles/formats.ts';
import { fortigate } from '../../../worker/profiles/fortigate.ts';
import { libreswan } from '../../../worker/profiles/libreswan.ts';
import { openiked } from '../../../worker/profiles/openiked.ts';
import { routeros } from '../../../worker/profiles/routeros.ts';
import { PKCS12_PASSWORD, sample, texts } from './sample.ts';

const PSK = { member: { kind: 'site', auth: 'psk' } } as const;
const CERT = { member: { kind: 'site' }, options: { pkcs12Password: PKCS12_PASSWORD } } as const;
const VENDORS = [libreswan, openiked, routeros, fortigate, cisco];

describe.each(VENDORS.map((format) => [format.id, format] as const))('%s', (id, format) => {
  it('with a pre-shared key is as reviewed', async () => {
    await expect(whole(texts(format, sample(PSK)))).toMatchFileSnapshot(`golden/${id}-psk.txt`);
  });

  it('with a certificate is as reviewed, but for the octets of the certificate', async () => {
    await expect(whole(texts(format, sample(CERT)))).toMatchFileSnapshot(`golden/${id}-cert.txt`);
  });

  it('tells what to check on the box', () => {
    expect(format.steps(sample(PSK)).join('\n')).toContain('What to check on the box');
    expect(format.steps(sample(CERT)).join('\n')).toContain('What to check on the box');
  });
});

describe('a configuration of a site', () => {
  it.each(VENDORS)('refuses a value that would have to be quoted where nothing can be: $id', (format) => {
    const hostile = 'a" end\nconfig system admin';
    if (format === routeros) {
      const script = texts(format, sample({ member: { ...PSK.member, identity: hostile } }));
      expect(Object.values(script).join()).toContain('my-id="fqdn:a\\22 end\\0Aconfig system admin"');
      return;
    }
    expect(() => texts(format, sample({ member: { ...PSK.member, identity: hostile } }))).toThrow(/cannot be written/);
    expect(() => texts(format, sample({ ...PSK, gateway: { address: hostile } }))).toThrow(/cannot be written/);
  });

  it('holds the certificate in one file or beside it', () => {
    for (const format of [libreswan, routeros]) {
      const file = format.make(sample(CERT)).find(({ path }) => path.endsWith('.p12'))!;
      expect(() => createSecureContext({ pfx: Buffer.from(file.content), passphrase: PKCS12_PASSWORD })).not.toThrow();
    }
    const pasted = /password PASSWORD\n([\s\S]*?)\nquit/.exec(Object.values(texts(cisco, sample(CERT))).join())![1]!;
    expect(() =>
      createSecureContext({ pfx: Buffer.from(pasted, 'base64'), passphrase: PKCS12_PASSWORD }),
    ).not.toThrow();
  });
});

describe('a format', () => {
  it.each([
    ['apple', PSK, /is for devices, and 'branch' is a site/],
    ['cisco', {}, /is for sites, and 'laptop' is a device/],
    ['windows', { member: { auth: 'psk' } }, /takes a certificate or a password, and 'laptop' has a pre-shared key/],
    ['android-native', {}, /takes a password or a pre-shared key, and 'laptop' has a certificate/],
    ['apple', { gateway: { portIke: 1500, portNatT: 14_500 } }, /listens on 1500 and 14500/],
    ['cisco', { member: { ...PSK.member, prefixes: ['2001:db8:20::/48'] } }, /no address family in common/],
  ] as const)('says why it is not for a member: %s', (id, changes, reason) => {
    expect(whyNot(findFormat(id)!, sample(changes as Parameters<typeof sample>[0]))).toMatch(reason);
  });

  it('is for the members that it is for', () => {
    expect(whyNot(findFormat('apple')!, sample())).toBeNull();
    expect(whyNot(findFormat('sswan')!, sample({ gateway: { portIke: 1500, portNatT: 14_500 } }))).toBeNull();
    expect(whyNot(findFormat('cisco')!, sample(PSK))).toBeNull();
    expect(findFormat('ovpn')).toBeNull();
  });
});

/** All files one after the other, without what differs each time: keys and certificates. */
function whole(files: Record<string, string>): string {
  return Object.entries(files)
    .map(([path, content]) => `=== ${path}\n${/\.p12$/.test(path) ? '(octets)\n' : withoutKeys(content)}`)
    .join('');
}

function withoutKeys(content: string): string {
  return content
    .replace(/(-----BEGIN [A-Z ]+-----)[\s\S]*?(-----END)/g, '$1\n…\n$2')
    .replace(/(pkcs12 terminal password \S+\n)[\s\S]*?(\nquit)/g, '$1…$2');
}
