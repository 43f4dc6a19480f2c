// Every stock client, every way to prove oneself, every suite: connected, and of one mind with the gateway. RFC 7296 section 1.2.

import { describe, expect, it } from 'vitest';
import { AuthMethod, KeId } from '../../src/wire/ike-numbers.ts';
import { createPair, type PairWish } from '../exchange/pair.ts';
import { android, apple, strongswan, windows } from './initiator/clients.ts';
import { everything } from './initiator/identities.ts';
import { payloadsOf } from './initiator/journal.ts';
import { espOffer, ikeOffer } from './initiator/proposals.ts';
import type { CertificateWish } from './materials.ts';
import { faultOf } from './settled.ts';

async function connected(wish: PairWish) {
  const pair = await (await createPair(wish)).establish();
  expect(await faultOf(pair)).toBeNull();
  return pair;
}

describe('a stock client', () => {
  const clients: Record<string, PairWish> = {
    'Windows, plain': { client: windows(0), legacy: true },
    'Windows, NegotiateDH2048_AES256 = 1': { client: windows(1), legacy: true },
    'Windows, NegotiateDH2048_AES256 = 2': { client: windows(2), legacy: true },
    Apple: { client: apple() },
    Android: { client: android() },
    strongSwan: { client: strongswan() },
  };
  for (const [name, wish] of Object.entries(clients)) {
    for (const auth of ['psk', 'eap', 'cert'] as const) {
      it(`${name} connects by ${auth}`, async () => {
        await connected({ ...wish, auth });
      });
    }
  }

  // Requirements: rfc7383-2.4-both
  it('without fragmentation gets IKE_AUTH in one piece', async () => {
    const pair = await connected({ auth: 'cert', client: { fragmentOctets: null } });
    expect(pair.messages.every(({ fragments }) => fragments === 0)).toBe(true);
  });

  // Requirements: rfc7383-2.5-first-payload rfc7383-2.5-header
  it('with fragments of 576 octets gets through by certificate', async () => {
    const pair = await connected({ auth: 'cert', client: { ...windows(2), fragmentOctets: 576 }, legacy: true });
    expect(Math.max(...pair.messages.map(({ fragments }) => fragments))).toBeGreaterThan(2);
  });

  it('that begins on port 4500 is answered there', async () => {
    const pair = await connected({ client: { startOn4500: true } });
    expect(pair.client.session.encapsulated).toBe(true);
  });

  // Requirements: rfc3715-3-detect-nonsupport
  it('on 4500 without NAT detection is accepted', async () => {
    await connected({ client: { startOn4500: true, natDetection: 'none' } });
  });

  // Requirements: rfc7296-2.23-notify-both
  it('without any NAT is told that there is one', async () => {
    const pair = await connected({});
    expect(pair.client.session.natThere).toBe(true);
    expect(pair.client.session.natHere).toBe(false);
  });

  it('with nonces of 16 and of 256 octets is served', async () => {
    await connected({ client: { nonceOctets: 16 } });
    await connected({ client: { nonceOctets: 256 } });
  });

  it('answering EAP-Identity with nothing is known by its IDi', async () => {
    const pair = await createPair({ auth: 'eap' });
    const { authentication } = pair.client.session.options;
    const silent = { ...authentication, identityAnswer: 'empty' } as typeof authentication;
    await connected({ auth: 'eap', client: { authentication: silent } });
  });
});

describe('a first guess of the group', () => {
  for (const [offered, guess] of [
    ['aes256gcm16-prfsha256-modp4096-ecp256', KeId.MODP_4096],
    ['aes256-sha256-ecp521-x25519', KeId.ECP_521],
    ['aes128gcm16-prfsha512-modp3072-ecp384', KeId.MODP_3072],
  ] as const) {
    it(`of ${guess} out of ${offered} ends in an SA`, async () => {
      await connected({ client: { ike: [ikeOffer(offered)], firstKe: guess } });
    });
  }
});

