// IKE_AUTH, RFC 7296 sections 1.2, 2.9, 2.15, 2.16, 2.19, 2.21.2; RFC 7427; RFC 4754.

import { describe, expect, it } from 'vitest';
import { concat, equal, text, toHex, utf8 } from '../../src/bytes/octets.ts';
import type { SignatureScheme } from '../../src/crypto/primitives.ts';
import type { HalfOpen } from '../../src/ike/state.ts';
import { AuthMethod, CfgAttribute as Cfg, ExchangeType, Notify } from '../../src/wire/ike-numbers.ts';
import type { CfgAttributeValue, TrafficSelector } from '../../src/wire/payload.ts';
import { formatAddress } from '../../src/wire/prefix.ts';
import { createAuthority, issue, type KeyKind } from '../sim/certificates.ts';
import { address, everything, fqdn, selector } from '../sim/initiator/identities.ts';
import { payloadsOf } from '../sim/initiator/journal.ts';
import { notify } from '../sim/initiator/notify.ts';
import { espOffer, ikeOffer } from '../sim/initiator/proposals.ts';
import { memberOf } from '../sim/pad.ts';
import { faultOf } from '../sim/settled.ts';
import { CLIENT_ADDRESS, createPair, type PairWish } from './pair.ts';
import { ask, attempts, currentOf, forge, kinds, lastAnswer, notified, offer, onlyChild, stateOf } from './scene.ts';

const wide = (selectors: readonly TrafficSelector[]) =>
  selectors.map(
    ({ startAddress, endAddress, protocol, startPort, endPort }) =>
      `${formatAddress(startAddress)}-${formatAddress(endAddress)} ${protocol} ${startPort}-${endPort}`,
  );

