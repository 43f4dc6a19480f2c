// The directory as PAD: whom it admits by secret, password and certificate, and each reason why it does not.

import { createPublicKey, createVerify, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEsp } from '../../../src/ike/proposal.ts';
import { EncrId, Esn, IdType, IntegId, Protocol, TransformType } from '../../../src/wire/ike-numbers.ts';
import { formatAddress, formatPrefix, type Prefix } from '../../../src/wire/prefix.ts';
import { Control } from '../control.ts';

const DAY_MS = 86_400_000;

let control: Control;
let password: string;
let secret: string;
let laptop: Uint8Array;
let branch: Uint8Array;
let organisation: Uint8Array;
let network: string;

beforeAll(async () => {
  control = await Control.start();
  const settings = { dns: ['10.1.0.53'], domains: ['corp.example'], mtu: 1380 };
  network = (await control.post('/networks', { name: 'corp', ipv4: '10.0.0.0/16', ipv6: 'fd00:c0::/64', ...settings }))
    .body.network.id;
  password = (await control.post('/networks/corp/devices', { name: 'phone', auth: 'eap' })).body.device.secret;
  const hq = { name: 'hq', auth: 'psk', prefixes: ['192.168.10.0/24', '2001:db8::/48'] };
  secret = (await control.post('/networks/corp/sites', hq)).body.site.secret;
  laptop = await certificateOf(
    (await control.post('/networks/corp/devices', { name: 'laptop', auth: 'cert' })).body.device,
  );
  const site = { name: 'branch', auth: 'cert', prefixes: ['192.168.20.0/24'] };
  branch = await certificateOf((await control.post('/networks/corp/sites', site)).body.site);
  ({ organisation } = await control.call('authorities', Date.now()));
});

afterAll(() => control?.stop());

describe('the gateway', () => {
  it('goes by its name and proves it with a key of its certificate', async () => {
    const { identity, chain, publicKey, authorities, legacy } = await control.call('gateway');
    expect(identity).toEqual(named(IdType.FQDN, 'vpn.example.com'));
    const spki = new X509Certificate(chain[0]).publicKey.export({ type: 'spki', format: 'der' });
    expect([chain.length, Buffer.from(publicKey).equals(spki)]).toEqual([1, true]);
    expect([authorities.map((digest: Uint8Array) => digest.length), legacy]).toEqual([[20, 20], false]);
    const message = Buffer.from('what is signed');
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    for (const hash of ['sha256', 'sha384', 'sha512']) {
      for (const raw of [false, true]) {
        const signature = await control.call('sign', { kind: 'ecdsa', hash, raw }, new Uint8Array(message));
        const dsaEncoding = raw ? 'ieee-p1363' : 'der';
        expect(createVerify(hash).update(message).verify({ key, dsaEncoding }, signature)).toBe(true);
      }
    }
    await expect(control.call('sign', { kind: 'ed25519' }, new Uint8Array(message))).rejects.toThrow(/no ed25519/);
  });

  it('goes by an address where it has no name, and speaks weak suites when a network asks for it', async () => {
    const other = await Control.start({ bindings: { GATEWAY_NAME: '203.0.113.1' } });
    try {
      await other.post('/networks', { name: 'old', legacy: true });
      const { identity, legacy } = await other.call('gateway');
      expect([identity, legacy]).toEqual([{ idType: IdType.IPV4_ADDR, data: Uint8Array.of(203, 0, 113, 1) }, true]);
    } finally {
      await other.stop();
    }
  });
});

