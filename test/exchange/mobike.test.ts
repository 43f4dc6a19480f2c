// MOBIKE from the responder's side, arrow by arrow. RFC 4555.

import { describe, expect, it } from 'vitest';
import { concat } from '../../src/bytes/octets.ts';
import { currentSa } from '../../src/ike/sad.ts';
import { Notify } from '../../src/wire/ike-numbers.ts';
import { formatAddress } from '../../src/wire/prefix.ts';
import { address } from '../sim/initiator/identities.ts';
import { notifiesOf, payloadsOf } from '../sim/initiator/journal.ts';
import { natHash, notify, u16 } from '../sim/initiator/notify.ts';
import { WITHOUT_MOBIKE } from '../sim/initiator/options.ts';
import { faultOf } from '../sim/settled.ts';
import { AWAY, ask, ELSEWHERE, espEnd, HOME, ikeEnd, reportOf, sendPacket, slip, stateOf } from './moving.ts';
import { NatBox } from './nat-box.ts';
import { CLIENT_ADDRESS, createPair, type Pair, type PairWish, RELAY_ADDRESS } from './pair.ts';

const UPDATE = notify(Notify.UPDATE_SA_ADDRESSES);
const DETECTION = 'N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP)';

async function established(wish: PairWish = {}): Promise<Pair> {
  return (await createPair(wish)).establish();
}

/** The client moves; nothing is carried yet. */
async function move(pair: Pair, to = ELSEWHERE): Promise<void> {
  await pair.runClient(pair.client.move(address(to), pair.now));
}

function forbidNats(from: string, port = 4500) {
  return notify(Notify.NO_NATS_ALLOWED, concat(address(from), address(RELAY_ADDRESS), u16(port), u16(4500)));
}

describe('MOBIKE_SUPPORTED', () => {
  for (const auth of ['psk', 'cert', 'eap'] as const) {
    // Requirements: rfc4555-3.2-supported rfc4555-4.1-empty
    it(`is answered in the message that holds the SA payload, by ${auth}`, async () => {
      const pair = await established({ auth });
      expect(pair.client.session.mobike).toBe(true);
      const answers = pair.client.journal.received().filter(({ exchange }) => exchange === 35);
      const having = answers.filter((message) => notifiesOf(message).includes('MOBIKE_SUPPORTED'));
      expect(having.map((message) => payloadsOf(message, 'SA').length)).toEqual([1]);
      expect(payloadsOf(having[0]!, 'N').find(({ notify: type }) => type === 16396)!.data.length).toBe(0);
      expect(reportOf(pair).mobike).toBe(true);
    });
  }

  it('is not said to a client that has not said it', async () => {
    const pair = await established({ client: { layout: WITHOUT_MOBIKE } });
    expect(pair.messages.flatMap(notifiesOf)).not.toContain('MOBIKE_SUPPORTED');
    expect(reportOf(pair).mobike).toBe(false);
  });

  it('is answered also where the child SA is refused', async () => {
    const pair = await established({ client: { TSr: [] } });
    expect(pair.client.session.mobike).toBe(true);
  });
});