describe('IKE_AUTH', () => {
  // HDR, SK {IDi, AUTH, SAi2, TSi, TSr}  -->
  //                                      <--  HDR, SK {IDr, AUTH, SAr2, TSi, TSr}
  it('by pre-shared key', async () => {
    const pair = await createPair({ auth: 'psk' });
    await pair.establish();
    expect(pair.client.journal.arrows().slice(2)).toEqual([
      '--> HDR, SK {IDi, N(INITIAL_CONTACT), AUTH, SAi2, TSi, TSr, N(MOBIKE_SUPPORTED)}',
      '<-- HDR, SK {IDr, AUTH, SAr2, TSi, TSr, N(MOBIKE_SUPPORTED)}',
    ]);
    expect(await faultOf(pair)).toBeNull();
    expect(kinds(pair)).toEqual(['attempt', 'joined']);
    expect(attempts(pair)[0]).toMatchObject({ outcome: 'connected', reason: null, member: 'office/laptop' });
  });

  const P256: SignatureScheme = { kind: 'ecdsa', hash: 'sha256', raw: true };
  const proofs: readonly (readonly [string, KeyKind, number, SignatureScheme, number[] | null])[] = [
    ['ECDSA P-256 as RFC 4754 has it', 'p256', AuthMethod.ECDSA_SHA256_P256, P256, null],
    ['ECDSA P-384 as RFC 4754 has it', 'p384', AuthMethod.ECDSA_SHA384_P384, { ...P256, hash: 'sha384' }, null],
    ['ECDSA P-521 as RFC 4754 has it', 'p521', AuthMethod.ECDSA_SHA512_P521, { ...P256, hash: 'sha512' }, null],
    ['ECDSA as RFC 7427 has it', 'p256', AuthMethod.DIGITAL_SIGNATURE, { ...P256, raw: false }, [2, 3, 4]],
    [
      'ECDSA with SHA-384, RFC 7427',
      'p256',
      AuthMethod.DIGITAL_SIGNATURE,
      { ...P256, raw: false, hash: 'sha384' },
      [3],
    ],
    ['Ed25519', 'ed25519', AuthMethod.DIGITAL_SIGNATURE, { kind: 'ed25519' }, [2, 5]],
    ['RSA with SHA-1 as RFC 7296 has it', 'rsa', AuthMethod.RSA_SIGNATURE, { kind: 'rsa-pkcs1', hash: 'sha1' }, null],
    ['RSA with SHA-256, method 1', 'rsa', AuthMethod.RSA_SIGNATURE, { kind: 'rsa-pkcs1', hash: 'sha256' }, null],
    ['RSA PKCS#1 as RFC 7427 has it', 'rsa', AuthMethod.DIGITAL_SIGNATURE, { kind: 'rsa-pkcs1', hash: 'sha256' }, [2]],
  ];

  // HDR, SK {IDi, CERT, AUTH, SAi2, TSi, TSr}  -->
  //                                            <--  HDR, SK {IDr, CERT, AUTH, SAr2, TSi, TSr}
  it.each(proofs)('by certificate: %s', async (_, kind, method, scheme, signatureHashes) => {
    const pair = await createPair({
      auth: 'cert',
      certificate: { kind, signature: { method, scheme } },
      client: { signatureHashes },
    });
    await pair.establish();
    expect(pair.client.journal.arrows().at(-1)).toBe(
      '<-- HDR, SK {IDr, CERT, AUTH, SAr2, TSi, TSr, N(MOBIKE_SUPPORTED)}',
    );
    expect(await faultOf(pair)).toBeNull();
    const answered = payloadsOf(pair.messages.at(-1)!, 'AUTH')[0]!.method;
    expect(answered).toBe(signatureHashes === null ? AuthMethod.ECDSA_SHA256_P256 : AuthMethod.DIGITAL_SIGNATURE);
  });

  it('by certificate under its subject, which the tenant does not see as octets', async () => {
    const pair = await createPair({ auth: 'cert', certificate: { identity: 'subject' } });
    await pair.establish();
    expect(await faultOf(pair)).toBeNull();
    expect(attempts(pair)[0]!.identity).toBe('certificate subject');
  });

  // HDR, SK {IDi, SAi2, TSi, TSr}  -->
  //                                <--  HDR, SK {IDr, CERT, AUTH, EAP}
  // HDR, SK {EAP}   -->            <--  HDR, SK {EAP}       three times
  // HDR, SK {AUTH}  -->            <--  HDR, SK {AUTH, CP, SAr2, TSi, TSr}
  it('by EAP-MSCHAPv2', async () => {
    const pair = await createPair({ auth: 'eap', client: { configuration: [Cfg.INTERNAL_IP4_ADDRESS] } });
    await pair.establish();
    expect(pair.client.journal.arrows().slice(2)).toEqual([
      '--> HDR, SK {IDi, N(INITIAL_CONTACT), CP(CFG_REQUEST), SAi2, TSi, TSr, N(MOBIKE_SUPPORTED)}',
      '<-- HDR, SK {IDr, CERT, AUTH, EAP}',
      '--> HDR, SK {EAP}',
      '<-- HDR, SK {EAP}',
      '--> HDR, SK {EAP}',
      '<-- HDR, SK {EAP}',
      '--> HDR, SK {EAP}',
      '<-- HDR, SK {EAP}',
      '--> HDR, SK {AUTH}',
      '<-- HDR, SK {AUTH, CP(CFG_REPLY), SAr2, TSi, TSr, N(MOBIKE_SUPPORTED)}',
    ]);
    expect(await faultOf(pair)).toBeNull();
    expect(attempts(pair)).toMatchObject([{ outcome: 'connected', identity: 'laptop@office' }]);
  });

  // Quirk 22.
  it('by EAP, when the client names itself only in IDi', async () => {
    const named = { userName: 'laptop@office', password: 'password of laptop@office' } as const;
    const authentication = { kind: 'eap-mschapv2', identityAnswer: 'empty', ...named } as const;
    const pair = await createPair({ auth: 'eap', client: { authentication } });
    await pair.establish();
    expect(await faultOf(pair)).toBeNull();
  });

  it('by EAP, when Windows puts its own name before the user name', async () => {
    const named = { userName: 'DESKTOP\\laptop@office', password: 'password of laptop@office' } as const;
    const authentication = { kind: 'eap-mschapv2', identityAnswer: 'name', ...named } as const;
    const pair = await createPair({ auth: 'eap', client: { authentication } });
    await pair.establish();
    expect(await faultOf(pair)).toBeNull();
  });

  it('keeps nothing of the handshake but what it still needs', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.establish();
    expect(Object.keys(currentOf(pair).phase).sort()).toEqual(
      ['expiresAt', 'identity', 'member', 'name', 'rekeyAt', 'since'].sort(),
    );
    expect(
      JSON.stringify(stateOf(pair), (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('password of');
  });
});

describe('a proof that does not hold', () => {
  interface Failure {
    readonly wish: PairWish;
    readonly prepare?: (pair: Awaited<ReturnType<typeof createPair>>) => void | Promise<void>;
    readonly reason: string;
    readonly member: string | null;
  }

  const stranger = async (): Promise<PairWish> => {
    const authority = await createAuthority('somebody else');
    const name = 'laptop.office.example';
    const issued = await issue(authority, { name, dns: [name] });
    const scheme = { kind: 'ecdsa', hash: 'sha256', raw: false } as const;
    const { der, privateKey } = issued;
    const authentication = { kind: 'certificate', chain: [der], privateKey, method: 14, scheme } as const;
    return { auth: 'cert', client: { authentication } };
  };

  const withForeignKey = async (): Promise<PairWish> => {
    const pair = await createPair({ auth: 'cert' });
    const { authentication } = pair.client.session.options;
    if (authentication.kind !== 'certificate') throw new Error('no certificate');
    const other = await stranger();
    const { privateKey } = other.client!.authentication as typeof authentication;
    return { auth: 'cert', client: { authentication: { ...authentication, privateKey } } };
  };

  const failures: Record<string, () => Promise<Failure>> = {
    'a wrong pre-shared key': async () => ({
      wish: { client: { authentication: { kind: 'psk', secret: utf8('guessed') } } },
      reason: 'wrong-secret',
      member: 'office/laptop',
    }),
    'a pre-shared key of nobody': async () => ({
      wish: { client: { identity: fqdn('nobody') } },
      reason: 'unknown-identity',
      member: null,
    }),
    'a pre-shared key where a password is due': async () => ({
      wish: { auth: 'cert', client: { authentication: { kind: 'psk', secret: utf8('guessed') } } },
      reason: 'wrong-method',
      member: 'office/laptop',
    }),
    'a revoked pre-shared key': async () => ({
      wish: {},
      prepare: ({ pad }) => pad.revoke('office/laptop'),
      reason: 'revoked',
      member: 'office/laptop',
    }),
    'a signature with another key': async () => ({
      wish: await withForeignKey(),
      reason: 'wrong-signature',
      member: 'office/laptop',
    }),
    'a signature by a method that we do not know': async () => ({
      wish: {
        auth: 'cert',
        certificate: { signature: { method: AuthMethod.NULL, scheme: { kind: 'ecdsa', hash: 'sha256', raw: true } } },
      },
      reason: 'wrong-signature',
      member: 'office/laptop',
    }),
    'a revoked certificate': async () => ({
      wish: { auth: 'cert' },
      prepare: ({ pad }) => pad.revoke('office/laptop'),
      reason: 'revoked',
      member: 'office/laptop',
    }),
    'a certificate of another authority': async () => ({
      wish: await stranger(),
      reason: 'certificate-unknown-issuer',
      member: null,
    }),
    'a certificate that is over': async () => ({
      wish: { auth: 'cert' },
      prepare: (pair) => {
        pair.now = Date.parse('2050-01-01');
      },
      reason: 'certificate-expired',
      member: null,
    }),
    'a certificate that has not begun': async () => ({
      wish: { auth: 'cert' },
      prepare: (pair) => {
        pair.now = Date.parse('2020-01-01');
      },
      reason: 'certificate-not-yet-valid',
      member: null,
    }),
    'a certificate of another name': async () => ({
      wish: { auth: 'cert', client: { identity: fqdn('router.office.example') } },
      reason: 'certificate-identity-mismatch',
      member: null,
    }),
    'no certificate at all': async () => ({
      wish: { auth: 'cert', client: { layout: ['IDi', 'AUTH', 'SA', 'TSi', 'TSr'] } },
      reason: 'certificate-missing',
      member: null,
    }),
  };

  // HDR, SK {IDi, [CERT,] AUTH, SAi2, TSi, TSr}  -->
  //                                              <--  HDR, SK {N(AUTHENTICATION_FAILED)}
  it.each(Object.entries(failures))('%s', async (_, failure) => {
    const { wish, prepare, reason, member } = await failure();
    const pair = await createPair(wish);
    await prepare?.(pair);
    await pair.establish();
    expect(pair.client.journal.arrows().at(-1)).toBe('<-- HDR, SK {N(AUTHENTICATION_FAILED)}');
    expect(pair.client.session.ended).toBe('AUTHENTICATION_FAILED');
    expect(attempts(pair)).toMatchObject([{ outcome: 'failed', reason, member }]);
    expect(stateOf(pair).sas.map(({ phase }) => phase.name)).toEqual(['closed']);
    expect(stateOf(pair).children).toEqual([]);
    expect(pair.peer.member).toBeNull();
    await pair.advance(20_000);
    expect(kinds(pair)).toEqual(['attempt', 'gone']);
  });

  it('looks the same on the wire, whatever it was', async () => {
    const seen = new Set<string>();
    for (const failure of Object.values(failures)) {
      const { wish, prepare } = await failure();
      const pair = await createPair(wish);
      await prepare?.(pair);
      await pair.start();
      let last: Uint8Array | null = null;
      for (let step = await pair.step(); step !== null; step = await pair.step())
        if (step.to === 'client') last = step.datagram.octets;
      seen.add(`${last?.length} ${pair.client.journal.arrows().at(-1)}`);
    }
    expect([...seen]).toHaveLength(1);
  });

  it('is answered again when it is asked again', async () => {
    const pair = await createPair({ client: { identity: fqdn('nobody') } });
    await pair.start();
    await pair.step();
    await pair.step();
    const request = pair.toGateway.shift()!;
    const first = await offer(pair, request);
    const again = await offer(pair, request);
    expect(again.sent).toEqual(first.sent);
    expect(again.outputs.map(({ kind }) => kind)).toEqual(['send']);
  });
});

describe('EAP that does not end well', () => {
  const account = (userName: string, password: string): PairWish => ({
    auth: 'eap',
    client: { authentication: { kind: 'eap-mschapv2', userName, password, identityAnswer: 'name' } },
  });

  /** Lengths of all datagrams of a handshake, in both directions, once the gateway has proved itself: its signature has one length or another. */
  async function traceOf(wish: PairWish, prepare?: (pair: Awaited<ReturnType<typeof createPair>>) => void) {
    const pair = await createPair(wish);
    prepare?.(pair);
    await pair.start();
    const trace: string[] = [];
    for (let step = await pair.step(); step !== null; step = await pair.step())
      trace.push(`${step.to} ${step.datagram.octets.length}`);
    return { pair, trace: trace.slice(4) };
  }

  it('does not tell an unknown name from a wrong password, nor from a revoked device', async () => {
    const wrong = await traceOf(account('laptop@office', 'guessed'));
    const unknown = await traceOf(account('nobody@office', 'guessed'));
    const revoked = await traceOf(account('laptop@office', 'password of laptop@office'), ({ pad }) =>
      pad.revoke('office/laptop'),
    );
    const right = await traceOf(account('laptop@office', 'password of laptop@office'));
    expect(unknown.trace).toEqual(wrong.trace);
    expect(revoked.trace).toEqual(wrong.trace);
    expect(right.trace).not.toEqual(wrong.trace);
    expect(wrong.pair.client.session.ended).toBe('EAP: EAP-Failure');
    const reasons = [wrong, unknown, revoked].map(({ pair }) => attempts(pair)[0]!.reason);
    expect(reasons).toEqual(['wrong-password', 'unknown-identity', 'revoked']);
    expect(attempts(unknown.pair)[0]!.identity).toBe('nobody@office');
  });

  // Quirk 29, 30: EAP-Failure at once. A Failure packet with a retry confuses Windows 7, and Windows repeats its first user name anyway.
  it('ends with EAP-Failure after one wrong password', async () => {
    const { pair } = await traceOf(account('laptop@office', 'guessed'));
    const [eap] = payloadsOf(lastAnswer(pair), 'EAP');
    expect(eap!.message[0]).toBe(4);
    expect(eap!.message).toHaveLength(4);
    expect(stateOf(pair).sas[0]!.phase.name).toBe('closed');
  });

  const answers: Record<string, [number[], string]> = {
    'another method': [[2, 0, 0, 6, 3, 13], 'eap-method-refused'],
    'a Request instead of a Response': [[1, 0, 0, 5, 1], 'eap-malformed'],
    'another identifier': [[2, 99, 0, 5, 1], 'eap-malformed'],
    'a length that is not its own': [[2, 0, 0, 9, 1], 'eap-malformed'],
    'no EAP at all': [[], 'eap-malformed'],
  };

  it.each(Object.entries(answers))('%s', async (_, [message, reason]) => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    for (let step = 0; step < 4; step++) await pair.step();
    const { eap } = stateOf(pair).sas[0]!.phase as { eap: { identifier: number } };
    const octets = Uint8Array.from(message);
    if (octets[1] === 0) octets[1] = eap.identifier;
    pair.toGateway.splice(0);
    const [datagram] = await forge(pair, ExchangeType.IKE_AUTH, 2, [{ type: 'EAP', message: octets }]);
    const { outputs } = await offer(pair, datagram!);
    expect(outputs.flatMap((output) => (output.kind === 'attempt' ? [output.attempt.reason] : []))).toEqual([reason]);
    expect(stateOf(pair).sas[0]!.phase.name).toBe('closed');
  });

  it('an AUTH payload that was not made with the MSK', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    while (pair.messages.length < 11) await pair.step();
    pair.toGateway.splice(0);
    const [datagram] = await forge(pair, ExchangeType.IKE_AUTH, 5, [
      { type: 'AUTH', method: AuthMethod.SHARED_KEY_MIC, data: new Uint8Array(32) },
    ]);
    const { outputs } = await offer(pair, datagram!);
    expect(outputs).toMatchObject([
      { kind: 'send' },
      { attempt: { reason: 'wrong-secret', identity: 'laptop@office' } },
    ]);
    expect(pair.peer.member).toBeNull();
  });

  it('an AUTH payload while EAP is not done', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    for (let step = 0; step < 4; step++) await pair.step();
    const [datagram] = await forge(pair, ExchangeType.IKE_AUTH, 2, [
      { type: 'AUTH', method: AuthMethod.SHARED_KEY_MIC, data: new Uint8Array(32) },
    ]);
    const { outputs } = await offer(pair, datagram!);
    expect(outputs).toMatchObject([{ kind: 'send' }, { attempt: { reason: 'invalid-syntax' } }]);
    expect(stateOf(pair).sas[0]!.phase.name).toBe('closed');
  });

  // HDR, SK {N(AUTHENTICATION_FAILED)}  -->   by INFORMATIONAL, RFC 7296 section 2.21.2
  it('a client that does not trust the gateway says so, and the tenant is told', async () => {
    const pair = await createPair({ auth: 'eap', client: { trust: async () => null } });
    await pair.establish();
    expect(pair.client.session.ended).toBe('the gateway did not prove itself');
    expect(attempts(pair)).toMatchObject([{ reason: 'gateway-not-trusted', member: null }]);
    await pair.advance(20_000);
    expect(kinds(pair)).toEqual(['attempt', 'gone']);
  });

  it('a client that falls silent in the middle', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    for (let step = 0; step < 4; step++) await pair.step();
    pair.client.crash();
    pair.toGateway.splice(0);
    await pair.advance(60_000);
    expect(attempts(pair)).toMatchObject([{ reason: 'eap-abandoned', identity: 'laptop@office' }]);
    expect(pair.peer.checkpoint()).toBeNull();
  });
});

