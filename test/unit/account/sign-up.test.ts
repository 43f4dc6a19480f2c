// Accounts and sessions as better-auth keeps them on D1 in workerd: signing up, in and out, and a new password.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstAccountToken } from '../../../worker/account/keys.ts';
import { Browser } from '../browser.ts';
import { Control, DEPLOYMENT_KEY } from '../control.ts';

const FIRST = firstAccountToken({ DEPLOYMENT_KEY });
const ALICE = { name: 'Alice', email: 'Alice@example.com', password: 'correct horse battery' };

describe('the first account of a deployment', () => {
  let control: Control;

  beforeAll(async () => {
    control = await Control.start();
  });

  afterAll(() => control?.stop());

  it('takes the link that the operator has', async () => {
    for (const first of ['', 'x', FIRST.slice(1), `${FIRST}x`]) {
      const { status, body } = await new Browser(control).post('/auth/sign-up', { ...ALICE, first });
      expect([status, body.error.code]).toEqual([403, 'sign-up-closed']);
    }
    expect(await control.rows('SELECT id FROM users')).toEqual([]);
  });

  it('owns the organisation of the operator, once', async () => {
    const browsers = Array.from({ length: 4 }, () => new Browser(control));
    const answers = await Promise.all(
      browsers.map((browser, i) =>
        browser.post('/auth/sign-up', { ...ALICE, email: `a${i}@example.com`, first: FIRST }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403, 403]);
    const people = await control.rows('SELECT organisation_id, role FROM people');
    expect(people).toEqual([{ organisation_id: 'default', role: 'owner' }]);
    expect(await control.rows('SELECT count(*) AS n FROM users')).toEqual([{ n: 1 }]);
    const owner = browsers[answers.findIndex(({ status }) => status === 201)]!;
    expect((await owner.get('/api/networks')).status).toBe(200);
  });

  it('closes the door behind itself', async () => {
    const { status, body } = await new Browser(control).post('/auth/sign-up', { ...ALICE, organisation: 'Mine' });
    expect([status, body.error.code]).toEqual([403, 'sign-up-closed']);
  });
});

describe('where sign-up is open', () => {
  let control: Control;
  let alice: Browser;

  beforeAll(async () => {
    control = await Control.start({ bindings: { SIGN_UP: 'open' } });
    await new Browser(control).post('/auth/sign-up', { ...ALICE, email: 'root@example.com', first: FIRST });
    alice = new Browser(control);
    const { status } = await alice.post('/auth/sign-up', { ...ALICE, organisation: 'Åcme "GmbH"' });
    expect(status).toBe(201);
  });

  afterAll(() => control?.stop());

  it('gives each an organisation of their own', async () => {
    const { body } = await alice.get('/auth/session');
    expect(body.user).toMatchObject({ name: 'Alice', email: 'alice@example.com' });
    expect(body.organisations).toEqual([
      { organisation: expect.stringMatching(/^[2-9a-z]{10}$/), name: 'Åcme "GmbH"', role: 'owner' },
    ]);
    expect((await alice.get('/api/networks')).body).toEqual({ networks: [] });
  });

  it('keeps the session in a cookie that scripts and other sites cannot use', () => {
    const cookie = alice.setCookies.find((line) => line.includes('session_token'))!;
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).not.toMatch(/; Secure/i);
  });

  it('says Secure wherever it is not localhost', async () => {
    const remote = await Control.start({ bindings: { CONSOLE_URL: 'https://console.example.com' } });
    try {
      const browser = new Browser(remote);
      const headers = { Origin: 'https://console.example.com' };
      const { status } = await browser.request('POST', '/auth/sign-up', { ...ALICE, first: FIRST }, headers);
      expect(status).toBe(201);
      const cookie = browser.setCookies.find((line) => line.includes('session_token'))!;
      expect(cookie).toMatch(/^__Secure-culvert.session_token=/);
      expect(cookie).toMatch(/; Secure/i);
      expect((await browser.get('/api/networks')).status).toBe(200);
    } finally {
      await remote.stop();
    }
  });

  it('signs in with the password and with no other', async () => {
    const browser = new Browser(control);
    for (const [email, password] of [
      [ALICE.email, 'wrong horse battery'],
      ['nobody@example.com', ALICE.password],
      [ALICE.email, ''],
    ]) {
      const { status, body } = await browser.post('/auth/sign-in', { email, password });
      expect([status, body.error.code]).toEqual([401, 'bad-credentials']);
    }
    expect((await browser.get('/api/networks')).status).toBe(401);
    expect(
      (await browser.post('/auth/sign-in', { email: ' ALICE@example.com ', password: ALICE.password })).status,
    ).toBe(200);
    expect((await browser.get('/api/networks')).status).toBe(200);
  });

  it('signs out for good: the cookie is worth nothing afterwards', async () => {
    const browser = new Browser(control);
    await browser.post('/auth/sign-in', ALICE);
    const cookie = browser.setCookies.find((line) => line.includes('session_token'))!.split(';')[0]!;
    const kept = { Cookie: cookie };
    expect((await new Browser(control).send('GET', '/api/networks', undefined, kept)).status).toBe(200);
    await browser.post('/auth/sign-out');
    expect((await browser.get('/api/networks')).status).toBe(401);
    expect((await new Browser(control).send('GET', '/api/networks', undefined, kept)).status).toBe(401);
  });

  it('takes no cookie that was made up or changed', async () => {
    const cookie = alice.setCookies.find((line) => line.includes('session_token'))!.split(';')[0]!;
    const [token] = decodeURIComponent(cookie.split('=')[1]!).split('.');
    for (const value of [token, `${token}.AAAA`, `x${cookie.split('=')[1]}`, '']) {
      const headers = { Cookie: `culvert.session_token=${value}` };
      expect((await new Browser(control).send('GET', '/api/networks', undefined, headers)).status).toBe(401);
    }
  });

  it('keeps passwords as scrypt hashes only', async () => {
    const rows = await control.rows('SELECT password FROM accounts');
    expect(rows.length).toBeGreaterThan(1);
    for (const { password } of rows) expect(password).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/);
    expect(new Set(rows.map(({ password }) => password)).size).toBe(rows.length);
  });

  for (const [what, change, code, field] of [
    ['a taken address', {}, 'email-taken', 'email'],
    ['no address', { email: 'alice' }, 'bad-email', 'email'],
    ['a short password', { email: 'b@example.com', password: 'short' }, 'bad-password', 'password'],
    ['a password without end', { email: 'b@example.com', password: 'x'.repeat(129) }, 'bad-password', 'password'],
    ['no name', { email: 'b@example.com', name: ' ' }, 'bad-name', 'name'],
    ['a name of two lines', { email: 'b@example.com', name: 'a\nb' }, 'bad-name', 'name'],
    ['a name that turns round', { email: 'b@example.com', name: 'a\u202eb' }, 'bad-name', 'name'],
    ['an organisation without a name', { email: 'b@example.com', organisation: '' }, 'bad-name', 'organisation'],
    [
      'an endless organisation',
      { email: 'b@example.com', organisation: 'x'.repeat(10_000) },
      'bad-name',
      'organisation',
    ],
  ] as const) {
    it(`refuses ${what} beside its field`, async () => {
      const { body } = await new Browser(control).post('/auth/sign-up', { ...ALICE, organisation: 'O', ...change });
      expect(body.error).toMatchObject({ code, field });
    });
  }

  it('leaves nothing behind of an account that was refused', async () => {
    expect(await control.rows("SELECT id FROM users WHERE email = 'b@example.com'")).toEqual([]);
    const people = await control.rows('SELECT count(*) AS n FROM people');
    expect(await control.rows('SELECT count(*) AS n FROM organisations')).toEqual(people);
  });
});

