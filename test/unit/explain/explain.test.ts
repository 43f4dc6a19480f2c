// Each row of the troubleshooter: the situation is produced with a real initiator and a real Peer, and the explanation is read.

import { describe, expect, it } from 'vitest';
import { explain } from '../../../worker/explain/explain.ts';
import type { Facts } from '../../../worker/explain/facts.ts';
import { reportOf } from '../../../worker/explain/report.ts';
import { createPair, type Pair, type PairWish } from '../../exchange/pair.ts';
import { attempts } from '../../exchange/scene.ts';
import { createAuthority, issue } from '../../sim/certificates.ts';
import { address, fqdn } from '../../sim/initiator/identities.ts';
import { espOffer, ikeOffer } from '../../sim/initiator/proposals.ts';
import { echoRequest } from '../../sim/packets.ts';
import { windows } from '../../sim/initiator/clients.ts';
import { attemptsOf, departure, factsOf, plainFacts } from './facts.ts';

const MINUTE = 60_000;

const rows = (facts: Facts) => explain(facts).map(({ row, severity }) => `${severity} ${row}`);
const first = (facts: Facts) => explain(facts)[0]!;
const evidence = (facts: Facts) => Object.fromEntries(first(facts).evidence);

async function failed(wish: PairWish): Promise<Pair> {
  const pair = await createPair(wish);
  await pair.establish();
  return pair;
}

/** From the device into the network, which may be anything. */
async function ping(pair: Pair): Promise<void> {
  const packet = echoRequest(address('100.64.0.10'), address('100.64.0.1'), 1, new Uint8Array(8));
  await pair.runClient(pair.client.sendPackets([packet], pair.now));
  await pair.drive();
}

describe('what arrives', () => {
  it('nothing for a minute: the name, or UDP 500', () => {
    const facts = { ...plainFacts(10 * MINUTE), waitingSince: 9 * MINUTE };
    expect(rows(facts)).toEqual(['failure nothing-heard']);
    expect(first(facts).next[0]).toContain('vpn.culvert.example');
    expect(rows({ ...facts, waitingSince: 9 * MINUTE + 1_000 })).toEqual([]);
  });

  it('IKE_SA_INIT on 500 and never anything on 4500', async () => {
    const pair = await createPair();
    pair.fault = (_, to, { path }) => (to === 'gateway' && path.localPort === 4500 ? 'drop' : 'carry');
    await pair.establish();
    await pair.advance(MINUTE);
    expect(rows(factsOf(pair))).toEqual(['failure port-4500-blocked']);
    // Who waits is told so too, and not that nothing has come.
    expect(rows(factsOf(pair, { waitingSince: pair.now - 2 * MINUTE }))).toEqual(['failure port-4500-blocked']);
  });

  it('a proof of identity that arrives in pieces, one of which never does', async () => {
    const pair = await createPair({ auth: 'cert', certificate: { kind: 'rsa' }, client: { fragmentOctets: 400 } });
    const sizes = new Set<number>();
    pair.fault = (_, to, { path, octets }) => {
      if (to !== 'gateway' || path.localPort !== 4500) return 'carry';
      sizes.add(octets.length);
      // The last piece is the only short one: everything else gets through.
      return octets.length < Math.max(...sizes) ? 'drop' : 'carry';
    };
    await pair.establish();
    await pair.advance(MINUTE);
    expect(rows(factsOf(pair))).toEqual(['failure fragments-lost']);
    expect(evidence(factsOf(pair))['pieces that came']).toMatch(/^numbers 1.* of \d+$/);
  });
});