describe('UPDATE_SA_ADDRESSES', () => {
  // Requirements: rfc4555-3.7-before
  it('is answered, then the new address is proved, then ESP goes there', async () => {
    const pair = await established();
    await move(pair);
    expect((await pair.step())!.arrows).toEqual([`--> HDR, SK {N(UPDATE_SA_ADDRESSES), ${DETECTION}, N(COOKIE2)}`]);
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual([AWAY, HOME]);
    expect((await pair.step())!.arrows).toEqual([`<-- HDR, SK {${DETECTION}, N(COOKIE2)}`]);
    expect((await pair.step())!.arrows).toEqual([
      `<-- HDR, SK {N(COOKIE2), ${DETECTION}}`,
      `--> HDR, SK {N(COOKIE2), ${DETECTION}}`,
    ]);
    expect(await espEnd(pair)).toBe(HOME);
    await pair.drive();
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual([AWAY, AWAY]);
    expect(await faultOf(pair)).toBeNull();
    expect(reportOf(pair)).toMatchObject({
      moved: 1,
      moves: [{ at: pair.now, from: `192.0.2.1:4500 - ${HOME}`, to: `192.0.2.1:4500 - ${AWAY}`, by: 'update' }],
    });
  });

  // Requirements: rfc4555-3.8-natd
  it('tells the client of itself as it is seen, and never says that the gateway is not behind a NAT', async () => {
    const pair = await established();
    await move(pair);
    await pair.drive();
    const sa = pair.client.session.current!;
    const { primitives } = pair.client.session.options;
    const answer = pair.client.journal.received().find((message) => notifiesOf(message).includes('COOKIE2'))!;
    const [source, destination] = payloadsOf(answer, 'N').map(({ data }) => String(data));
    expect(destination).toBe(String(natHash(primitives, sa.SPIi, sa.SPIr, address(ELSEWHERE), 4500)));
    expect(source).not.toBe(String(natHash(primitives, sa.SPIi, sa.SPIr, address(RELAY_ADDRESS), 4500)));
  });

  it('without NAT detection and COOKIE2 is answered without them', async () => {
    const pair = await established();
    slip(pair);
    expect(notifiesOf(await ask(pair, [UPDATE]))).toEqual([]);
    expect(await espEnd(pair)).toBe(AWAY);
  });

  it('from an address that the client is known to receive at is believed at once', async () => {
    const pair = await established();
    await move(pair);
    await pair.drive();
    await move(pair, CLIENT_ADDRESS);
    await pair.step();
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual([HOME, HOME]);
    const before = pair.messages.length;
    await pair.drive();
    expect(pair.messages.slice(before).filter(({ response }) => !response)).toEqual([]);
  });

  it('from another port of the same address is believed at once', async () => {
    const pair = await createPair();
    const nat = new NatBox(CLIENT_ADDRESS);
    pair.nat = nat;
    await pair.establish();
    nat.reboot();
    await pair.runClient(pair.client.move(pair.client.session.localAddress, pair.now));
    await pair.step();
    expect(await espEnd(pair)).toBe(ikeEnd(pair));
    expect(ikeEnd(pair)).toBe(`${CLIENT_ADDRESS}:32770`);
  });

  it('evaluates NATs anew', async () => {
    const pair = await established();
    expect(reportOf(pair).behind).toBe('none');
    pair.nat = new NatBox(ELSEWHERE);
    await pair.runClient(pair.client.move(pair.client.session.localAddress, pair.now));
    await pair.drive();
    expect(reportOf(pair).behind).toBe('peer');
    pair.nat = null;
    await move(pair);
    await pair.drive();
    expect(reportOf(pair).behind).toBe('none');
    expect(await faultOf(pair)).toBeNull();
  });

  // Requirements: rfc4555-3.3-port-4500
  it('over port 500, which carries no ESP, is not acceptable', async () => {
    const pair = await established();
    slip(pair);
    pair.client.session.encapsulated = false;
    const answer = await ask(pair, [UPDATE, notify(Notify.COOKIE2, new Uint8Array(8))]);
    expect(notifiesOf(answer)).toEqual(['UNACCEPTABLE_ADDRESSES', 'COOKIE2']);
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual([HOME, HOME]);
  });

  it('of a client that did not say MOBIKE_SUPPORTED means nothing', async () => {
    const pair = await established({ client: { layout: WITHOUT_MOBIKE } });
    expect(notifiesOf(await ask(pair, [UPDATE, notify(Notify.COOKIE2, new Uint8Array(8))]))).toEqual([]);
  });

  it('sends again at once what waits for an answer', async () => {
    const pair = await established();
    await pair.command({ kind: 'liveness' });
    pair.toClient.length = 0;
    await move(pair);
    await pair.advance(0);
    expect(stateOf(pair).sas[0]!.outbound.pending).toBeNull();
    expect(pair.client.journal.arrows().filter((arrow) => arrow === `--> HDR, SK {${DETECTION}}`).length).toBe(1);
    expect(await espEnd(pair)).toBe(AWAY);
  });
});

