// What a child SA may be protected with: never AH, and ESP without encryption only where the network says so. RFC 3715 section 2.1 a.

import { describe, expect, it } from 'vitest';
import type { InitiatorOptions } from '../sim/initiator/options.ts';
import { espOffer } from '../sim/initiator/proposals.ts';
import { faultOf } from '../sim/settled.ts';
import { createPair, type Pair } from './pair.ts';
import { attempts } from './scene.ts';

const AH = [espOffer('sha256'), espOffer('sha1')];

function childrenOf(pair: Pair) {
  return pair.peer.checkpoint()!.state.children;
}

/** The client thinks better of what it offers. */
async function askAgain(pair: Pair, options: Partial<InitiatorOptions>): Promise<void> {
  Object.assign(pair.client.session.options, options);
  await pair.runClient(pair.client.moreChildren(pair.now));
  await pair.drive();
}

describe('AH', () => {
  it('alone is refused in IKE_AUTH, and the same IKE SA then comes up with ESP', async () => {
    const pair = await (await createPair({ client: { ah: AH, esp: [] } })).establish();
    expect(pair.client.session.phase).toBe('established');
    expect(pair.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
    expect(childrenOf(pair)).toEqual([]);
    const [attempt] = attempts(pair);
    expect(attempt).toMatchObject({ outcome: 'failed', reason: 'no-proposal-chosen' });
    expect(attempt!.detail).toContain('AH HMAC_SHA2_256_128');
    await askAgain(pair, { ah: [], esp: [espOffer('aes256gcm16')] });
    expect(await faultOf(pair)).toBeNull();
  });

  it('alone is refused in CREATE_CHILD_SA, and what is there goes on', async () => {
    const pair = await (await createPair()).establish();
    await askAgain(pair, { ah: AH, esp: [] });
    expect(pair.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
    expect(await faultOf(pair)).toBeNull();
  });

  for (const auth of ['psk', 'cert', 'eap'] as const) {
    it(`beside ESP is passed over, by ${auth}`, async () => {
      const pair = await (await createPair({ auth, client: { ah: AH } })).establish();
      expect(await faultOf(pair)).toBeNull();
    });
  }

  it('beside ESP is passed over when a child SA is rekeyed by the client', async () => {
    const pair = await (await createPair({ client: { ah: AH } })).establish();
    await pair.runClient(pair.client.rekeyChild(pair.now));
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });
});

describe.each(['null-sha256', 'null-sha512-esn', 'aes128gmac', 'aes256gmac-esn'])('ESP with %s', (text) => {
  const client = { esp: [espOffer(text)] };

  it('is refused', async () => {
    const pair = await (await createPair({ client })).establish();
    expect(pair.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
    expect(childrenOf(pair)).toEqual([]);
  });

  it('is refused where only the legacy switch is on', async () => {
    const pair = await (await createPair({ client, legacy: true })).establish();
    expect(pair.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
  });

  it('is taken where the network has the switch for it, and rekeyed by either side', async () => {
    const pair = await (await createPair({ client, member: { nullEncryption: true } })).establish();
    expect(await faultOf(pair)).toBeNull();
    const { suite } = childrenOf(pair)[0]!;
    await pair.runClient(pair.client.rekeyChild(pair.now));
    await pair.drive();
    await pair.command({ kind: 'rekey-child' });
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
    expect(childrenOf(pair).map((child) => child.suite)).toEqual([suite]);
    expect(pair.peer.status()!.esp[0]).toMatch(/^NULL/);
  });

  it('gives way to a cipher in the same proposal', async () => {
    const both = { esp: [[...espOffer('aes128-aes256-sha256'), ...espOffer(text)]] };
    const pair = await (await createPair({ client: both, member: { nullEncryption: true } })).establish();
    expect(pair.peer.status()!.esp[0]).toMatch(/^AES_CBC_256/);
  });

  it('gives way to a cipher in a later proposal', async () => {
    const both = { esp: [espOffer(text), espOffer('aes256-sha256')] };
    const pair = await (await createPair({ client: both, member: { nullEncryption: true } })).establish();
    expect(pair.peer.status()!.esp[0]).toMatch(/^AES_CBC_256/);
  });
});

it('ESP without encryption needs an ICV', async () => {
  const client = { esp: [espOffer('null')] };
  const pair = await (await createPair({ client, member: { nullEncryption: true } })).establish();
  expect(pair.client.session.childRefusal).toBe('NO_PROPOSAL_CHOSEN');
});

it('an IKE SA is never without encryption', async () => {
  const client = { ike: [espOffer('null-sha256').concat({ type: 2, id: 5 }, { type: 4, id: 31 })] };
  const pair = await createPair({ client, member: { nullEncryption: true } });
  await pair.start();
  await pair.drive();
  expect(pair.client.session.ended).toBe('NO_PROPOSAL_CHOSEN');
});