describe('what is offered', () => {
  it('only what is weak: a connection of Windows that was made by hand', async () => {
    const weak = { client: { ike: [ikeOffer('aes256-sha256-modp1024')], firstKe: 2, esp: [espOffer('aes256-sha1')] } };
    const pair = await failed(weak);
    expect(rows(factsOf(pair))).toEqual(['failure windows-by-hand']);
    expect(evidence(factsOf(pair)).offered).toContain('MODP_1024');
    const later = await failed({ ...weak, legacy: true, member: { legacy: false } });
    expect(rows(factsOf(later))).toEqual(['failure windows-by-hand']);
  });

  it('nothing that we know', async () => {
    const pair = await failed({ client: { ike: [ikeOffer('aes192-sha1-modp2048')], firstKe: 14 } });
    expect(rows(factsOf(pair))).toEqual(['failure no-common-suite']);
    expect(evidence(factsOf(pair))).toMatchObject({
      offered: expect.stringContaining('AES_CBC_192'),
      'taken here': expect.stringContaining('ECP-384'),
    });
  });

  it('another key exchange first: a note, and a warning when it does not end', async () => {
    const pair = await createPair({ client: { ike: [ikeOffer('aes256gcm16-prfsha384-ecp384')], firstKe: 19 } });
    await pair.start();
    await pair.step();
    const facts = factsOf(pair);
    expect(rows(facts)).toEqual(['note key-exchange-retry']);
    const [tried] = attemptsOf(pair);
    const thrice = [3, 2, 1].map((id) => ({ ...tried!, id }));
    expect(rows({ ...facts, attempts: thrice })).toEqual(['warning key-exchange-retry']);
    await pair.drive();
    expect(rows(factsOf(pair))).not.toContain('note key-exchange-retry');
  });
});

describe('who it is', () => {
  it('revoked', async () => {
    const pair = await createPair({ auth: 'cert' });
    pair.pad.revoke('office/laptop');
    await pair.establish();
    const facts = factsOf(pair);
    expect(rows({ ...facts, member: { ...facts.member!, revokedAt: facts.now } })).toEqual(['failure member-revoked']);
    // The member is in force, and its certificate is not.
    expect(rows(facts)).toEqual(['failure certificate-superseded']);
  });

  it('suspended, and no longer so when it has been resumed', async () => {
    const pair = await createPair({ auth: 'cert' });
    pair.pad.suspend('office/laptop');
    await pair.establish();
    const facts = factsOf(pair);
    const member = { ...facts.member!, suspendedAt: facts.now - 60_000 };
    expect(facts.attempts[0]).toMatchObject({ reason: 'suspended', detail: expect.stringContaining('is suspended') });
    expect(rows({ ...facts, member })).toEqual(['failure member-suspended']);
    expect(evidence({ ...facts, member })).toMatchObject({ 'tried to connect': expect.any(String) });
    expect(rows({ ...facts, member, attempts: [] })).toEqual(['failure member-suspended']);
    expect(rows(facts)).toEqual([]);
  });

  it('the wrong secret, of a site and of EAP', async () => {
    const secret = new TextEncoder().encode('not this one');
    const psk = await failed({ client: { authentication: { kind: 'psk', secret } } });
    expect(rows(factsOf(psk))).toEqual(['failure wrong-secret']);
    const eap = { kind: 'eap-mschapv2', userName: 'laptop@office', password: 'wrong', identityAnswer: 'name' } as const;
    const user = await failed({ auth: 'eap', client: { authentication: eap } });
    expect(rows(factsOf(user))).toEqual(['failure wrong-secret']);
    expect(evidence(factsOf(user))['called itself']).toBe('laptop@office');
  });

  it('nobody that is known, by either proof', async () => {
    expect(rows(factsOf(await failed({ client: { identity: fqdn('who.is.example') } })))).toEqual([
      'failure unknown-name',
    ]);
    const eap = { kind: 'eap-mschapv2', userName: 'x@office', password: 'x', identityAnswer: 'name' } as const;
    const user = await failed({ auth: 'eap', client: { authentication: eap } });
    expect(rows(factsOf(user))).toEqual(['failure unknown-name']);
  });

  it('a certificate of somebody else', async () => {
    const stranger = await createAuthority('Somebody else');
    const issued = await issue(stranger, { name: 'laptop.office.example', dns: ['laptop.office.example'] });
    const pair = await createPair({ auth: 'cert' });
    const authentication = pair.client.session.options.authentication;
    if (authentication.kind !== 'certificate') throw new Error('no certificate');
    const other = await failed({
      auth: 'cert',
      client: { authentication: { ...authentication, chain: [issued.der], privateKey: issued.privateKey } },
    });
    expect(rows(factsOf(other))).toEqual(['failure certificate-foreign']);
  });

  it.each([
    ['certificate-expired', 'certificate-expired'],
    ['certificate-not-yet-valid', 'certificate-not-yet-valid'],
    ['certificate-identity-mismatch', 'certificate-name'],
    ['certificate-missing', 'certificate-missing'],
    ['wrong-method', 'wrong-method'],
    ['eap-method-refused', 'wrong-method'],
    ['failed-cp-required', 'no-address-asked'],
    ['ts-unacceptable', 'selectors-refused'],
    ['something new', 'handshake-failed'],
  ])('%s', async (reason, row) => {
    const pair = await failed({ client: { identity: fqdn('who.is.example') } });
    const [attempt] = attemptsOf(pair);
    expect(rows({ ...factsOf(pair), attempts: [{ ...attempt!, reason }] })).toEqual([`failure ${row}`]);
  });

  it('a device that does not trust the gateway, said aloud or by silence', async () => {
    const aloud = await failed({ auth: 'eap', client: { trust: async () => null } });
    expect(rows(factsOf(aloud))).toEqual(['failure gateway-not-trusted']);
    const silent = await createPair({ auth: 'eap' });
    await silent.start();
    for (let step = 0; step < 4; step++) await silent.step();
    silent.client.crash();
    silent.toGateway.splice(0);
    await silent.advance(MINUTE);
    expect(rows(factsOf(silent))).toEqual(['failure gateway-not-trusted']);
    expect(evidence(factsOf(silent))['name of the gateway']).toBe('vpn.culvert.example');
  });

  it('what failed is over once it has connected', async () => {
    const pair = await failed({ client: { identity: fqdn('who.is.example') } });
    const before = attemptsOf(pair);
    const good = await failed({});
    await ping(good);
    await good.sealTo([echoRequest(address('100.64.0.1'), address('100.64.0.10'), 1, new Uint8Array(8))]);
    expect(rows(factsOf(good, { attempts: [...attemptsOf(good), ...before] }))).toEqual([]);
  });
});