describe('return routability', () => {
  // Requirements: rfc4555-3.7-return-routability rfc4555-4.2.5-cookie2-length
  it('goes to the new address, with a cookie that nobody foresees', async () => {
    const [one, other] = [await established(), await established()];
    const cookies: string[] = [];
    for (const pair of [one, other]) {
      await move(pair);
      await pair.drive();
      const asked = pair.client.journal.received().findLast(({ response }) => !response)!;
      const { data } = payloadsOf(asked, 'N').find(({ notify: type }) => type === Notify.COOKIE2)!;
      expect(data.length).toBe(32);
      cookies.push(String(data));
    }
    expect(cookies[0]).not.toBe(cookies[1]);
  });

  it('is not waited for by ESP that the client sends itself', async () => {
    const pair = await established();
    await move(pair);
    await pair.step();
    await sendPacket(pair);
    await pair.step();
    expect(await espEnd(pair)).toBe(AWAY);
    expect(reportOf(pair).moves).toMatchObject([{ by: 'esp' }]);
    await pair.drive();
    expect(reportOf(pair).moved).toBe(1);
  });

  it('does not take ESP back from where the client has sent it since', async () => {
    const pair = await established();
    await move(pair);
    do await pair.step();
    while (pair.toClient.length > 0);
    const held = pair.toGateway.splice(0);
    pair.nat = new NatBox('203.0.113.99');
    await sendPacket(pair);
    await pair.drive();
    const here = await espEnd(pair);
    expect(here).toMatch(/^203\.0\.113\.99:/);
    pair.toGateway.push(...held);
    await pair.drive();
    expect(currentSa(stateOf(pair))?.outbound.pending).toBeNull();
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual([AWAY, here]);
  });

  it('is asked for once, however often the client says that it has moved there', async () => {
    const pair = await established();
    await move(pair);
    await pair.step();
    const held = pair.toClient.pop()!;
    await pair.step();
    await ask(pair, [UPDATE]);
    pair.toClient.push(held);
    await pair.drive();
    const asked = pair.client.journal.received().filter(({ response }) => !response);
    expect(asked.length).toBe(1);
    expect(await espEnd(pair)).toBe(AWAY);
  });

  // Requirements: rfc4555-3.7-cookie2-verify
  it('that is answered with another cookie ends the IKE SA', async () => {
    const pair = await established({ client: { onCookie: 'alter' } });
    await move(pair);
    await pair.drive();
    expect(pair.outputs).toContainEqual(expect.objectContaining({ kind: 'left', reason: 'return routability failed' }));
    expect(pair.client.session.ended).toBe('deleted by the gateway');
    expect(pair.peer.member).toBeNull();
  });

  it('that is answered without a cookie proves nothing', async () => {
    const pair = await established({ client: { onCookie: 'omit' } });
    await move(pair);
    await pair.drive();
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual([AWAY, HOME]);
    await sendPacket(pair);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });

  it('that the client has moved on from proves nothing, and is asked anew', async () => {
    const pair = await established();
    await move(pair);
    await pair.step();
    await move(pair, '203.0.113.77');
    while (stateOf(pair).sas[0]!.outbound.pending !== null && pair.toClient.length + pair.toGateway.length > 0)
      await pair.step();
    await pair.drive();
    const proofs = pair.client.journal
      .sent()
      .filter((message) => message.response && notifiesOf(message).includes('COOKIE2'));
    expect(proofs.length).toBe(2);
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual(['203.0.113.77:4500', '203.0.113.77:4500']);
    const { proven } = currentSa(stateOf(pair))!.mobility!;
    expect(proven.map(formatAddress)).toEqual([CLIENT_ADDRESS, '203.0.113.77']);
  });

  it('remembers eight addresses', async () => {
    const pair = await established();
    for (let host = 1; host <= 9; host++) {
      await move(pair, `203.0.113.${host}`);
      await pair.drive();
    }
    const { proven } = currentSa(stateOf(pair))!.mobility!;
    expect(proven.map(formatAddress)).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((host) => `203.0.113.${host}`));
  });

  // Requirements: rfc4555-3.10-long-timeouts
  it('is given up after five minutes, not before', async () => {
    const pair = await established();
    await move(pair);
    await pair.step();
    pair.fault = (_, to) => (to === 'client' ? 'drop' : 'carry');
    await pair.advance(300_000);
    expect(pair.peer.member).not.toBeNull();
    await pair.advance(100_000);
    expect(pair.peer.member).toBeNull();
  });
});