describe('a pre-shared key', () => {
  it('admits a site by its host name, whatever its case', async () => {
    for (const name of ['hq.corp.culvert', 'HQ.Corp.Culvert', 'hq.corp.culvert.']) {
      const admission = await control.call('preShared', named(IdType.FQDN, name));
      expect([admission.admitted, Buffer.from(admission.secret).toString()]).toEqual([true, secret]);
    }
    for (const type of [IdType.KEY_ID, IdType.RFC822_ADDR]) {
      expect((await control.call('preShared', named(type, 'hq@corp'))).admitted).toBe(true);
    }
  });

  it('tells IKE what the site opens', async () => {
    const { member } = await control.call('preShared', named(IdType.FQDN, 'hq.corp.culvert'));
    expect(member).toMatchObject({
      ...{ organisation: 'default', network, networkName: 'corp', name: 'hq', kind: 'site', addresses: [], mtu: 1380 },
      ...{
        domains: ['corp.example'],
        legacy: false,
        nullEncryption: false,
        ikeLifetimeSeconds: 86_400,
        childLifetimeSeconds: 28_800,
      },
    });
    expect(texts(member.prefixes)).toEqual(['192.168.10.0/24', '2001:db8::/48']);
    expect(texts(member.reachable)).toEqual(['10.0.0.0/16', 'fd00:c0::/64', '192.168.20.0/24']);
    expect(member.gateway.map(formatAddress)).toEqual(['10.0.0.1', 'fd00:c0::1']);
    expect(member.dns.map(formatAddress)).toEqual(['10.1.0.53']);
  });

  it('tells IKE whether ESP may go without encryption', async () => {
    const plain = {
      ...{ number: 1, protocol: Protocol.ESP, spi: Uint8Array.of(0, 0, 1, 0) },
      transforms: [
        { type: TransformType.ENCR, id: EncrId.NULL },
        { type: TransformType.INTEG, id: IntegId.HMAC_SHA2_256_128 },
        { type: TransformType.ESN, id: Esn.NO },
      ],
    };
    const chosen = async () => {
      const { member } = await control.call('preShared', named(IdType.FQDN, 'hq.corp.culvert'));
      return chooseEsp([plain], member, null, 'IKE_AUTH')?.suite.encr ?? null;
    };
    expect(await chosen()).toBeNull();
    await control.request('PATCH', '/networks/corp', { nullEncryption: true });
    expect(await chosen()).toBe(EncrId.NULL);
    await control.request('PATCH', '/networks/corp', { nullEncryption: false });
    expect(await chosen()).toBeNull();
  });

  for (const [what, type, text] of [
    ['another network', IdType.FQDN, 'hq.other.culvert'],
    ['another domain', IdType.FQDN, 'hq.corp.example'],
    ['no member', IdType.FQDN, 'nobody.corp.culvert'],
    ['the domain alone', IdType.FQDN, 'culvert'],
    ['an empty name', IdType.FQDN, ''],
    ['an SQL fragment', IdType.KEY_ID, "hq@corp' OR '1'='1"],
    ['a type that is no name', IdType.DER_ASN1_DN, 'hq.corp.culvert'],
  ] as const) {
    it(`admits nobody for ${what}`, async () => {
      expect(await control.call('preShared', named(type, text))).toEqual({
        admitted: false,
        reason: 'unknown-identity',
      });
    });
  }

  it('admits nobody by address', async () => {
    const identity = { idType: IdType.IPV4_ADDR, data: Uint8Array.of(10, 0, 0, 2) };
    expect(await control.call('preShared', identity)).toEqual({ admitted: false, reason: 'unknown-identity' });
  });

  it('is not for those with another method', async () => {
    const phone = await control.call('preShared', named(IdType.FQDN, 'phone.corp.culvert'));
    expect(phone).toMatchObject({
      admitted: false,
      reason: 'wrong-method',
      expected: 'EAP-MSCHAPv2',
      member: { name: 'phone' },
    });
    const device = await control.call('preShared', named(IdType.RFC822_ADDR, 'laptop@corp'));
    expect(device).toMatchObject({ reason: 'wrong-method', expected: 'certificates' });
  });
});

describe('a password', () => {
  it('admits a device by user name', async () => {
    const admission = await control.call('password', 'phone@corp');
    expect(admission).toMatchObject({
      admitted: true,
      password,
      member: { name: 'phone', kind: 'device', prefixes: [] },
    });
    expect(admission.member.addresses.map(formatAddress)).toEqual(['10.0.0.2', 'fd00:c0::2']);
    expect(texts(admission.member.reachable)).toEqual(expect.arrayContaining(['192.168.10.0/24', '192.168.20.0/24']));
    expect((await control.call('password', 'Phone@CORP')).admitted).toBe(true);
  });

  it('admits nobody else', async () => {
    expect(await control.call('password', 'nobody@corp')).toEqual({ admitted: false, reason: 'unknown-identity' });
    expect(await control.call('password', '')).toEqual({ admitted: false, reason: 'unknown-identity' });
    expect(await control.call('password', 'hq@corp')).toMatchObject({
      reason: 'wrong-method',
      expected: 'a pre-shared key',
    });
  });

  it('is no good after revocation, until the name is given again', async () => {
    const enrol = () => control.post('/networks/corp/devices', { name: 'tablet', auth: 'eap' });
    const first = (await enrol()).body.device.secret;
    expect(await control.call('password', 'tablet@corp')).toMatchObject({ admitted: true, password: first });
    await control.delete('/networks/corp/devices/tablet');
    expect(await control.call('password', 'tablet@corp')).toMatchObject({
      reason: 'revoked',
      member: { name: 'tablet' },
    });
    const second = (await enrol()).body.device.secret;
    expect(await control.call('password', 'tablet@corp')).toMatchObject({ admitted: true, password: second });
  });
});