describe('what flows', () => {
  it('nothing from the device', async () => {
    const pair = await failed({});
    expect(rows(factsOf(pair))).toEqual([]);
    pair.now += 20_000;
    expect(rows(factsOf(pair))).toEqual(['failure nothing-sent']);
    expect(evidence(factsOf(pair))['prefixes of the network']).toBe('10.0.0.0/16, 10.1.0.0/24');
  });

  it('something from the device, and nothing back: rules, a site that is down, or no way back', async () => {
    const pair = await failed({});
    await ping(pair);
    const facts = factsOf(pair);
    expect(rows(facts)).toEqual(['warning no-way-back']);
    const connection = { ...facts.connection!, drops: { 'policy:r7': 3 } };
    expect(rows({ ...facts, connection })).toEqual(['failure policy-denies']);
    expect(evidence({ ...facts, connection })['rules that stopped it']).toBe('r7');
    // Three errors of the gateway's own went to it, and no answer; with a fourth packet somebody has answered.
    expect(rows({ ...facts, connection: { ...connection, packetsOut: 3 } })).toEqual(['failure policy-denies']);
    expect(rows({ ...facts, connection: { ...connection, packetsOut: 4 } })).toEqual([]);
    const down = { ...facts, network: { ...facts.network!, sitesDown: ['branch'] } };
    expect(rows({ ...down, connection: { ...facts.connection!, drops: { offline: 2 } } })).toEqual([
      'failure site-down',
    ]);
    const told = { ...facts.connection!, drops: { offline: 2 }, packetsOut: 2 };
    expect(rows({ ...down, connection: told })).toEqual(['failure site-down']);
    expect(rows(down)).toEqual(['warning no-way-back']);
  });

  it('questions for names: to whom, and whether they are answered', async () => {
    const pair = await failed({ auth: 'eap', client: windows(2), legacy: true });
    for (let n = 0; n < 10; n++) await ping(pair);
    await pair.sealTo([echoRequest(address('100.64.0.1'), address('100.64.0.10'), 1, new Uint8Array(8))]);
    const early = factsOf(pair, {
      network: { ...plainFacts(0).network!, domains: ['corp.example'], dns: ['100.64.0.1'] },
    });
    expect(rows(early)).toEqual([]);
    const facts = { ...early, now: early.now + MINUTE };
    expect(rows(facts)).toEqual(['warning split-dns']);
    expect(first(facts).next[0]).toContain('script');
    const asking = (asked: number, answered: number) => ({
      ...facts,
      connection: { ...facts.connection!, dns: { asked, elsewhere: 0, answered } },
    });
    expect(rows(asking(1, 0))).toEqual([]);
    expect(rows(asking(3, 0))).toEqual(['warning dns-silent']);
    expect(rows(asking(3, 1))).toEqual([]);
    // Whoever has few packets has had nothing to look up, and a network without names of its own is asked for none.
    expect(rows({ ...facts, connection: { ...facts.connection!, packetsIn: 9 } })).toEqual([]);
    expect(rows({ ...facts, network: { ...facts.network!, domains: [] } })).toEqual([]);
    expect(rows({ ...facts, network: { ...facts.network!, dns: [] } })).toEqual([]);
  });
});

