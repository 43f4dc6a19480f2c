// Each row of the troubleshooter, by the messages that make it: a client sends them through a relay's socket into the edge, and the
// explanation is read from the API, and from the page of the device.

import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/octets.ts';
import type { ExplanationView } from '../../worker/api/json.ts';
import type { RowName } from '../../worker/explain/explanation.ts';
import { type Enrolled, later, Office } from './office.ts';
import { answers, conversation, flowing, SERVERS } from './rows/flowing.ts';
import { lasting } from './rows/lasting.ts';
import { proving } from './rows/proving.ts';
import { reaching } from './rows/reaching.ts';
import { clientOf, connected, type Scene, type Situation, TABLE, tried } from './rows/situation.ts';
import { eventually } from './relay.ts';

const SITUATIONS: readonly Situation[] = [...reaching, ...proving, ...flowing, ...lasting];

/** All names there are: the compiler misses none. */
const ROWS: Readonly<Record<RowName, true>> = {
  'nothing-heard': true,
  'port-4500-blocked': true,
  'answer-lost': true,
  'windows-by-hand': true,
  'no-common-suite': true,
  'key-exchange-retry': true,
  'cookie-asked': true,
  'fragments-lost': true,
  'member-revoked': true,
  'member-suspended': true,
  'certificate-expired': true,
  'certificate-not-yet-valid': true,
  'certificate-superseded': true,
  'certificate-foreign': true,
  'certificate-name': true,
  'subject-as-name': true,
  'certificate-missing': true,
  'wrong-secret': true,
  'unknown-name': true,
  'wrong-method': true,
  'gateway-not-trusted': true,
  'no-address-asked': true,
  'selectors-refused': true,
  'handshake-failed': true,
  'nothing-sent': true,
  'policy-denies': true,
  'site-down': true,
  'no-way-back': true,
  'short-lived': true,
  'peer-vanished': true,
  'shared-identity': true,
  'split-dns': true,
  'dns-silent': true,
};

let office: Office;

beforeAll(async () => {
  office = await Office.open();
});

describe('the table', () => {
  it('has real messages for each case of each row', () => {
    const cases = Object.entries(TABLE).flatMap(([row, names]) => names.map((name) => `${row}: ${name}`));
    expect(SITUATIONS.map((situation) => situation.case.join(': ')).sort()).toEqual(cases.sort());
  });

  it('comes to every explanation that there is', () => {
    expect([...new Set(SITUATIONS.map(({ shows }) => shows))].sort()).toEqual(Object.keys(ROWS).sort());
  });
});

describe('what is seen, and told:', () => {
  for (const situation of SITUATIONS) {
    it(situation.case.join(': '), async () => {
      const scene = await situation.arise(office);
      const told = await explained(scene, situation.shows);
      const [first] = told.findings;
      expect(first).toMatchObject({ row: situation.shows, severity: situation.severity });
      expect(JSON.stringify(first)).toMatch(situation.says);
      expect(first!.next.length > 0 || first!.severity === 'note').toBe(true);
      expect(told.report).toContain(`${first!.title} [${first!.row}]`);
      expect(leaksOf(told, scene)).toEqual([]);
      if (scene.waiting !== undefined) await office.fetched(scene.who, scene.waiting);
      if (isOnPage(situation)) expect(await office.page(scene.who, scene.device.outer)).toContain(html(first!.title));
    });
  }
});

describe('a report', () => {
  it('would be found out with a secret in it', async () => {
    const who = await office.enrol({ auth: 'eap' });
    const device = await connected(office, who);
    const told = await office.explain(who, device.outer);
    const secrets = secretsOf({ who, device });
    expect(secrets.length).toBeGreaterThan(20);
    for (const secret of secrets)
      expect(leaksOf({ ...told, report: `it is ${secret}.` }, { who, device })).toEqual([secret]);
  });
});

describe('what is over', () => {
  it('is told no more: a key that was wrong and is right', async () => {
    const who = await office.enrol({ auth: 'psk' });
    const wrong = await tried(await clientOf(who, { authentication: { kind: 'psk', secret: new Uint8Array(9) } }));
    await explained({ who, device: wrong }, 'wrong-secret');
    later(1_000);
    const device = await connected(office, who);
    expect((await office.explain(who, device.outer)).findings).toEqual([]);
  });

  it('is told no more: a DNS server that answers at last', async () => {
    const silent = flowing.find(({ shows }) => shows === 'dns-silent')!;
    const { who, device } = await silent.arise(office);
    const { site } = await conversation(office);
    await explained({ who, device }, 'dns-silent');
    await answers(site, who, SERVERS.dns, 53);
    await eventually(async () => (await office.explain(who, device.outer)).findings.length === 0);
  });
});

describe('whoever else sits behind the same NAT', () => {
  it('is told of nothing that another said of itself', async () => {
    const [who, other] = [await office.enrol({ auth: 'cert' }), await office.enrol({ auth: 'cert' })];
    const device = await tried(await clientOf(who, { layout: ['IDi', 'AUTH', 'SA', 'TSi', 'TSr'] }));
    await explained({ who, device }, 'certificate-missing');
    expect((await office.explain(other, device.outer)).findings).toEqual([]);
    // From elsewhere nothing connects the two.
    expect((await office.explain(who, '203.0.113.1')).findings).toEqual([]);
  });
});

/** What is told in the end: evidence goes from object to object. */
async function explained({ who, device, waiting }: Scene, row: RowName): Promise<ExplanationView> {
  let told = await office.explain(who, device.outer, waiting ?? null);
  const first = async () => (told = await office.explain(who, device.outer, waiting ?? null)).findings[0]?.row;
  await expect.poll(first, { message: told.report }).toBe(row);
  return told;
}

/** The page of a device that was revoked says so and nothing else. */
function isOnPage({ shows }: Situation): boolean {
  return shows !== 'member-revoked';
}

function html(text: string): string {
  return text.replaceAll("'", '&#39;');
}

function leaksOf({ findings, report }: ExplanationView, scene: Scene): string[] {
  const written = `${report}\n${JSON.stringify(findings)}`;
  return secretsOf(scene).filter((secret) => written.includes(secret));
}

/** All that proves anything, in each way that it might be written. */
function secretsOf({ who, device: { initiator } }: Scene): string[] {
  const keys = initiator.session.sas.flatMap((sa) => Object.values(sa.keys) as Uint8Array[]);
  const proofs = initiator.journal.messages.flatMap(({ inner }) => (inner ?? []).flatMap(proofIn));
  const octets = [...credentialsOf(who), ...keys, ...proofs].filter(({ length }) => length >= 8);
  return [...office.secrets, ...octets.flatMap(waysToWrite)];
}

function credentialsOf({ secret, credentials: { authentication } }: Enrolled): Uint8Array[] {
  return authentication.kind === 'psk' ? [secret, authentication.secret] : [secret];
}

/** AUTH values, and EAP packets with challenges and responses; an identity is no secret. */
function proofIn(payload: {
  readonly type: string;
  readonly data?: unknown;
  readonly message?: unknown;
}): Uint8Array[] {
  if (payload.type === 'AUTH') return [payload.data as Uint8Array];
  if (payload.type !== 'EAP') return [];
  const message = payload.message as Uint8Array;
  const isMschapv2 = message[4] === 26;
  // Behind OpCode, identifier, length and value size.
  return isMschapv2 && message.length > 9 + 49 ? [message.subarray(10, 10 + 48)] : [];
}

function waysToWrite(octets: Uint8Array): string[] {
  const latin = String.fromCharCode(...octets);
  return [...new Set([toHex(octets), btoa(latin), latin])];
}