describe('NO_NATS_ALLOWED', () => {
  it('that holds changes nothing', async () => {
    const pair = await established();
    slip(pair);
    expect(notifiesOf(await ask(pair, [UPDATE, forbidNats(ELSEWHERE)]))).toEqual([]);
    expect(await espEnd(pair)).toBe(AWAY);
  });

  for (const [what, wrong] of [
    ['another address', forbidNats(CLIENT_ADDRESS)],
    ['another port', forbidNats(ELSEWHERE, 4501)],
    ['nothing', notify(Notify.NO_NATS_ALLOWED)],
  ] as const) {
    // Requirements: rfc4555-3.9-no-nats rfc4555-3.9-unexpected-nat
    it(`that names ${what} is answered where the message came from, and nothing moves`, async () => {
      const pair = await established();
      slip(pair);
      const additional = notify(Notify.ADDITIONAL_IP4_ADDRESS, address('192.0.2.99'));
      for (const updating of [UPDATE, additional, notify(Notify.NO_ADDITIONAL_ADDRESSES)]) {
        const answer = await ask(pair, [updating, wrong, notify(Notify.COOKIE2, new Uint8Array(64))]);
        expect(notifiesOf(answer)).toEqual(['UNEXPECTED_NAT_DETECTED', 'COOKIE2']);
      }
      expect([ikeEnd(pair), await espEnd(pair), reportOf(pair).additional]).toEqual([HOME, HOME, []]);
    });
  }

  for (const auth of ['psk', 'eap'] as const) {
    // Requirements: rfc4555-3.9-no-nats
    it(`ends IKE_AUTH when it does not hold, by ${auth}`, async () => {
      const pair = await createPair({ auth, client: { extraAuthPayloads: [forbidNats('10.0.0.1')] } });
      await pair.establish();
      expect(pair.client.session.ended).toBe('UNEXPECTED_NAT_DETECTED');
      expect(pair.peer.member).toBeNull();
      expect(pair.outputs).toContainEqual(
        expect.objectContaining({ attempt: expect.objectContaining({ reason: 'unexpected-nat' }) }),
      );
    });
  }

  it('lets IKE_AUTH go on when it holds', async () => {
    await established({ client: { extraAuthPayloads: [forbidNats(CLIENT_ADDRESS)] } }).then(async (pair) =>
      expect(await faultOf(pair)).toBeNull(),
    );
  });
});

describe('additional addresses', () => {
  const v4 = (text: string) => notify(Notify.ADDITIONAL_IP4_ADDRESS, address(text));
  const v6 = (text: string) => notify(Notify.ADDITIONAL_IP6_ADDRESS, address(text));

  it('are remembered from IKE_AUTH, also through EAP', async () => {
    for (const auth of ['psk', 'eap'] as const) {
      const extra = [v4('192.0.2.50'), v6('2001:db8::50')];
      const pair = await established({ auth, client: { extraAuthPayloads: extra } });
      expect(reportOf(pair).additional).toEqual(['192.0.2.50', '2001:db8::50']);
    }
  });

  it('are replaced by each list, and taken away', async () => {
    const pair = await established({ client: { extraAuthPayloads: [v4('192.0.2.50')] } });
    const cookie = notify(Notify.COOKIE2, new Uint8Array(16).fill(7));
    expect(notifiesOf(await ask(pair, [v6('2001:db8::51'), cookie]))).toEqual(['COOKIE2']);
    expect(reportOf(pair).additional).toEqual(['2001:db8::51']);
    await ask(pair, []);
    expect(reportOf(pair).additional).toEqual(['2001:db8::51']);
    expect(notifiesOf(await ask(pair, [notify(Notify.NO_ADDITIONAL_ADDRESSES)]))).toEqual([]);
    expect(reportOf(pair).additional).toEqual([]);
  });

  it('are no more than eight, and only of the right length', async () => {
    const pair = await established();
    const many = Array.from({ length: 20 }, (_, i) => v4(`192.0.2.${100 + i}`));
    const odd = [notify(Notify.ADDITIONAL_IP4_ADDRESS, new Uint8Array(5)), notify(Notify.ADDITIONAL_IP6_ADDRESS)];
    await ask(pair, [...odd, ...many]);
    expect(reportOf(pair).additional).toEqual(Array.from({ length: 8 }, (_, i) => `192.0.2.${100 + i}`));
  });
});