describe('addresses, RFC 7296 section 2.19', () => {
  const reply = (attributes: readonly CfgAttributeValue[], attribute: number) =>
    attributes.filter((a) => a.attribute === attribute).map(({ value }) => toHex(value));

  // CP(CFG_REQUEST) = INTERNAL_IP4_ADDRESS(), ...  -->  <--  CP(CFG_REPLY) = INTERNAL_IP4_ADDRESS(100.64.0.10), ...
  it('gives what was asked for, and nothing else', async () => {
    const configuration = [
      Cfg.INTERNAL_IP4_ADDRESS,
      Cfg.INTERNAL_IP4_ADDRESS,
      Cfg.INTERNAL_IP4_NETMASK,
      Cfg.INTERNAL_IP4_DNS,
      Cfg.INTERNAL_IP6_ADDRESS,
      Cfg.APPLICATION_VERSION,
      Cfg.INTERNAL_IP4_SUBNET,
      Cfg.INTERNAL_IP4_DHCP,
      Cfg.MICROSOFT_IP4_SERVER + 1000,
    ];
    const pair = await createPair({
      client: { configuration },
      member: { reachable: ['100.64.0.0/16', '10.0.0.0/9'] },
    });
    await pair.establish();
    const got = pair.client.session.configuration;
    expect(reply(got, Cfg.INTERNAL_IP4_ADDRESS)).toEqual(['6440000a']);
    expect(reply(got, Cfg.INTERNAL_IP4_NETMASK)).toEqual(['ffffffff']);
    expect(reply(got, Cfg.INTERNAL_IP4_DNS)).toEqual(['64400001']);
    expect(reply(got, Cfg.INTERNAL_IP6_ADDRESS)).toEqual(['fd00000c000000000000000000000010' + '80']);
    expect(reply(got, Cfg.INTERNAL_IP4_SUBNET)).toEqual(['64400000' + 'ffff0000', '0a000000' + 'ff800000']);
    expect(text(got.find((a) => a.attribute === Cfg.APPLICATION_VERSION)!.value)).toBe('Culvert');
    expect(new Set(got.map((a) => a.attribute)).size).toBe(6);
    expect(got).toHaveLength(7);
  });

  it('says nothing of addresses to those who do not ask', async () => {
    const pair = await createPair();
    await pair.establish();
    expect(payloadsOf(lastAnswer(pair), 'CP')).toEqual([]);
  });

  it('is content with one family where the other one was asked for too', async () => {
    const configuration = [Cfg.INTERNAL_IP4_ADDRESS, Cfg.INTERNAL_IP6_ADDRESS];
    const pair = await createPair({ client: { configuration }, member: { addresses: ['100.64.0.10'] } });
    await pair.establish();
    expect(pair.client.session.configuration).toHaveLength(1);
    expect(wide(onlyChild(pair).theirs)).toEqual(['100.64.0.10-100.64.0.10 0 0-65535']);
  });
});