describe('a suite', () => {
  const ike = {
    encr: ['aes128', 'aes256', 'aes128gcm16', 'aes256gcm16', 'chacha20poly1305'],
    prf: ['prfsha256', 'prfsha384', 'prfsha512'],
    integ: ['sha256', 'sha384', 'sha512'],
    ke: { x25519: 31, ecp256: 19, ecp384: 20, modp2048: 14, modp3072: 15, modp4096: 16 },
  };
  const groups = Object.entries(ike.ke);
  let turn = 0;
  for (const encr of ike.encr) {
    for (const prf of ike.prf) {
      const [group, firstKe] = groups[turn++ % groups.length]!;
      const integ = ike.integ[turn % 3]!;
      const combined = encr.includes('gcm') || encr.startsWith('chacha');
      const text = combined ? `${encr}-${prf}-${group}` : `${encr}-${integ}-${prf}-${group}`;
      it(`IKE ${text}`, async () => {
        await connected({ client: { ike: [ikeOffer(text)], firstKe } });
      });
    }
  }
  for (const esn of ['noesn', 'esn']) {
    for (const encr of ['aes128', 'aes256']) {
      const integ = ike.integ[turn++ % 3]!;
      it(`ESP ${encr}-${integ}-${esn}`, async () => {
        await connected({ client: { esp: [espOffer(`${encr}-${integ}-${esn}`)] } });
      });
    }
    for (const encr of ['aes128gcm16', 'aes256gcm16', 'chacha20poly1305']) {
      it(`ESP ${encr}-${esn}`, async () => {
        await connected({ client: { esp: [espOffer(`${encr}-${esn}`)] } });
      });
    }
  }

  it('IKE aes128-sha1-modp1024 and ESP aes128-sha1 where legacy is allowed', async () => {
    const client = { ike: [ikeOffer('aes128-sha1-modp1024')], esp: [espOffer('aes128-sha1')], firstKe: KeId.MODP_1024 };
    await connected({ client, legacy: true });
    const pair = await (await createPair({ client })).establish();
    expect(pair.client.session.ended).toBe('NO_PROPOSAL_CHOSEN');
  });
});

describe('a signature', () => {
  const digital = AuthMethod.DIGITAL_SIGNATURE;
  const signatures: Record<string, CertificateWish> = {
    'ECDSA P-256, method 9': {
      signature: { method: AuthMethod.ECDSA_SHA256_P256, scheme: { kind: 'ecdsa', hash: 'sha256', raw: true } },
    },
    'ECDSA P-384, method 10': {
      kind: 'p384',
      signature: { method: AuthMethod.ECDSA_SHA384_P384, scheme: { kind: 'ecdsa', hash: 'sha384', raw: true } },
    },
    'ECDSA P-384, method 14': {
      kind: 'p384',
      signature: { method: digital, scheme: { kind: 'ecdsa', hash: 'sha384', raw: false } },
    },
    'RSA PKCS#1, SHA-1, method 1': {
      kind: 'rsa',
      signature: { method: AuthMethod.RSA_SIGNATURE, scheme: { kind: 'rsa-pkcs1', hash: 'sha1' } },
    },
    'RSA PKCS#1, SHA-256, method 14': {
      kind: 'rsa',
      signature: { method: digital, scheme: { kind: 'rsa-pkcs1', hash: 'sha256' } },
    },
    'RSA PSS, SHA-256, method 14': {
      kind: 'rsa',
      signature: { method: digital, scheme: { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 } },
    },
    'Ed25519, method 14': { kind: 'ed25519', signature: { method: digital, scheme: { kind: 'ed25519' } } },
    'ECDSA P-256 under the subject name': { identity: 'subject' },
  };
  for (const [name, certificate] of Object.entries(signatures)) {
    it(name, async () => {
      await connected({ auth: 'cert', certificate, client: { signatureHashes: [1, 2, 3, 4, 5] } });
    });
  }
});

describe('configuration', () => {
  it('gives the member its addresses and narrows TSi to them', async () => {
    const pair = await connected({ client: { ...apple(), TSi: everything() } });
    const [addresses] = [pair.peer.member!.addresses];
    const given = pair.client.session.configuration.filter(({ attribute }) => attribute === 1 || attribute === 8);
    expect(given.map(({ value }) => String(value.subarray(0, value.length === 17 ? 16 : 4)))).toEqual(
      addresses.map(String),
    );
    const near = pair.client.session.child!.terms.near;
    expect(near.map(({ startAddress }) => String(startAddress)).sort()).toEqual(addresses.map(String).sort());
  });

  it('has IDr in the answer, and TSr within what the member may reach', async () => {
    const pair = await connected({ client: windows(2), legacy: true, auth: 'eap' });
    const [IDr] = pair.client.journal.received().flatMap((message) => payloadsOf(message, 'IDr'));
    expect(IDr?.idType).toBe(2);
    expect(pair.client.session.child!.terms.far.length).toBeGreaterThan(0);
  });
});
