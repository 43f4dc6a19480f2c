// What goes out by mail and what the links in it do: a new password, the proof of an address, and invitations in somebody's name.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../browser.ts';
import { Control } from '../control.ts';
import { firstOwner, newOwner, PASSWORD } from './organisation.ts';

interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const OTHER = 'another horse battery';

let control: Control;
let owner: Browser;

beforeAll(async () => {
  control = await Control.start({ bindings: { SIGN_UP: 'open', MAIL_FROM: 'culvert@example.com' } });
  owner = await firstOwner(control);
});

afterAll(() => control?.stop());

const mails = (): Promise<Mail[]> => control.call('mails');

function tokenIn({ text }: Mail, path: string): string {
  return new RegExp(`/${path}\\?token=(\\S+)`).exec(text)![1]!;
}

async function isProved(email: string): Promise<boolean> {
  const [row] = await control.rows('SELECT email_verified FROM users WHERE email = ?', email);
  return row!.email_verified === 1;
}

/** Presses the button of the banner. @returns where that leads. */
async function again(browser: Browser): Promise<string> {
  const response = await fetch(`${control.url}/verify-email/again`, {
    method: 'POST',
    headers: { Cookie: browser.cookie, Origin: control.url, 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ back: '/account' }),
    redirect: 'manual',
  });
  return response.headers.get('Location') ?? `status ${response.status}`;
}

describe('an address', () => {
  it('is proved by the link that was mailed to it, and by no other', async () => {
    const [mail] = await mails();
    expect(mail).toMatchObject({ from: 'culvert@example.com', to: 'owner@example.com' });
    const token = tokenIn(mail!, 'verify-email');
    const stranger = new Browser(control);
    for (const wrong of ['', 'x', `${token}x`, token.slice(0, -2), token.split('.').slice(0, 2).join('.')]) {
      const { status, body } = await stranger.post('/auth/verify-email', { token: wrong });
      expect([status, body.error.code]).toEqual([410, 'link-void']);
    }
    expect(await isProved('owner@example.com')).toBe(false);
    expect(await stranger.post('/auth/verify-email', { token })).toMatchObject({ status: 200, body: { proved: true } });
    expect(await isProved('owner@example.com')).toBe(true);
    expect((await stranger.post('/auth/verify-email', { token })).status).toBe(200);
    expect((await stranger.get('/api/networks')).status).toBe(401);
  });

  it('is not proved by a program that only opens the link', async () => {
    const dora = await newOwner(control, 'dora@example.com');
    const token = tokenIn((await mails())[0]!, 'verify-email');
    expect((await dora.get(`/verify-email?token=${token}`)).body).toContain('Yes, it is mine');
    expect(await isProved('dora@example.com')).toBe(false);
    const form = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: control.url };
    const pressed = await fetch(`${control.url}/verify-email`, {
      method: 'POST',
      headers: form,
      body: `token=${token}`,
    });
    expect([pressed.status, await pressed.text()]).toEqual([200, expect.stringContaining('The address is yours')]);
    expect(await isProved('dora@example.com')).toBe(true);
  });

  it('is asked for on each page until it is proved, and sign-up waits for nothing', async () => {
    const emil = await newOwner(control, 'emil@example.com');
    const page = await emil.get(`/o/${await organisationOf(emil)}/mine`);
    expect(page.body).toContain('Open the link that was mailed to emil@example.com');
    expect((await emil.post('/api/networks', { name: 'home' })).status).toBe(201);
    await emil.post('/auth/verify-email', { token: tokenIn((await mails())[0]!, 'verify-email') });
    const after = await emil.get(`/o/${await organisationOf(emil)}/mine`);
    expect(after.body).not.toContain('Send again');
  });

  it('gets the mail again, three times and then in a while', async () => {
    const finn = await newOwner(control, 'finn@example.com');
    await mails();
    for (let i = 0; i < 3; i++) expect((await finn.post('/auth/send-verification')).status).toBe(200);
    expect((await mails()).map(({ to }) => to)).toEqual(Array(3).fill('finn@example.com'));
    const over = await finn.post('/auth/send-verification');
    expect([over.status, over.body.error.code]).toEqual([429, 'too-many-requests']);
    expect(await mails()).toEqual([]);
    expect((await new Browser(control).post('/auth/send-verification')).status).toBe(401);
  });

  it('is told when the mail cannot be sent, and why', async () => {
    const greta = await newOwner(control, 'greta@example.com');
    await mails();
    await control.call('breakMails', true);
    try {
      const failed = await greta.post('/auth/send-verification');
      expect([failed.status, failed.body.error.code]).toEqual([503, 'mail-not-sent']);
      expect(await again(greta)).toContain('note=proof-not-sent');
    } finally {
      await control.call('breakMails', false);
    }
    expect(await again(greta)).toContain('note=proof-sent');
    expect((await mails()).map(({ to }) => to)).toEqual(['greta@example.com']);
    expect(await again(greta)).toContain('note=proof-too-often');
  });

  it('that is proved gets no further mail', async () => {
    expect((await owner.post('/auth/send-verification')).status).toBe(200);
    expect(await mails()).toEqual([]);
  });
});