describe('what lasts', () => {
  const now = 1_000 * MINUTE;

  it.each([
    [8, /MOBIKE/],
    [24, /macOS/],
    [48, /macOS/],
    [60, /lifetime/],
  ])('%i minutes, twice', (minutes, text) => {
    const ends = [30, 200].map((ago) => departure('no answer', minutes * MINUTE, now - ago * MINUTE));
    const facts = { ...plainFacts(now), departures: ends };
    expect(first(facts).row).toBe('short-lived');
    expect(`${first(facts).text} ${first(facts).next}`).toMatch(text);
    expect(rows({ ...facts, departures: ends.slice(1) })).not.toContain('failure short-lived');
    const wanted = ends.map((end) => ({ ...end, reason: 'disconnected by the operator' }));
    expect(rows({ ...facts, departures: wanted })).toEqual([]);
  });

  it.each([
    [179, ['warning peer-vanished']],
    [180, ['failure short-lived', 'warning peer-vanished']],
    [260, ['failure short-lived', 'warning peer-vanished']],
    [261, ['warning peer-vanished']],
  ])('%i MiB, twice, whatever the time', (mebibytes, expected) => {
    const octets = mebibytes * 1_048_576;
    const ends = [3, 33].map((minutes) => departure('no answer', minutes * MINUTE, now - minutes * MINUTE, octets));
    expect(rows({ ...plainFacts(now), departures: ends })).toEqual(expected);
  });

  it('until it went silent without a single packet: it does not take our proof', () => {
    const silentAfter = (lasted: number) => [departure('no answer', lasted, now - MINUTE, 0)];
    const facts = plainFacts(now);
    expect(rows({ ...facts, departures: silentAfter(MINUTE) })).toEqual(['failure gateway-not-trusted']);
    // Who had nothing to say for long may well have trusted us.
    expect(rows({ ...facts, departures: silentAfter(30 * MINUTE) })).toEqual(['warning peer-vanished']);
  });

  it('until it went silent', async () => {
    const pair = await failed({});
    pair.client.crash();
    await pair.command({ kind: 'liveness' });
    await pair.advance(10 * MINUTE);
    const reasons = pair.outputs.flatMap((output) => (output.kind === 'left' ? [output.reason] : []));
    const facts = factsOf(pair, { departures: [departure(reasons[0]!, 3 * MINUTE, pair.now)] });
    expect(rows(facts)).toEqual(['warning peer-vanished']);
  });

  it('until the same profile connects elsewhere', async () => {
    const pair = await failed({});
    const here = attemptsOf(pair).find(({ outcome }) => outcome === 'connected')!;
    const there = { ...here, from: '203.0.113.77' };
    const replaced = [1, 3].map((ago) => departure('replaced', 30_000, pair.now - ago * MINUTE));
    const facts = { ...plainFacts(pair.now), attempts: [here, there], departures: replaced };
    expect(rows(facts)).toEqual(['failure shared-identity']);
    // The same device that moves about does not do that.
    expect(rows({ ...facts, attempts: [here] })).toEqual([]);
  });
});

describe('the report', () => {
  it('holds findings and evidence, and none of the secrets', async () => {
    const eap = {
      kind: 'eap-mschapv2',
      userName: 'laptop@office',
      password: 'hunter2',
      identityAnswer: 'name',
    } as const;
    const pair = await failed({ auth: 'eap', client: { authentication: eap } });
    expect(attempts(pair)).toHaveLength(1);
    const report = reportOf('laptop in office', pair.now, explain(factsOf(pair)));
    expect(report).toContain('[wrong-secret]');
    expect(report).toContain('called itself: laptop@office');
    expect(report).not.toMatch(/hunter2|password of/);
    expect(reportOf('laptop', 0, [])).toContain('Nothing is wrong');
  });
});
