// Certificates over time: renewed with overlap, authorities rotated with overlap, warned of before they end.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/octets.ts';
import { IdType } from '../../../src/wire/ike-numbers.ts';
import { Control } from '../control.ts';

const DAY = 86_400_000;

let control: Control;

beforeAll(async () => {
  control = await Control.start({ bindings: { PRINT_MAIL: 'no' } });
  await control.post('/networks', { name: 'corp' });
});

afterAll(() => control?.stop());

async function certificateOf(device: string): Promise<Uint8Array> {
  const { files } = (await control.get(`/networks/corp/members/${device}/profile`)).body;
  const { content } = files.find(({ path }: { path: string }) => path === `x509/${device}.pem`);
  const pem = Buffer.from(content, 'base64').toString();
  return Uint8Array.from(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
}

/** What IKE makes of a certificate at a time. */
async function admitted(device: string, certificate: Uint8Array, at: number): Promise<string> {
  const identity = { idType: IdType.RFC822_ADDR, data: utf8(`${device}@corp`) };
  const answer = await control.call('certificate', [certificate], identity, at);
  return answer.admitted ? 'admitted' : answer.reason;
}

describe('renewing', () => {
  it('gives another certificate to the same member, and accepts both for a while', async () => {
    const { body } = await control.post('/networks/corp/devices', { name: 'laptop', auth: 'cert' });
    const old = await certificateOf('laptop');
    const renewed = await control.post('/networks/corp/members/laptop/certificate', undefined);
    expect(renewed.status).toBe(201);
    expect(renewed.body.member).toMatchObject({ id: body.device.id, addresses: body.device.addresses });
    expect(renewed.body.member.certificate.fingerprint).not.toBe(body.device.certificate.fingerprint);
    const young = await certificateOf('laptop');
    const now = Date.now();
    expect(await admitted('laptop', old, now)).toBe('admitted');
    expect(await admitted('laptop', young, now)).toBe('admitted');
    expect(await admitted('laptop', old, now + 15 * DAY)).toBe('revoked');
    expect(await admitted('laptop', young, now + 15 * DAY)).toBe('admitted');
  });

  it('revokes both when the member is revoked', async () => {
    await control.post('/networks/corp/devices', { name: 'stolen', auth: 'cert' });
    const old = await certificateOf('stolen');
    await control.post('/networks/corp/members/stolen/certificate', undefined);
    const young = await certificateOf('stolen');
    await control.delete('/networks/corp/devices/stolen');
    expect([await admitted('stolen', old, Date.now()), await admitted('stolen', young, Date.now())]).toEqual([
      'revoked',
      'revoked',
    ]);
  });

  it('at once leaves one certificate in force', async () => {
    await control.post('/networks/corp/devices', { name: 'twice', auth: 'cert' });
    const path = '/networks/corp/members/twice/certificate';
    const answers = await Promise.all(Array.from({ length: 4 }, () => control.post(path, undefined)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const current = await control.rows(
      `SELECT fingerprint FROM certificates WHERE revoked_at IS NULL AND accepted_until IS NULL
       AND member_id = (SELECT id FROM members WHERE name = 'twice')`,
    );
    expect(current).toHaveLength(1);
  });

  it('is refused for who has no certificate', async () => {
    await control.post('/networks/corp/devices', { name: 'secretive', auth: 'eap' });
    const { status, body } = await control.post('/networks/corp/members/secretive/certificate', undefined);
    expect([status, body.error.code]).toEqual([409, 'not-certified']);
  });
});

describe('rotating the authority', () => {
  it('lets another one sign, and accepts what the one before has signed until the time given', async () => {
    await control.post('/networks/corp/devices', { name: 'before', auth: 'cert' });
    const old = await certificateOf('before');
    const first = (await control.get('/authority')).body.authorities;
    expect(first).toHaveLength(1);
    const rotated = await control.post('/authority/rotation', { overlapDays: 30 });
    expect(rotated.status).toBe(201);
    expect(rotated.body.authority.fingerprint).not.toBe(first[0].fingerprint);
    await control.post('/networks/corp/devices', { name: 'after', auth: 'cert' });
    const young = await certificateOf('after');
    const now = Date.now();
    expect(await admitted('before', old, now + 29 * DAY)).toBe('admitted');
    expect(await admitted('before', old, now + 31 * DAY)).toBe('certificate-expired');
    expect(await admitted('after', young, now + 31 * DAY)).toBe('admitted');
    const { authorities } = (await control.get('/authority')).body;
    const known = authorities.map((each: { fingerprint: string }) => each.fingerprint);
    expect(new Set(known)).toEqual(new Set([first[0].fingerprint, rotated.body.authority.fingerprint]));
    expect(JSON.stringify(authorities)).not.toContain('PRIVATE');
  });

  it('leaves the chain of an old certificate in its profile', async () => {
    const { files } = (await control.get('/networks/corp/members/before/profile?format=apple')).body;
    expect(files).toHaveLength(1);
  });
});

describe('certificates that end', () => {
  it('are told of 30, 7 and 1 days before, once each', async () => {
    await control.post('/networks', { name: 'short' });
    await control.post('/networks/short/devices', { name: 'ending', auth: 'cert' });
    const now = Date.now();
    const told = async (days: number) => {
      await control.rows(
        "UPDATE certificates SET not_after = ? WHERE member_id = (SELECT id FROM members WHERE name = 'ending')",
        now + days * DAY,
      );
      for (let i = 0; i < 2; i++) await control.call('scheduled', '7 * * * *', now);
      const { entries } = (await control.get('/activity?target=device%20short/ending')).body;
      return entries.filter((each: { action: string }) => each.action === 'certificate.expiring');
    };
    expect(await told(31)).toEqual([]);
    expect((await told(29.5)).map((each: { after: { days: number } }) => each.after.days)).toEqual([30]);
    expect((await told(20)).length).toBe(1);
    expect((await told(6)).map((each: { after: { days: number } }) => each.after.days)).toEqual([7, 30]);
    expect((await told(0.5)).map((each: { after: { days: number } }) => each.after.days)).toEqual([1, 7, 30]);
    expect((await told(0.5))[0]).toMatchObject({ actor: 'culvert' });
  });

  it('are told of once when they are first seen late', async () => {
    await control.post('/networks/short/devices', { name: 'late', auth: 'cert' });
    const now = Date.now();
    await control.rows(
      "UPDATE certificates SET not_after = ? WHERE member_id = (SELECT id FROM members WHERE name = 'late')",
      now + DAY / 2,
    );
    await control.call('scheduled', '7 * * * *', now);
    const { entries } = (await control.get('/activity?target=device%20short/late')).body;
    expect(entries.map((each: { action: string }) => each.action)).toEqual(['certificate.expiring', 'device.add']);
  });
});
