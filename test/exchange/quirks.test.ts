// What stock clients do that no RFC says, one by one and by number: what was seen of them in logs, captures and the sources of others.

import { describe, expect, it } from 'vitest';
import { concat, fromHex, utf8 } from '../../src/bytes/octets.ts';
import { addMarker } from '../../src/wire/encap.ts';
import { emitIkeMessage } from '../../src/wire/ike-message.ts';
import {
  AuthMethod,
  CfgAttribute as Cfg,
  ExchangeType,
  KeId,
  Notify,
  Protocol,
  TransformType,
} from '../../src/wire/ike-numbers.ts';
import type { Proposal } from '../../src/wire/payload.ts';
import { android, apple, strongswan, windows } from '../sim/initiator/clients.ts';
import { address, addressIdentity, everything, mailbox, selector } from '../sim/initiator/identities.ts';
import { payloadsOf } from '../sim/initiator/journal.ts';
import { notify, u32 } from '../sim/initiator/notify.ts';
import { espOffer, ikeOffer } from '../sim/initiator/proposals.ts';
import { faultOf, faultOfTraffic } from '../sim/settled.ts';
import { createPair, type Pair, type PairWish } from './pair.ts';
import {
  arrowsOf,
  ask,
  attempts,
  currentOf,
  forge,
  lastAnswer,
  messageOf,
  notified,
  offer,
  onlyChild,
  stateOf,
} from './scene.ts';

/** Not a matter of IKEv2 between a client and this gateway. */
const ELSEWHERE: Record<number, string> = {
  8: 'what the gateway certificate must hold is tested where it is issued',
  14: 'IKEv1: Mode Config after re-authentication',
  16: 'IKEv1: Quick Mode after the deletion of the ISAKMP SA',
  17: 'IKEv1: proposal numbers',
  18: 'IKEv1: a fourth Quick Mode message; identities of MS-818043',
  19: 'of a Windows server as responder: this gateway begins no IKE SA; the relay holds one socket for each port',
  24: 'IKEv1 on old Android: HMAC-SHA2-256 cut to 96 bits, which no IKEv2 client does',
  28: 'IKEv1: vendor IDs and payload numbers of drafts',
};

const tested = new Set<number>();

function quirk(number: number, title: string, test: () => Promise<void>): void {
  tested.add(number);
  it(`${number}. ${title}`, test);
}

const established = async (wish: PairWish = {}): Promise<Pair> => (await createPair(wish)).establish();

const begunByGateway = (pair: Pair) =>
  pair.messages.filter(({ direction, response }) => direction === 'received' && !response);