describe('narrowing, RFC 7296 section 2.9', () => {
  const addresses = ['100.64.0.10'];

  it('cuts everything to what the device is and may reach', async () => {
    const pair = await createPair({ member: { addresses, reachable: ['100.64.0.0/16', '10.0.0.0/8'] } });
    await pair.establish();
    const [TSi] = payloadsOf(lastAnswer(pair), 'TSi');
    const [TSr] = payloadsOf(lastAnswer(pair), 'TSr');
    expect(wide(TSi!.selectors)).toEqual(['100.64.0.10-100.64.0.10 0 0-65535']);
    expect(wide(TSr!.selectors)).toEqual(['100.64.0.0-100.64.255.255 0 0-65535', '10.0.0.0-10.255.255.255 0 0-65535']);
  });

  it('keeps protocols and ports that the client insists on', async () => {
    const TSr = [selector('100.64.0.0/24', 17, 53, 53), selector('192.168.0.0/16')];
    const pair = await createPair({ member: { addresses }, client: { TSr } });
    await pair.establish();
    expect(wide(onlyChild(pair).ours)).toEqual(['100.64.0.0-100.64.0.255 17 53-53']);
  });

  it('keeps the site and nothing beside it', async () => {
    const TSi = [selector('10.1.0.0/16'), selector('10.2.0.0/16')];
    const member = { addresses: [], prefixes: ['10.1.0.0/24', '10.1.8.0/24'], reachable: ['100.64.0.0/16'] };
    const pair = await createPair({ member, client: { TSi } });
    await pair.establish();
    expect(wide(onlyChild(pair).theirs)).toEqual(['10.1.0.0-10.1.0.255 0 0-65535', '10.1.8.0-10.1.8.255 0 0-65535']);
  });
});