describe('requests of other sites', () => {
  let control: Control;
  let browser: Browser;

  beforeAll(async () => {
    control = await Control.start();
    browser = new Browser(control);
    await browser.post('/auth/sign-up', { ...ALICE, first: FIRST });
  });

  afterAll(() => control?.stop());

  const FOREIGN: readonly [string, Record<string, string>][] = [
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example', 'X-Culvert-Request': '1' }],
    ['a neighbour', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://a.localhost', 'X-Culvert-Request': '1' }],
    ['nowhere', { Origin: 'null', 'X-Culvert-Request': '1' }],
    ['who does not say', { 'X-Culvert-Request': '1' }],
  ];

  for (const [who, headers] of FOREIGN) {
    it(`change nothing: ${who}`, async () => {
      const made = await browser.send('POST', '/api/networks', { name: 'evil' }, headers);
      expect([made.status, made.body.error.code]).toEqual([403, 'foreign-request']);
      const out = await browser.send('POST', '/auth/sign-out', {}, headers);
      expect([out.status, out.body.error.code]).toEqual([403, 'foreign-request']);
      expect((await browser.get('/api/networks')).body.networks).toEqual([]);
    });
  }

  it('change nothing: a form of our own origin, without the header', async () => {
    const own = { 'Sec-Fetch-Site': 'same-origin', Origin: control.url };
    expect((await browser.send('POST', '/api/networks', { name: 'form' }, own)).status).toBe(403);
    expect((await browser.post('/api/networks', { name: 'script' })).status).toBe(201);
  });

  it('reach nothing of better-auth but what is named', async () => {
    for (const path of [
      '/auth/sign-up/email',
      '/auth/sign-in/email',
      '/auth/update-user',
      '/auth/ok',
      '/auth/delete-user',
    ]) {
      expect((await browser.post(path, ALICE)).status).toBe(404);
      expect((await browser.get(path)).status).toBe(404);
    }
    expect((await browser.get('/auth/passkey/generate-authenticate-options')).body.challenge).toMatch(/^[\w-]{20,}$/);
    expect((await browser.get('/auth/passkey/list-user-passkeys')).body).toEqual([]);
    const options = (await browser.get('/auth/passkey/generate-register-options')).body;
    expect(options).toMatchObject({ rp: { name: 'Culvert' }, user: { name: 'alice@example.com' } });
  });
});