describe('any INFORMATIONAL', () => {
  it('is answered where it came from and moves nothing: a path may be tested', async () => {
    const pair = await established();
    slip(pair);
    const answer = await ask(pair, [notify(Notify.NAT_DETECTION_SOURCE_IP, new Uint8Array(20))]);
    expect(notifiesOf(answer)).toEqual(['NAT_DETECTION_SOURCE_IP', 'NAT_DETECTION_DESTINATION_IP']);
    expect([ikeEnd(pair), await espEnd(pair), reportOf(pair).moved]).toEqual([HOME, HOME, 0]);
    expect(reportOf(pair).behind).toBe('none');
  });

  // Requirements: rfc4555-3.7-cookie2
  it('has COOKIE2 copied, also when it deletes', async () => {
    const pair = await established();
    const cookie = notify(Notify.COOKIE2, new Uint8Array(8).fill(3));
    const child = pair.client.session.child!.terms.ownSpi;
    const answer = await ask(pair, [
      cookie,
      { type: 'D', protocol: 3, spis: [Uint8Array.from([24, 16, 8, 0], (bits) => (child >>> bits) & 255)] },
    ]);
    expect(payloadsOf(answer, 'N').map(({ data }) => String(data))).toEqual([String(cookie.data)]);
    expect(payloadsOf(answer, 'D').length).toBe(1);
  });

  // Requirements: rfc4555-4.2.5-cookie2-length
  it('with a cookie of the wrong length is refused', async () => {
    for (const length of [0, 7, 65]) {
      const pair = await established();
      expect(notifiesOf(await ask(pair, [UPDATE, notify(Notify.COOKIE2, new Uint8Array(length))]))).toEqual([
        'INVALID_SYNTAX',
      ]);
    }
  });
});

describe('a dead-peer check', () => {
  it('of the gateway carries NAT detection to MOBIKE peers, and learns the verdict from the answer', async () => {
    const pair = await createPair();
    pair.nat = new NatBox(ELSEWHERE);
    await pair.establish();
    expect(reportOf(pair).behind).toBe('peer');
    pair.client.session.localAddress = address(ELSEWHERE);
    pair.nat = null;
    const nat = new NatBox(ELSEWHERE, { firstPort: 4500 });
    await pair.runClient(pair.client.move(address(ELSEWHERE), pair.now));
    await pair.drive();
    expect(reportOf(pair).behind).toBe('none');
    pair.client.session.localAddress = address('192.168.1.10');
    pair.nat = nat;
    await sendPacket(pair);
    await pair.drive();
    await pair.command({ kind: 'liveness' });
    expect(await pair.drive()).toEqual([`<-- HDR, SK {${DETECTION}}`, `--> HDR, SK {${DETECTION}}`]);
    expect(reportOf(pair).behind).toBe('peer');
    expect(reportOf(pair).moved).toBe(1);
  });

  it('of the gateway tells nothing of NATs on another way than its own', async () => {
    const pair = await established();
    await pair.command({ kind: 'liveness' });
    await pair.step();
    const [answer] = pair.toGateway;
    pair.toGateway[0] = { ...answer!, path: { ...answer!.path, remoteAddress: address(ELSEWHERE) } };
    await pair.drive();
    expect(reportOf(pair)).toMatchObject({ behind: 'none', moved: 0 });
    expect(stateOf(pair).sas[0]!.outbound.pending).toBeNull();
  });

  it('of the gateway is empty for others', async () => {
    const pair = await established({ client: { layout: WITHOUT_MOBIKE } });
    await pair.command({ kind: 'liveness' });
    expect(await pair.drive()).toEqual(['<-- HDR, SK {}', '--> HDR, SK {}']);
  });

  // Requirements: rfc4555-3.8-compare
  it('of the client tells it that its mapping has changed, and it says so', async () => {
    const pair = await createPair();
    const nat = new NatBox(ELSEWHERE);
    pair.nat = nat;
    await pair.establish();
    await pair.runClient(pair.client.liveness(pair.now));
    await pair.drive();
    nat.reboot();
    await pair.runClient(pair.client.liveness(pair.now));
    await pair.drive();
    expect([ikeEnd(pair), await espEnd(pair)]).toEqual([`${ELSEWHERE}:32770`, `${ELSEWHERE}:32770`]);
    expect(await faultOf(pair)).toBeNull();
  });
});