describe('an IKE SA without its first child, RFC 7296 section 1.2', () => {
  const refusals: Record<string, [PairWish, string, string]> = {
    'no ESP suite in common': [
      { client: { esp: [espOffer('3des-sha1')] } },
      'NO_PROPOSAL_CHOSEN',
      'no-proposal-chosen',
    ],
    'nothing that it may reach': [
      { client: { TSr: [selector('192.168.0.0/16')], configuration: [Cfg.INTERNAL_IP4_ADDRESS] } },
      'TS_UNACCEPTABLE',
      'ts-unacceptable',
    ],
    'addresses of a site that are not its own': [
      { member: { addresses: [], prefixes: ['10.1.0.0/24'] }, client: { TSi: [selector('10.9.0.0/24')] } },
      'TS_UNACCEPTABLE',
      'ts-unacceptable',
    ],
    'its LAN address, and no wish for another one': [
      { client: { TSi: [selector('192.168.1.5/32')] } },
      'FAILED_CP_REQUIRED',
      'failed-cp-required',
    ],
    'an address family that the network does not have': [
      { client: { configuration: [Cfg.INTERNAL_IP6_ADDRESS] }, member: { addresses: ['100.64.0.10'] } },
      'INTERNAL_ADDRESS_FAILURE',
      'internal-address-failure',
    ],
  };

  // HDR, SK {IDi, AUTH, SAi2, TSi, TSr}  -->
  //                                      <--  HDR, SK {IDr, AUTH, N(...)}
  it.each(Object.entries(refusals))('%s', async (_, [wish, name, reason]) => {
    const pair = await createPair(wish);
    await pair.establish();
    expect(pair.client.journal.arrows().at(-1)).toBe(`<-- HDR, SK {IDr, AUTH, N(${name}), N(MOBIKE_SUPPORTED)}`);
    expect(pair.client.established).toBe(true);
    expect(stateOf(pair).children).toEqual([]);
    expect(kinds(pair)).toEqual(['attempt', 'joined']);
    expect(attempts(pair)).toMatchObject([{ outcome: 'failed', reason, member: 'office/laptop' }]);
    // The client asks again, better.
    await pair.runClient(pair.client.moreChildren(pair.now, { TSi: everything(), TSr: everything() }));
    await pair.drive();
    expect(stateOf(pair).children).toHaveLength(name === 'NO_PROPOSAL_CHOSEN' ? 0 : 1);
  });
});