describe('a certificate', () => {
  it('admits a device by any of its names, alone or with its chain', async () => {
    const spki = new X509Certificate(laptop).publicKey.export({ type: 'spki', format: 'der' });
    for (const chain of [[laptop], [laptop, organisation]]) {
      for (const identity of [
        named(IdType.RFC822_ADDR, 'laptop@corp'),
        named(IdType.FQDN, 'LAPTOP.corp.culvert'),
        named(IdType.KEY_ID, 'laptop@corp'),
      ]) {
        const admission = await control.call('certificate', chain, identity, Date.now());
        expect(admission).toMatchObject({ admitted: true, member: { name: 'laptop', networkName: 'corp' } });
        expect(Buffer.from(admission.publicKey).equals(spki)).toBe(true);
      }
    }
  });

  it('admits by the distinguished name that it holds, and by no other', async () => {
    const { subject } = await control.call('view', laptop);
    // The subject as it stands in the certificate, octet for octet.
    expect(Buffer.from(laptop).includes(subject)).toBe(true);
    const right = await control.call(
      'certificate',
      [laptop],
      { idType: IdType.DER_ASN1_DN, data: subject },
      Date.now(),
    );
    expect(right.admitted).toBe(true);
    const other = (await control.call('view', branch)).subject;
    const wrong = await control.call('certificate', [laptop], { idType: IdType.DER_ASN1_DN, data: other }, Date.now());
    expect(wrong).toMatchObject({
      reason: 'certificate-identity-mismatch',
      detail: expect.stringContaining('CN=laptop@corp'),
    });
  });

  it('lets an address that is claimed beside it count for nothing', async () => {
    const identity = { idType: IdType.IPV4_ADDR, data: Uint8Array.of(192, 168, 1, 2) };
    expect(await control.call('certificate', [laptop], identity, Date.now())).toMatchObject({
      admitted: true,
      member: { name: 'laptop' },
    });
    const ipv6 = { idType: IdType.IPV6_ADDR, data: new Uint8Array(16) };
    expect((await control.call('certificate', [branch], ipv6, Date.now())).member.name).toBe('branch');
  });

  it('of somebody else proves no name', async () => {
    const identity = named(IdType.FQDN, 'laptop.corp.culvert');
    const admission = await control.call('certificate', [branch], identity, Date.now());
    expect(admission).toMatchObject({ admitted: false, reason: 'certificate-identity-mismatch' });
    expect(admission.detail).toContain("'laptop.corp.culvert' is none of the names");
    const general = await control.call('certificate', [laptop], named(IdType.DER_ASN1_GN, 'x'), Date.now());
    expect(general).toMatchObject({
      reason: 'certificate-identity-mismatch',
      detail: expect.stringContaining('DER_ASN1_GN'),
    });
  });

  it('counts in its time only', async () => {
    const identity = named(IdType.RFC822_ADDR, 'laptop@corp');
    const { validFrom, validTo } = new X509Certificate(laptop);
    const early = await control.call('certificate', [laptop], identity, Date.parse(validFrom) - 1);
    // Whose it was is told to its tenant.
    const member = { name: 'laptop' };
    const notBefore = Date.parse(validFrom);
    expect(early).toMatchObject({ admitted: false, reason: 'certificate-not-yet-valid', notBefore, member });
    const late = await control.call('certificate', [laptop], identity, Date.parse(validTo) + 1);
    expect(late).toMatchObject({
      admitted: false,
      reason: 'certificate-expired',
      notAfter: Date.parse(validTo),
      member,
    });
    expect((await control.call('certificate', [laptop], identity, Date.parse(validTo))).admitted).toBe(true);
  });

  it('of an authority that only has our names is not ours', async () => {
    const foreign = await control.call('foreign', [{ type: 'email', value: 'laptop@corp' }], Date.now());
    const admission = await control.call(
      'certificate',
      [foreign],
      named(IdType.RFC822_ADDR, 'laptop@corp'),
      Date.now(),
    );
    expect(admission).toEqual({ admitted: false, reason: 'certificate-unknown-issuer' });
  });

  it('whose signature was tampered with is not ours', async () => {
    for (const at of [laptop.length - 1, Buffer.from(laptop).indexOf('laptop@corp')]) {
      const forged = laptop.slice();
      forged[at]! ^= 1;
      const admission = await control.call(
        'certificate',
        [forged],
        named(IdType.RFC822_ADDR, 'laptop@corp'),
        Date.now(),
      );
      expect(admission).toEqual({ admitted: false, reason: 'certificate-unknown-issuer' });
    }
  });

  it('that the root signed is no client', async () => {
    const gateway = (await control.call('gateway')).chain[0];
    for (const der of [gateway, organisation]) {
      const admission = await control.call('certificate', [der], named(IdType.FQDN, 'vpn.example.com'), Date.now());
      expect(admission).toEqual({ admitted: false, reason: 'certificate-unknown-issuer' });
    }
  });

  it('that was never handed out is refused, though our authority signed it', async () => {
    const made = await control.call('unregistered', [{ type: 'email', value: 'laptop@corp' }], Date.now());
    const admission = await control.call('certificate', [made], named(IdType.RFC822_ADDR, 'laptop@corp'), Date.now());
    expect(admission).toMatchObject({ admitted: false, reason: 'certificate-invalid' });
  });

  it('that is none is refused', async () => {
    for (const chain of [[], [new Uint8Array(0)], [Uint8Array.of(0x30, 0x03, 1, 2, 3)], [laptop.slice(0, 200)]]) {
      const admission = await control.call('certificate', chain, named(IdType.FQDN, 'x'), Date.now());
      expect(admission).toMatchObject({ admitted: false, reason: 'certificate-invalid' });
    }
  });

  it('is no good after revocation, also when the name is given again', async () => {
    const enrol = () => control.post('/networks/corp/devices', { name: 'lost', auth: 'cert' });
    const first = await certificateOf((await enrol()).body.device);
    const identity = named(IdType.RFC822_ADDR, 'lost@corp');
    expect((await control.call('certificate', [first], identity, Date.now())).admitted).toBe(true);
    await control.delete('/networks/corp/devices/lost');
    expect(await control.call('certificate', [first], identity, Date.now())).toMatchObject({
      reason: 'revoked',
      member: { name: 'lost' },
    });
    const second = await certificateOf((await enrol()).body.device);
    expect(await control.call('certificate', [first], identity, Date.now())).toMatchObject({ reason: 'revoked' });
    expect((await control.call('certificate', [second], identity, Date.now())).admitted).toBe(true);
  });

  it('of a site opens what stands behind it', async () => {
    const later = Date.now() + 10 * DAY_MS;
    const { member } = await control.call('certificate', [branch], named(IdType.FQDN, 'branch.corp.culvert'), later);
    expect([member.kind, texts(member.prefixes)]).toEqual(['site', ['192.168.20.0/24']]);
    expect(texts(member.reachable)).not.toContain('192.168.20.0/24');
  });
});

describe('routes on record', () => {
  it('are those of all members, connected or not', async () => {
    const routes = await control.call('staticRoutes', network);
    const all = routes.flatMap(({ prefixes }: { prefixes: Prefix[] }) => texts(prefixes));
    expect(all).toEqual(
      expect.arrayContaining(['10.0.0.2/32', 'fd00:c0::2/128', '192.168.10.0/24', '192.168.20.0/24']),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(await control.call('staticRoutes', 'no-such-network')).toEqual([]);
  });
});

function named(idType: number, text: string): { idType: number; data: Uint8Array } {
  return { idType, data: new TextEncoder().encode(text) };
}

function texts(prefixes: readonly Prefix[]): string[] {
  return prefixes.map(formatPrefix);
}

async function certificateOf(member: { certificate: { fingerprint: string } }): Promise<Uint8Array> {
  const [row] = await control.rows(
    'SELECT certificate FROM certificates WHERE fingerprint = ?',
    member.certificate.fingerprint,
  );
  return Uint8Array.from(row!.certificate as number[]);
}
