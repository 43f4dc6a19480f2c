// Webhooks: told of changes, signed, tried again, given up; and where they may not go.

import { createHmac } from 'node:crypto';
import { type Request, Response } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control, OPERATOR_TOKEN } from '../control.ts';

interface Told {
  readonly url: string;
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

const told: Told[] = [];
let answer: () => Response = () => new Response(null, { status: 204 });
let control: Control;

beforeAll(async () => {
  const internet = async (request: Request) => {
    const header = (name: string) => request.headers.get(name) ?? '';
    const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header);
    told.push({ url: request.url, id: id!, timestamp: timestamp!, signature: signature!, body: await request.text() });
    return answer();
  };
  control = await Control.start({ internet });
});

afterAll(() => control?.stop());

async function arrived(count: number): Promise<void> {
  await expect.poll(() => told.length).toBe(count);
}

describe('a webhook', () => {
  it('is told of each change that it asked for, signed', async () => {
    const made = await control.post('/webhooks', { url: 'https://hooks.example.com/culvert', events: ['network.*'] });
    expect(made.body.webhook.secret).toMatch(/^whsec_[\w+/]{43}=$/);
    await control.post('/networks', { name: 'corp' });
    await arrived(1);
    await control.post('/networks/corp/devices', { name: 'laptop', auth: 'psk' });
    await control.request('PATCH', '/networks/corp', { mtu: 1300 });
    await arrived(2);
    const [first, second] = told as [Told, Told];
    expect(JSON.parse(first.body)).toMatchObject({ actor: 'operator', action: 'network.add', target: 'network corp' });
    expect(JSON.parse(second.body)).toMatchObject({ before: { mtu: 1400 }, after: { mtu: 1300 } });
    for (const { id, timestamp, signature, body } of told) {
      const key = Buffer.from(made.body.webhook.secret.slice('whsec_'.length), 'base64');
      const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
      expect(signature).toBe(`v1,${expected}`);
      expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(60_000);
    }
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    const sealed = await control.rows('SELECT secret FROM webhooks');
    expect(JSON.stringify(sealed)).not.toContain('whsec');
    const log = (await control.get(`/webhooks/${made.body.webhook.id}/deliveries`)).body.deliveries;
    expect(log[0]).toMatchObject({ event: 'network.change', status: 204, attempts: 1, dueAt: null, failure: null });
    await control.delete(`/webhooks/${made.body.webhook.id}`);
  });

  it('asks for events that there are, and hears of a slip', async () => {
    for (const event of ['device.ad', 'devices.*', 'device', '**', '']) {
      const { status, body } = await control.post('/webhooks', { url: 'https://hooks.example.com/', events: [event] });
      expect([event, status, body.error?.field]).toEqual([event, 400, 'events']);
    }
    const { body } = await control.get('/openapi.json');
    const { schema } = body.paths['/webhooks'].post.requestBody.content['application/json'];
    expect(schema.properties.events.items.enum).toEqual(expect.arrayContaining(['*', 'device.*', 'site.connected']));
  });

  it('is told again, later and later, until it is given up', async () => {
    told.length = 0;
    answer = () => new Response('no', { status: 500 });
    const { webhook } = (await control.post('/webhooks', { url: 'https://down.example.com/', events: ['*'] })).body;
    await arrived(1);
    const waits: number[] = [];
    let now = Date.now();
    for (let i = 2; i <= 7; i++) {
      const [row] = await control.rows('SELECT due_at FROM webhook_deliveries WHERE webhook_id = ?', webhook.id);
      waits.push(Math.round(((row!.due_at as number) - now) / 1000));
      await control.call('scheduled', '* * * * *', (row!.due_at as number) - 1);
      expect(told.length).toBe(i - 1);
      now = row!.due_at as number;
      await control.call('scheduled', '* * * * *', now);
      expect(told.length).toBe(i);
    }
    expect(waits.slice(1)).toEqual([120, 480, 1920, 7680, 30_720]);
    await control.call('scheduled', '* * * * *', now + 365 * 86_400_000);
    expect(told.length).toBe(7);
    const [delivery] = (await control.get(`/webhooks/${webhook.id}/deliveries`)).body.deliveries;
    expect(delivery).toMatchObject({ attempts: 7, dueAt: null, deliveredAt: null, status: 500 });
    expect(delivery.failure).toBe('the server answered 500');
    await control.delete(`/webhooks/${webhook.id}`);
  });

  it('follows no redirect', async () => {
    told.length = 0;
    answer = () => new Response(null, { status: 302, headers: { Location: 'https://elsewhere.example.com/' } });
    const { webhook } = (await control.post('/webhooks', { url: 'https://moved.example.com/', events: ['group.*'] }))
      .body;
    await control.post(`/webhooks/${webhook.id}/test`, undefined);
    await arrived(1);
    expect(told.map(({ url }) => url)).toEqual(['https://moved.example.com/']);
    expect(JSON.parse(told[0]!.body).action).toBe('webhook.test');
    await control.delete(`/webhooks/${webhook.id}`);
  });

  it('is told once more when somebody says so, under the same id', async () => {
    told.length = 0;
    answer = () => new Response('no', { status: 503 });
    const { webhook } = (
      await control.post('/webhooks', { url: 'https://again.example.com/', events: ['authority.rotate'] })
    ).body;
    const { delivery } = (await control.post(`/webhooks/${webhook.id}/test`, undefined)).body;
    await arrived(1);
    const log = `/webhooks/${webhook.id}/deliveries`;
    const state = async () => (await control.get(log)).body.deliveries[0];
    await expect.poll(async () => (await state()).failure).toBe('the server answered 503');
    answer = () => new Response(null, { status: 204 });
    const { status, body } = await control.post(`${log}/${delivery}/repeat`, undefined);
    expect([status, body]).toEqual([202, { delivery }]);
    await arrived(2);
    expect(told[1]).toMatchObject({ id: told[0]!.id, body: told[0]!.body });
    await expect.poll(async () => (await state()).status).toBe(204);
    expect(await state()).toMatchObject({ attempts: 1, dueAt: null, failure: null });
    const [change] = (await control.get('/activity')).body.entries;
    expect(change).toMatchObject({ action: 'webhook.repeat', after: { delivery } });
    const other = (await control.post('/webhooks', { url: 'https://other.example.com/', events: ['authority.rotate'] }))
      .body;
    const foreign = await control.post(`/webhooks/${other.webhook.id}/deliveries/${delivery}/repeat`, undefined);
    expect([foreign.status, foreign.body.error.code]).toEqual([404, 'unknown-delivery']);
    for (const id of [webhook.id, other.webhook.id]) await control.delete(`/webhooks/${id}`);
  });

  for (const url of [
    'http://hooks.example.com/',
    'https://127.0.0.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://8.8.8.8/',
    'https://localhost/',
    'https://a.localhost/',
    'https://router.lan/',
    'https://db.internal./',
    'https://intranet/',
    'https://user:pass@hooks.example.com/',
    'file:///etc/passwd',
    'nonsense',
    `https://hooks.example.com/${'x'.repeat(600)}`,
  ]) {
    it(`does not go to ${url.slice(0, 50)}`, async () => {
      const { status, body } = await control.post('/webhooks', { url });
      expect([status, body.error.code, body.error.field]).toEqual([400, 'bad-value', 'url']);
    });
  }

  it('of one organisation is told nothing of another', async () => {
    answer = () => new Response(null, { status: 204 });
    told.length = 0;
    await control.rows("INSERT INTO organisations (id, label, name, created_at) VALUES ('other', 'other', 'Other', 0)");
    await control.post('/webhooks', { url: 'https://mine.example.com/', events: ['*'] });
    await arrived(1);
    const headers = { Authorization: `Bearer ${OPERATOR_TOKEN}`, 'X-Culvert-Organisation': 'other' };
    const body = JSON.stringify({ name: 'theirs' });
    const made = await fetch(`${control.url}/api/networks`, { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    await control.post('/networks', { name: 'ours' });
    await arrived(2);
    expect(told.map((each) => JSON.parse(each.body).organisation)).toEqual(['default', 'default']);
  });
});

describe('comings and goings', () => {
  const event = (i: number, name = 'connected') => ({
    ...{ id: `event-${i}`, at: 1_000 + i, event: name, member: 'm1', name: 'laptop', kind: 'device', since: 1_000 },
    ...{
      addresses: ['10.0.0.2/32', 'fd00::2/128'],
      path: '198.51.100.7:4500',
      reason: name === 'connected' ? null : 'idle',
    },
  });
  const waiting = async (id: string) => {
    const sql =
      'SELECT event, body FROM webhook_deliveries WHERE webhook_id = ? AND due_at IS NOT NULL ORDER BY created_at, id';
    return control.rows(sql, id);
  };

  it('are told to who asked for them, by the same log and as signed', async () => {
    await control.rows('DELETE FROM webhooks');
    const { network } = (await control.post('/networks', { name: 'roads' })).body;
    const hook = async (...events: string[]) =>
      (await control.post('/webhooks', { url: 'https://roads.example.com/', events })).body.webhook;
    const [asking, all, other] = [await hook('device.connected'), await hook('device.*'), await hook('network.*')];
    const events = [event(1), event(2, 'disconnected')];
    expect(await control.call('connections', network.id, events, Date.now())).toBe(3);
    expect(await control.call('connections', network.id, events, Date.now())).toBe(0);
    expect(await control.call('connections', 'no-such-network', events, Date.now())).toBe(0);
    expect((await waiting(asking.id)).map((row) => row.event)).toEqual(['device.connected']);
    expect((await waiting(all.id)).map((row) => row.event)).toEqual(['device.connected', 'device.disconnected']);
    expect(await waiting(other.id)).toEqual([]);
    expect(JSON.parse((await waiting(all.id))[1]!.body as string)).toEqual({
      ...{
        id: 'event-2',
        at: 1_002,
        organisation: 'default',
        action: 'device.disconnected',
        target: 'device roads/laptop',
      },
      ...{ network: 'roads', device: { id: 'm1', name: 'laptop' }, addresses: ['10.0.0.2', 'fd00::2'] },
      ...{ path: '198.51.100.7:4500', since: 1_000, reason: 'idle' },
    });
    told.length = 0;
    answer = () => new Response(null, { status: 204 });
    await control.call('scheduled', '* * * * *', Date.now() + 1_000);
    expect(told.map(({ url }) => url)).toEqual(Array(3).fill('https://roads.example.com/'));
    for (const { id, timestamp, signature, body } of told) {
      const { secret } = [asking, all].find((each) => id.endsWith(each.id));
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`);
    }
    for (const { id } of [asking, all, other]) await control.delete(`/webhooks/${id}`);
  });

  it('wait in a bounded queue while the receiver is down, and leave others their place', async () => {
    const [network] = await control.rows("SELECT id FROM networks WHERE name = 'roads'");
    const hook = async () =>
      (await control.post('/webhooks', { url: 'https://slow.example.com/', events: ['device.connected'] })).body
        .webhook;
    const down = await hook();
    for (let i = 0; i < 12; i++) {
      const events = Array.from({ length: 100 }, (_, j) => event(10_000 + 100 * i + j));
      await control.call('connections', network!.id, events, Date.now() + 3_600_000);
    }
    expect((await waiting(down.id)).length).toBe(1_000);
    const fresh = await hook();
    await control.call('connections', network!.id, [event(9)], Date.now() + 3_600_000);
    expect((await waiting(fresh.id)).length).toBe(1);
    expect((await waiting(down.id)).length).toBe(1_000);
    told.length = 0;
    await control.call('scheduled', '* * * * *', Date.now() + 3_700_000);
    expect(told.length).toBeGreaterThan(900);
    for (const { id } of [down, fresh]) await control.delete(`/webhooks/${id}`);
  });
});