describe('the legacy switch', () => {
  const weak = { client: { ike: [ikeOffer('aes256-sha256-modp1024')], firstKe: 2, esp: [espOffer('aes256-sha1')] } };

  it('is off: weak suites are refused before anything else', async () => {
    const pair = await createPair(weak);
    await pair.establish();
    expect(pair.client.session.ended).toBe('NO_PROPOSAL_CHOSEN');
  });

  it('is on for another network only: the handshake ends after the proof', async () => {
    const pair = await createPair({ ...weak, legacy: true, member: { legacy: false } });
    await pair.establish();
    expect(pair.client.session.ended).toBe('AUTHENTICATION_FAILED');
    expect(attempts(pair)).toMatchObject([{ reason: 'weak-suite', member: 'office/laptop' }]);
    expect(pair.peer.member).toBeNull();
  });

  it('is on for this network: weak suites serve', async () => {
    const pair = await createPair({ ...weak, legacy: true });
    await pair.establish();
    expect(await faultOf(pair)).toBeNull();
    expect(pair.peer.status()!.suite).toContain('MODP_1024');
    expect(pair.peer.status()!.esp).toEqual(['AES_CBC_256/HMAC_SHA1_96']);
  });

  it('is off: SHA-1 in ESP alone costs the child and not the IKE SA', async () => {
    const pair = await createPair({ client: { esp: [espOffer('aes256-sha1')] } });
    await pair.establish();
    expect(pair.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
    expect(pair.client.established).toBe(true);
  });
});

describe('IKE_AUTH where it has no place', () => {
  // HDR, SK {IDi, AUTH, ...}  -->
  //                           <--  HDR, SK {N(INVALID_SYNTAX)}
  it('does not disturb an established SA', async () => {
    const pair = await createPair();
    await pair.establish();
    const before = stateOf(pair);
    expect(notified(await ask(pair, ExchangeType.IKE_AUTH, [notify(Notify.INITIAL_CONTACT)]))).toEqual([
      'INVALID_SYNTAX',
    ]);
    expect(stateOf(pair).sas[0]!.phase).toEqual(before.sas[0]!.phase);
    expect(stateOf(pair).children).toEqual(before.children);
    expect(pair.peer.member?.member).toBe('office/laptop');
  });

  it.each(['IDi', 'SA', 'TSi', 'TSr'] as const)('is refused without %s', async (item) => {
    const layout = (['IDi', 'AUTH', 'SA', 'TSi', 'TSr'] as const).filter((other) => other !== item);
    const pair = await createPair({ client: { layout } });
    await pair.establish();
    expect(pair.client.journal.arrows().at(-1)).toBe('<-- HDR, SK {N(INVALID_SYNTAX)}');
    expect(stateOf(pair).sas[0]!.phase.name).toBe('closed');
  });

  it('is refused with a critical payload that nobody knows', async () => {
    const unknown = { type: 'UNKNOWN', payloadType: 201, critical: true, data: new Uint8Array(0) } as const;
    const pair = await createPair({ client: { extraAuthPayloads: [unknown] } });
    await pair.establish();
    expect(notified(lastAnswer(pair))).toEqual(['UNSUPPORTED_CRITICAL_PAYLOAD']);
    expect(payloadsOf(lastAnswer(pair), 'N')[0]!.data).toEqual(Uint8Array.of(201));
  });

  it('leaves CREATE_CHILD_SA unanswered in substance until the peer has proved itself', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    for (let step = 0; step < 4; step++) await pair.step();
    const [datagram] = await forge(pair, ExchangeType.CREATE_CHILD_SA, 2, [
      { type: 'NONCE', data: new Uint8Array(32) },
    ]);
    await offer(pair, datagram!);
    expect(stateOf(pair).children).toEqual([]);
    expect(stateOf(pair).sas[0]!.phase.name).toBe('eap');
  });
});