describe('Windows', () => {
  const eap = (client: PairWish['client'], legacy = true): PairWish => ({ auth: 'eap', client: client ?? {}, legacy });

  quirk(
    1,
    'as it comes it knows only MODP_1024 and SHA-1: served by a network that says so, refused cleanly by others',
    async () => {
      expect(await faultOf(await established(eap(windows(0))))).toBeNull();
      const refused = await established(eap(windows(0), false));
      expect(refused.client.session.ended).toBe('NO_PROPOSAL_CHOSEN');
      expect(attempts(refused)[0]!.detail).toContain('MODP_1024');
      // With the registry key, but SHA-1 in ESP still: an IKE SA without a child.
      const half = await established(eap(windows(2), false));
      expect(half.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
      const strong = await established(eap({ ...windows(2), esp: [espOffer('aes256-sha256')] }, false));
      expect(await faultOf(strong)).toBeNull();
    },
  );

  quirk(2, 'it reads the first 15 groups of a proposal: the gateway never offers as many', async () => {
    const pair = await established({ client: strongswan() });
    await arrowsOf(pair, () => pair.command({ kind: 'rekey-child' }));
    await arrowsOf(pair, () => pair.command({ kind: 'rekey-ike' }));
    const proposals = begunByGateway(pair).flatMap((message) =>
      payloadsOf(message, 'SA').flatMap((SA) => SA.proposals),
    );
    expect(proposals.length).toBeGreaterThan(2);
    for (const { transforms } of proposals)
      expect(transforms.filter(({ type }) => type === TransformType.KE).length).toBeLessThan(15);
  });

  quirk(
    3,
    'it falls back to MODP_1024 when it rekeys the IKE SA: only a network with weak suites lets it',
    async () => {
      const begun = windows(1);
      const fallBack = async (legacy: boolean) => {
        const pair = await established(eap({ ...begun, esp: [espOffer('aes256-sha256')] }, legacy));
        expect(currentOf(pair).suite.ke).toBe(KeId.MODP_2048);
        Object.assign(pair.client.session.options, { ike: [ikeOffer('aes256-sha256-modp1024')] });
        await arrowsOf(pair, () => pair.runClient(pair.client.rekeyIke(pair.now, KeId.MODP_1024)));
        return pair;
      };
      const legacy = await fallBack(true);
      expect(currentOf(legacy).suite.ke).toBe(KeId.MODP_1024);
      expect(await faultOf(legacy)).toBeNull();
      const strict = await fallBack(false);
      expect(strict.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
      expect(await faultOf(strict)).toBeNull();
    },
  );

  quirk(4, 'it rekeys a child with 0.0.0.0/0 again: it gets what it had', async () => {
    const pair = await established(eap(windows(2)));
    const { ours, theirs } = onlyChild(pair);
    await arrowsOf(pair, () => pair.runClient(pair.client.rekeyChild(pair.now)));
    const asked = pair.messages.find((message) => notified(message).includes('REKEY_SA'))!;
    expect(payloadsOf(asked, 'TSr')[0]!.selectors).toEqual(everything());
    expect(onlyChild(pair)).toMatchObject({ ours, theirs });
    expect(await faultOf(pair)).toBeNull();
  });

  quirk(
    5,
    'it refuses rekeys that it has not begun: the gateway takes the child back instead, and Windows makes another',
    async () => {
      const pair = await established(eap(windows(2)));
      const arrows = await arrowsOf(pair, async () => {
        await pair.command({ kind: 'rekey-child' });
        await pair.advance(1000);
      });
      expect(arrows).toEqual([
        '<-- HDR, SK {D(ESP)}',
        '--> HDR, SK {D(ESP)}',
        '--> HDR, SK {SA, Ni, TSi, TSr}',
        '<-- HDR, SK {SA, Nr, TSi, TSr}',
      ]);
      expect(await faultOf(pair)).toBeNull();
    },
  );

  quirk(6, 'it is known by its vendor ID of any year, or by the attributes that only it asks for', async () => {
    const known = async (client: PairWish['client']) =>
      currentOf(await established({ client: client ?? {} })).traits.windows;
    for (const year of ['00000002', '00000005', '00000009'])
      expect(await known({ vendorIds: [fromHex(`1e2b516905991c7d7c96fcbfb587e461${year}`)] })).toBe(true);
    expect(await known({ configuration: [Cfg.INTERNAL_IP4_ADDRESS, Cfg.MICROSOFT_IP4_SERVER] })).toBe(true);
    expect(await known({ configuration: [Cfg.INTERNAL_IP4_ADDRESS, Cfg.MICROSOFT_IP6_SERVER] })).toBe(true);
    expect(await known({ configuration: [Cfg.INTERNAL_IP4_ADDRESS], vendorIds: [utf8('strongSwan')] })).toBe(false);
  });

  quirk(7, 'it names no gateway: two tenants behind one name are told apart by who they prove to be', async () => {
    const networks = [];
    for (const network of ['office', 'works']) {
      const pair = await established({ ...eap(windows(2)), member: { network } });
      expect(payloadsOf(pair.messages[2]!, 'IDr')).toEqual([]);
      networks.push(pair.peer.member!.network);
    }
    expect(networks).toEqual(['office', 'works']);
  });

  quirk(7, 'it names itself by its private address in EAP, as do many: nothing hangs on that', async () => {
    const pair = await established({
      ...eap(windows(2)),
      client: { ...windows(2), identity: addressIdentity('192.168.1.2') },
    });
    expect(await faultOf(pair)).toBeNull();
    expect(attempts(pair)[0]!.identity).toBe('laptop@office');
  });

  quirk(
    29,
    'it does not take well to a second try of MSCHAPv2: EAP-Failure at once; its own status notify is passed over',
    async () => {
      const authentication = {
        kind: 'eap-mschapv2',
        userName: 'laptop@office',
        password: 'x',
        identityAnswer: 'name',
      } as const;
      const pair = await established(eap({ ...windows(2), authentication }));
      expect(payloadsOf(lastAnswer(pair), 'EAP')[0]!.message).toHaveLength(4);
      const other = await established(eap(windows(2)));
      expect((await ask(other, ExchangeType.INFORMATIONAL, [notify(12_345, u32(13_801))])).inner).toEqual([]);
      expect(await faultOf(other)).toBeNull();
    },
  );

  quirk(29, 'it never answers an EAP-Failure, it deletes: that is answered too', async () => {
    const authentication = {
      kind: 'eap-mschapv2',
      userName: 'laptop@office',
      password: 'x',
      identityAnswer: 'name',
    } as const;
    const pair = await createPair(eap({ ...windows(2), authentication }));
    await pair.start();
    let sa = pair.client.session.sas[0];
    for (let step = await pair.step(); step !== null; step = await pair.step()) sa ??= pair.client.session.sas[0];
    pair.client.session.sas.push(sa!);
    const [deletion] = await forge(pair, ExchangeType.INFORMATIONAL, 4, [
      { type: 'D', protocol: Protocol.IKE, spis: [] },
    ]);
    expect((await offer(pair, deletion!)).sent).toHaveLength(1);
    expect(attempts(pair)).toHaveLength(1);
  });

  quirk(
    30,
    'it says its first user name again whatever the user types: each try is a handshake of its own',
    async () => {
      const authentication = {
        kind: 'eap-mschapv2',
        userName: 'laptop@office',
        password: 'x',
        identityAnswer: 'name',
      } as const;
      const wrong = await established(eap({ ...windows(2), authentication }));
      expect(stateOf(wrong).sas[0]!.phase.name).toBe('closed');
      const again = await createPair(eap(windows(2)));
      again.peer = wrong.peer;
      await again.establish();
      expect(again.client.established).toBe(true);
    },
  );
});

describe('Apple', () => {
  quirk(9, 'it asks for no certificate and needs it', async () => {
    const pair = await established({ auth: 'eap', client: { ...apple(), certificateRequest: null } });
    expect(payloadsOf(pair.messages[2]!, 'CERTREQ')).toEqual([]);
    expect(payloadsOf(pair.messages[3]!, 'CERT')).toHaveLength(1);
    expect(await faultOf(pair)).toBeNull();
  });

  quirk(
    10,
    'it sets up IPv6 routes only when TSr holds ::/0, which it gets where the network reaches that far',
    async () => {
      const pair = await established({ client: apple(), member: { reachable: ['0.0.0.0/0', '::/0'] } });
      expect(onlyChild(pair).ours).toEqual(everything());
      expect(await faultOf(pair)).toBeNull();
    },
  );

  quirk(
    11,
    'it forgets a child SA in its sleep without a word: a new one serves, and the old one is found out',
    async () => {
      const pair = await established({ client: { ...apple(), onChildRekey: 'accept' } });
      const forgotten = onlyChild(pair);
      pair.client.session.children.clear();
      await arrowsOf(pair, () => pair.runClient(pair.client.moreChildren(pair.now)));
      expect(await faultOfTraffic(pair)).toBeNull();
      await arrowsOf(pair, () => pair.command({ kind: 'rekey-child' }));
      expect(stateOf(pair).children.map(({ spiIn }) => spiIn)).not.toContain(forgotten.spiIn);
      expect(await faultOf(pair)).toBeNull();
    },
  );

  quirk(12, 'macOS 14 rekeys a child with a proposal for IKE before those for ESP, numbered from 3', async () => {
    const pair = await established({ client: apple() });
    const { spiOut } = onlyChild(pair);
    const spi = u32(0x5555_5555);
    const wrong: Proposal = {
      number: 3,
      protocol: Protocol.IKE,
      spi: new Uint8Array(8),
      transforms: ikeOffer('aes256gcm16-prfsha256-ecp256'),
    };
    const right: Proposal = { number: 4, protocol: Protocol.ESP, spi, transforms: espOffer('aes256gcm16') };
    const answer = await ask(pair, ExchangeType.CREATE_CHILD_SA, [
      notify(Notify.REKEY_SA, undefined, Protocol.ESP, u32(spiOut)),
      { type: 'SA', proposals: [wrong, right] },
      { type: 'NONCE', data: new Uint8Array(16).fill(1) },
      { type: 'TSi', selectors: everything() },
      { type: 'TSr', selectors: everything() },
    ]);
    expect(payloadsOf(answer, 'SA')[0]!.proposals).toMatchObject([{ number: 4, protocol: Protocol.ESP }]);
    expect(stateOf(pair).children).toHaveLength(2);
  });

  quirk(13, 'it offers PFS and does without, macOS only without: both are served, whoever begins', async () => {
    for (const esp of [['aes256gcm16-ecp256', 'aes256gcm16'], ['aes256gcm16'], ['aes256gcm16', 'aes256gcm16-ecp256']]) {
      const pair = await established({ client: { ...apple(), esp: esp.map(espOffer) } });
      await arrowsOf(pair, () => pair.runClient(pair.client.rekeyChild(pair.now)));
      await arrowsOf(pair, () => pair.command({ kind: 'rekey-child' }));
      expect(await faultOf(pair)).toBeNull();
    }
  });

  quirk(15, 'it sometimes writes the non-ESP marker twice', async () => {
    const pair = await established({ client: apple() });
    const [request] = await forge(pair, ExchangeType.INFORMATIONAL, 2, []);
    const { sent, drop } = await offer(pair, { ...request!, octets: addMarker(request!.octets) });
    expect(drop).toBeNull();
    expect(messageOf(sent[0]!).header.messageId).toBe(2);
  });
});

describe('Android', () => {
  quirk(22, 'it asks for a version, both families, and EAP without a name: it gets what there is', async () => {
    const authentication = {
      kind: 'eap-mschapv2',
      userName: 'laptop@office',
      password: 'password of laptop@office',
      identityAnswer: 'empty',
    } as const;
    const pair = await established({
      auth: 'eap',
      client: { ...android(), authentication, identity: mailbox('laptop@office') },
    });
    const asked = new Set(pair.client.session.configuration.map(({ attribute }) => attribute));
    expect(asked).toContain(Cfg.APPLICATION_VERSION);
    expect(asked).toContain(Cfg.INTERNAL_IP4_ADDRESS);
    expect(asked).toContain(Cfg.INTERNAL_IP6_ADDRESS);
    expect(await faultOf(pair)).toBeNull();
    const one = await established({ client: android(), member: { addresses: ['100.64.0.10'] } });
    expect(one.client.session.configuration.map(({ attribute }) => attribute)).not.toContain(Cfg.INTERNAL_IP6_ADDRESS);
    expect(await faultOf(one)).toBeNull();
  });

  quirk(22, 'it signs with RSA only as RFC 7427 has it', async () => {
    const scheme = { kind: 'rsa-pkcs1', hash: 'sha256' } as const;
    const certificate = { kind: 'rsa', signature: { method: AuthMethod.DIGITAL_SIGNATURE, scheme } } as const;
    const pair = await established({ auth: 'cert', certificate, client: android() });
    expect(await faultOf(pair)).toBeNull();
  });

  quirk(23, 'over IPv6 it sends no NAT detection', async () => {
    const pair = await createPair({
      client: {
        ...android(),
        natDetection: 'none',
        startOn4500: true,
        localAddress: address('2001:db8::7'),
        gatewayAddress: address('2001:db8:1::1'),
      },
    });
    await pair.establish();
    expect(notified(pair.messages[1]!)).not.toContain('NAT_DETECTION_SOURCE_IP');
    expect(await faultOf(pair)).toBeNull();
  });
});

describe('others', () => {
  quirk(20, 'a NAT gives port 4500 another port than it gave 500: the gateway answers where it is asked', async () => {
    const pair = await createPair();
    await pair.start();
    const translate = (port: number) => {
      const [datagram] = pair.toGateway.splice(0);
      pair.toGateway.push({ ...datagram!, path: { ...datagram!.path, remotePort: port } });
    };
    translate(61_500);
    await pair.step();
    expect(pair.toClient[0]!.path).toMatchObject({ localPort: 500, remotePort: 61_500 });
    const back = pair.toClient.shift()!;
    pair.toClient.push({ ...back, path: { ...back.path, remotePort: 500 } });
    await pair.step();
    translate(62_045);
    await pair.step();
    expect(pair.toClient[0]!.path).toMatchObject({ localPort: 4500, remotePort: 62_045 });
    expect(pair.peer.status()!.remote!.port).toBe(62_045);
    expect(pair.peer.status()!.nat).toBe('peer');
  });

  quirk(21, 'IKE_SA_INIT comes twice with other NAT detection: AUTH covers the one that is used', async () => {
    for (const firstIsUsed of [true, false]) {
      const pair = await createPair();
      await pair.start();
      const used = pair.toGateway.shift()!;
      const { header, payloads } = messageOf(used);
      const elsewhere = payloads.map((p) =>
        p.type === 'N' && p.notify === Notify.NAT_DETECTION_SOURCE_IP ? { ...p, data: new Uint8Array(20) } : p,
      );
      const other = { ...used, octets: emitIkeMessage(header, elsewhere) };
      for (const request of firstIsUsed ? [used, other] : [other, used]) {
        const { sent } = await offer(pair, request);
        if (request === used) pair.toClient.push(...sent);
      }
      await pair.drive();
      expect(await faultOf(pair)).toBeNull();
    }
  });

  quirk(25, 'NetworkManager rekeys its child every three hours, by CREATE_CHILD_SA', async () => {
    const pair = await established({ client: { ...strongswan(), childRekeyMs: 170 * 60_000 } });
    const { spiIn } = onlyChild(pair);
    await pair.advance(3 * 3_600_000);
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(pair.client.journal.arrows()).toContain('--> HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}');
    expect(await faultOf(pair)).toBeNull();
  });

  quirk(26, 'Cisco knows one pair of selectors for each child: a child for each pair of prefixes', async () => {
    const prefixes = ['10.1.0.0/24', '10.1.1.0/24'];
    const reachable = ['100.64.0.0/24', '10.2.0.0/16'];
    const TSi = [selector(prefixes[0]!)];
    const TSr = [selector(reachable[0]!)];
    const pair = await established({ member: { addresses: [], prefixes, reachable }, client: { TSi, TSr } });
    for (const near of prefixes)
      for (const far of reachable.slice(near === prefixes[0] ? 1 : 0))
        await arrowsOf(pair, () =>
          pair.runClient(pair.client.moreChildren(pair.now, { TSi: [selector(near)], TSr: [selector(far)] })),
        );
    const pairs = stateOf(pair).children.map(({ ours, theirs }) => [ours.length, theirs.length]);
    expect(pairs).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  quirk(27, 'a NAT keepalive is one octet and no sign of life', async () => {
    const pair = await established();
    await pair.advance(5000);
    const before = pair.peer.status()!.lastIn;
    const { path } = currentOf(pair);
    const noise: Uint8Array[] = [
      Uint8Array.of(0xff),
      new Uint8Array(0),
      new Uint8Array(4),
      concat(new Uint8Array(4), Uint8Array.of(1)),
    ];
    for (const octets of noise)
      expect(await offer(pair, { path: { ...path, remotePort: 9 }, octets })).toMatchObject({
        drop: 'malformed',
        heard: false,
      });
    expect(pair.peer.status()!.lastIn).toBe(before);
    expect(pair.peer.status()!.remote!.port).toBe(4500);
  });
});

describe('the list', () => {
  it('is whole: each of the thirty is tested here or belongs elsewhere', () => {
    const all = [...tested, ...Object.keys(ELSEWHERE).map(Number)].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  });
});
