// One-time links: shown without being used up, fetched once, void afterwards; and a page that needs no script.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control } from '../control.ts';

let control: Control;

beforeAll(async () => {
  control = await Control.start();
  await control.post('/networks', { name: 'corp' });
  await control.post('/networks/corp/devices', { name: 'laptop', auth: 'cert' });
  await control.post('/networks/corp/devices', { name: 'phone', auth: 'eap' });
});

afterAll(() => control?.stop());

async function link(device: string, format: string): Promise<string> {
  const { status, body } = await control.post(`/networks/corp/members/${device}/links`, { format });
  expect([status, body.link]).toEqual([201, expect.stringMatching(/\/p\/[\w-]{43}$/)]);
  return body.link;
}

const get = (url: string, from = '192.0.2.1', method = 'GET') =>
  fetch(url, { method, headers: { 'CF-Connecting-IP': from } });

function fileOf(page: string): string {
  return control.url + /href="(\/p\/[^"]+\.\w+)"/.exec(page.replace('href="/p/style.css"', ''))![1];
}

describe('a one-time link', () => {
  it('shows a page as often as it is looked at, and hands the file out once', async () => {
    const url = await link('phone', 'apple');
    for (let i = 0; i < 3; i++) expect((await get(url)).status).toBe(200);
    const page = await (await get(url)).text();
    const file = await get(fileOf(page));
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'application/x-apple-aspen-config']);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="phone.mobileconfig"');
    expect(file.headers.get('cache-control')).toBe('no-store');
    expect(await file.text()).toContain('phone@corp');
    expect((await get(url)).status).toBe(410);
    expect((await get(fileOf(page), '192.0.2.99')).status).toBe(410);
  });

  it('hands the file out again to the same place for a moment, as download managers ask', async () => {
    const url = await link('phone', 'apple');
    const file = fileOf(await (await get(url)).text());
    expect((await get(file, '192.0.2.5')).status).toBe(200);
    expect((await get(file, '192.0.2.5')).status).toBe(200);
    await control.rows('UPDATE links SET taken_at = taken_at - 120001 WHERE taken_at IS NOT NULL');
    expect((await get(file, '192.0.2.5')).status).toBe(410);
  });

  it('is not used up by whoever asks about the file only', async () => {
    const url = await link('phone', 'apple');
    const file = fileOf(await (await get(url)).text());
    expect((await get(file, '192.0.2.6', 'HEAD')).status).toBe(405);
    expect((await get(file, '192.0.2.7')).status).toBe(200);
  });

  it('is won by one of many who come at once', async () => {
    const url = await link('phone', 'apple');
    const file = fileOf(await (await get(url)).text());
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => get(file, `198.51.100.${i}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410, 410]);
  });

  it('works no more when it has expired, or the device was revoked', async () => {
    const expired = await link('laptop', 'swanctl');
    await control.rows('UPDATE links SET expires_at = 1');
    expect((await get(expired)).status).toBe(410);
    await control.post('/networks/corp/devices', { name: 'lost', auth: 'cert' });
    const lost = await link('lost', 'swanctl');
    const file = fileOf(await (await get(lost)).text());
    await control.delete('/networks/corp/devices/lost');
    expect([(await get(lost)).status, (await get(file)).status]).toEqual([410, 410]);
  });

  it('says nothing about links that never were', async () => {
    const page = await get(`${control.url}/p/${'A'.repeat(43)}`);
    expect(page.status).toBe(410);
    expect(await page.text()).toContain('used already, has expired, or never was one');
  });

  it('tells the password of the file where the system asks for one, the same as the file has', async () => {
    const url = await link('laptop', 'sswan');
    const page = await (await get(url)).text();
    const password = /asks for a password: <code>([^<]{16})<\/code>/.exec(page)?.[1];
    expect(password).toMatch(/^[1-9A-Za-z]{16}$/);
    expect(await (await get(url)).text()).toContain(password!);
    expect(await (await get(await link('laptop', 'sswan'))).text()).not.toContain(password!);
  });

  it('hands several files out as one archive', async () => {
    const file = await get(fileOf(await (await get(await link('laptop', 'swanctl'))).text()));
    expect(file.headers.get('content-type')).toBe('application/x-tar');
    const octets = new Uint8Array(await file.arrayBuffer());
    const names: string[] = [];
    for (let at = 0; octets[at] !== 0; ) {
      const field = (offset: number, length: number) =>
        new TextDecoder().decode(octets.subarray(at + offset, at + offset + length)).replace(/\0.*$/s, '');
      names.push(field(0, 100));
      expect(field(257, 5)).toBe('ustar');
      at += 512 + 512 * Math.ceil(Number.parseInt(field(124, 12), 8) / 512);
    }
    expect(names).toContain('swanctl.conf');
    expect(names).toContain('x509/laptop.pem');
  });

  it('is a page without script, without other hosts, and not for frames', async () => {
    const page = await get(await link('phone', 'apple'));
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const text = await page.text();
    expect(text).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)|style=|\son\w+=/);
  });

  it('is kept as a hash only, and never in the audit', async () => {
    const token = (await link('phone', 'apple')).split('/p/')[1]!;
    for (const table of ['links', 'audit']) {
      expect(JSON.stringify(await control.rows(`SELECT * FROM ${table}`))).not.toContain(token);
    }
  });

  it('is not made for a format that does not fit', async () => {
    const unknown = await control.post('/networks/corp/members/laptop/links', { format: 'papyrus' });
    expect([unknown.status, unknown.body.error.code, unknown.body.error.field]).toEqual([
      400,
      'unknown-format',
      'format',
    ]);
    const unfit = await control.post('/networks/corp/members/laptop/links', { format: 'cisco' });
    expect([unfit.status, unfit.body.error.code]).toEqual([409, 'unfit-format']);
  });

  it('is guessed by nobody: a source that tries often is slowed', async () => {
    const statuses = [];
    for (let i = 0; i < 25; i++) statuses.push((await get(`${control.url}/p/guess${i}`, '203.0.113.9')).status);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(410));
    expect(statuses.slice(-3)).toEqual([429, 429, 429]);
    expect((await get(`${control.url}/p/guess`, '203.0.113.10')).status).toBe(410);
  });
});