describe('two handshakes on one route', () => {
  // A peer object serves one member; else the packets of one tenant might come out of another's tunnel.
  it('cannot end as two members', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    const request = pair.toGateway[0]!;
    // The same client begins a second SA with other octets, and gets as far as the last message of EAP on the first.
    while (pair.messages.length < 11) await pair.step();
    const held = pair.toGateway.splice(0);
    const rival = await createPair({ auth: 'psk', member: { name: 'rival', network: 'other' } });
    const { identity } = rival.client.session.options;
    pair.pad.addPsk(identity, utf8('secret of rival.other.example'), memberOf({ name: 'rival', network: 'other' }));
    rival.peer = pair.peer;
    await rival.start();
    expect(equal(rival.toGateway[0]!.octets, request.octets)).toBe(false);
    await rival.drive();
    expect(rival.client.established).toBe(true);
    expect(pair.peer.member?.member).toBe('other/rival');
    const late = await offer(pair, held[0]!);
    expect(late).toMatchObject({ drop: 'no-such-sa', sent: [] });
    expect(pair.peer.member?.member).toBe('other/rival');
    expect(stateOf(pair).sas.filter(({ phase }) => phase.name === 'established')).toHaveLength(1);
  });
});

describe('a client that has not proved who it is', () => {
  it('shows no sign of life, whatever it seals', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    await pair.step();
    await pair.step();
    const heard: boolean[] = [];
    while (pair.toGateway.length > 0) {
      const made = await offer(pair, pair.toGateway.shift()!);
      heard.push(made.heard);
      pair.toClient.push(...made.sent);
      while (pair.toClient.length > 0 && pair.toGateway.length === 0) await pair.step();
    }
    // The last message proves it.
    expect(heard).toEqual([false, false, false, false, true]);
  });
});