describe('invitations', () => {
  it('are mailed for who has proved an address, and handed over by who has not', async () => {
    const proved = await owner.post('/api/invitations', { email: 'guest1@example.com', role: 'member' });
    expect(proved.body.delivery).toBe('sent');
    expect((await mails()).map(({ to }) => to)).toEqual(['guest1@example.com']);
    const gerd = await newOwner(control, 'gerd@example.com');
    await mails();
    const unproved = await gerd.post('/api/invitations', { email: 'guest2@example.com', role: 'member' });
    expect([unproved.status, unproved.body.delivery]).toEqual([201, 'withheld']);
    expect(unproved.body.link).toContain('/sign-up?invitation=');
    expect(await mails()).toEqual([]);
  });

  it('are mailed for a token where an owner or admin has proved an address', async () => {
    const hugo = await newOwner(control, 'hugo@example.com');
    const [proof] = await mails();
    const { body } = await hugo.post('/api/tokens', { name: 'ci', scopes: ['people:write'] });
    const invite = (email: string) =>
      control.request('POST', '/invitations', { email, role: 'member' }, body.token.secret);
    expect((await invite('guest3@example.com')).body.delivery).toBe('withheld');
    await hugo.post('/auth/verify-email', { token: tokenIn(proof!, 'verify-email') });
    expect((await invite('guest4@example.com')).body.delivery).toBe('sent');
    expect((await mails()).map(({ to }) => to)).toEqual(['guest4@example.com']);
  });
});

describe('a new password', () => {
  it('is set by the link, once, and ends all sessions', async () => {
    const ida = await newOwner(control, 'ida@example.com');
    await mails();
    const browser = new Browser(control);
    expect((await browser.post('/auth/forgot-password', { email: ' IDA@example.com ' })).body).toEqual({ asked: true });
    const [mail] = await mails();
    expect(mail).toMatchObject({ to: 'ida@example.com', subject: 'A new password for Culvert' });
    const token = tokenIn(mail!, 'reset-password');
    const short = await browser.post('/auth/reset-password', { token, password: 'short' });
    expect(short.body.error).toMatchObject({ code: 'bad-password', field: 'password' });
    expect((await ida.get('/api/networks')).status).toBe(200);
    expect((await browser.post('/auth/reset-password', { token, password: OTHER })).status).toBe(200);
    expect((await ida.get('/api/networks')).status).toBe(401);
    const again = await browser.post('/auth/reset-password', { token, password: PASSWORD });
    expect([again.status, again.body.error.code]).toEqual([410, 'link-void']);
    const signIn = (password: string) =>
      new Browser(control).post('/auth/sign-in', { email: 'ida@example.com', password });
    expect((await signIn(PASSWORD)).status).toBe(401);
    expect((await signIn(OTHER)).status).toBe(200);
  });

  it('is not set by the link of another purpose, of an hour ago, or by none', async () => {
    const jana = await newOwner(control, 'jana@example.com');
    const [proof] = await mails();
    await jana.post('/auth/forgot-password', { email: 'jana@example.com' });
    const [mail] = await mails();
    await control.rows('UPDATE verifications SET expires_at = 1');
    for (const token of ['', 'x', tokenIn(proof!, 'verify-email'), tokenIn(mail!, 'reset-password')]) {
      const { status, body } = await jana.post('/auth/reset-password', { token, password: OTHER });
      expect([status, body.error.code]).toEqual([410, 'link-void']);
    }
  });

  it('is answered the same for an address without an account, which gets no mail', async () => {
    const { status, body } = await new Browser(control).post('/auth/forgot-password', { email: 'nobody@example.com' });
    expect([status, body]).toEqual([200, { asked: true }]);
    expect(await mails()).toEqual([]);
  });

  it('is mailed about three times and then in a while', async () => {
    await newOwner(control, 'kurt@example.com');
    await mails();
    const ask = () => new Browser(control).post('/auth/forgot-password', { email: 'kurt@example.com' });
    for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
    expect(await mails()).toHaveLength(3);
  });
});

describe('where no mail goes out', () => {
  it('nobody is asked for a proof that cannot be given', async () => {
    const silent = await Control.start();
    try {
      const browser = await firstOwner(silent);
      expect((await browser.get('/o/default/mine')).body).not.toContain('Send again');
    } finally {
      await silent.stop();
    }
  });
});

async function organisationOf(browser: Browser): Promise<string> {
  return (await browser.get('/auth/session')).body.organisations[0].organisation;
}