describe('a mapping that has changed without the knowledge of the client', () => {
  for (const told of ['ESP', 'IKE'] as const) {
    it(`is told of by its ${told}: what the gateway asks reaches it, and the IKE SA stays where it is`, async () => {
      const pair = await createPair();
      const nat = new NatBox(ELSEWHERE);
      pair.nat = nat;
      await pair.establish();
      nat.reboot();
      if (told === 'ESP') await sendPacket(pair);
      else await pair.runClient(pair.client.inform([], pair.now));
      await pair.drive();
      await pair.command({ kind: 'rekey-child' });
      expect(pair.toClient.map(({ path }) => path.remotePort)).toEqual([32_769]);
      await pair.advance(5_000);
      expect(stateOf(pair).sas[0]!.outbound.pending).toBeNull();
      expect(ikeEnd(pair)).toBe(`${ELSEWHERE}:32769`);
      expect(await faultOf(pair)).toBeNull();
    });
  }

  it('does not have a proof sent there', async () => {
    const pair = await established();
    await move(pair);
    for (let i = 0; i < 2; i++) await pair.step();
    const asked = new Set<string>();
    pair.fault = (_, to, { path }) => {
      if (to === 'client') asked.add(path.remoteAddress.join('.'));
      return to === 'client' ? 'drop' : 'carry';
    };
    slip(pair, '203.0.113.10');
    await sendPacket(pair);
    await pair.advance(20_000);
    expect(await espEnd(pair)).toBe('203.0.113.10:4500');
    expect([...asked]).toEqual([ELSEWHERE]);
  });
});

describe('an IKE SA that is rekeyed', () => {
  for (const side of ['client', 'gateway'] as const) {
    it(`by the ${side} goes on being mobile`, async () => {
      const extra = [notify(Notify.ADDITIONAL_IP4_ADDRESS, address('192.0.2.50'))];
      const pair = await established({ client: { extraAuthPayloads: extra } });
      await move(pair);
      await pair.drive();
      const before = currentSa(stateOf(pair))!.mobility;
      if (side === 'client') await pair.runClient(pair.client.rekeyIke(pair.now));
      else await pair.command({ kind: 'rekey-ike' });
      await pair.drive();
      expect(currentSa(stateOf(pair))!.mobility).toEqual(before);
      expect(ikeEnd(pair)).toBe(AWAY);
      await move(pair, '203.0.113.77');
      await pair.drive();
      expect([ikeEnd(pair), await espEnd(pair)]).toEqual(['203.0.113.77:4500', '203.0.113.77:4500']);
      expect(await faultOf(pair)).toBeNull();
    });

    it(`by the ${side} while the client moves ends up where the client is`, async () => {
      for (let carried = 0; carried < 8; carried++) {
        const pair = await established();
        if (side === 'client') await pair.runClient(pair.client.rekeyIke(pair.now));
        else await pair.command({ kind: 'rekey-ike' });
        for (let i = 0; i < carried; i++) await pair.step();
        await move(pair);
        await pair.advance(100_000);
        expect([ikeEnd(pair), await espEnd(pair)], `${carried} carried`).toEqual([AWAY, AWAY]);
        expect(await faultOf(pair), `${carried} carried`).toBeNull();
      }
    });
  }
});