describe('an address that nobody has answered from', () => {
  it('is answered once enough has come from there: a NAT gave port 4500 another address than port 500 had', async () => {
    const pair = await createPair({ auth: 'eap', client: { certificateRequest: null } });
    const gateway = await pair.pad.gateway();
    const [certificate] = gateway.chain;
    pair.pad.gateway = async () => ({ ...gateway, chain: [certificate!, certificate!, certificate!] });
    pair.nat = {
      out: (path) => ({ ...path, remoteAddress: address(path.localPort === 500 ? CLIENT_ADDRESS : '203.0.113.66') }),
      in: (path) => ({ ...path, remoteAddress: address(CLIENT_ADDRESS) }),
    };
    const octets = { in: 0, out: 0 };
    pair.fault = (_, to, datagram) => {
      if (datagram.path.localPort === 4500 && pair.peer.member === null) {
        octets[to === 'gateway' ? 'in' : 'out'] += datagram.octets.length;
        expect(octets.out).toBeLessThanOrEqual(3 * octets.in);
      }
      return 'carry';
    };
    await pair.establish();
    expect(pair.client.established).toBe(false);
    await pair.advance(30_000);
    expect(pair.client.established).toBe(true);
    expect(await faultOf(pair)).toBeNull();
  });

  it('gets at most three times what came from there, before anybody is authenticated', async () => {
    const pair = await createPair({ auth: 'eap', client: { certificateRequest: null } });
    const gateway = await pair.pad.gateway();
    pair.pad.gateway = async () => ({ ...gateway, chain: [...gateway.chain, new Uint8Array(2000)] });
    await pair.start();
    await pair.step();
    await pair.step();
    const request = pair.toGateway.shift()!;
    const before = stateOf(pair);
    const spoofed = { ...request, path: { ...request.path, remoteAddress: address('203.0.113.66') } };
    expect(await offer(pair, spoofed)).toMatchObject({ sent: [], outputs: [] });
    const { unproved, ...phase } = stateOf(pair).sas[0]!.phase as HalfOpen;
    expect(unproved?.octets).toBeLessThanOrEqual(spoofed.octets.length);
    expect(phase).toEqual(before.sas[0]!.phase);
    // From where IKE_SA_INIT came it is answered, and repeated only there.
    expect((await offer(pair, request)).drop).toBeNull();
    expect(await offer(pair, spoofed)).toMatchObject({ drop: 'address-not-validated', sent: [] });
    expect((await offer(pair, request)).sent.length).toBeGreaterThan(1);
    expect(concat(...(await offer(pair, request)).sent.map(({ octets }) => octets)).length).toBeGreaterThan(2000);
  });
});
