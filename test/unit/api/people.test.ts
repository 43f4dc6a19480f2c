// Who belongs to an organisation: invitations accepted, taken back and expired; roles; and that an owner is left.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstOwner, joined, newOwner, PASSWORD, tokenOf } from '../account/organisation.ts';
import { Browser } from '../browser.ts';
import { Control } from '../control.ts';

let control: Control;
let owner: Browser;
let admin: Browser;

beforeAll(async () => {
  control = await Control.start({ bindings: { SIGN_UP: 'open' } });
  owner = await firstOwner(control);
  admin = await joined(control, owner, 'admin@example.com', 'admin');
});

afterAll(() => control?.stop());

async function idOf(email: string): Promise<string> {
  const [row] = await control.rows('SELECT id FROM users WHERE email = ?', email);
  return row!.id as string;
}

describe('invitations', () => {
  it('let in whom they are for, once, as what they say', async () => {
    const { status, body } = await owner.post('/api/invitations', { email: ' Bob@Example.com', role: 'auditor' });
    expect([status, body.invitation]).toMatchObject([201, { email: 'bob@example.com', role: 'auditor' }]);
    expect(body.delivery).toBe('not-sent');
    const invitation = tokenOf(body.link);
    const account = { name: 'Bob', email: 'bob@example.com', password: PASSWORD, invitation };
    const wrong = await new Browser(control).post('/auth/sign-up', { ...account, email: 'eve@example.com' });
    expect([wrong.status, wrong.body.error.code]).toEqual([403, 'invitation-not-yours']);
    const bob = new Browser(control);
    expect((await bob.post('/auth/sign-up', account)).status).toBe(201);
    expect((await bob.get('/api/me')).body.me).toMatchObject({ organisation: 'default', role: 'auditor' });
    const again = await new Browser(control).post('/auth/sign-up', { ...account, email: 'bob@example.com' });
    expect([again.status, again.body.error.code]).toEqual([410, 'invitation-void']);
  });

  it('are accepted by an account that exists already', async () => {
    const carol = await newOwner(control, 'carol@example.com');
    const { body } = await owner.post('/api/invitations', { email: 'carol@example.com', role: 'member' });
    const eve = await newOwner(control, 'eve2@example.com');
    const stolen = await eve.post('/auth/accept-invitation', { invitation: tokenOf(body.link) });
    expect([stolen.status, stolen.body.error.code]).toEqual([403, 'invitation-not-yours']);
    const accepted = await carol.post('/auth/accept-invitation', { invitation: tokenOf(body.link) });
    expect([accepted.status, accepted.body]).toEqual([200, { organisation: 'default' }]);
    const { organisations } = (await carol.get('/auth/session')).body;
    expect(organisations.map((each: { role: string }) => each.role)).toEqual(['owner', 'member']);
    carol.organisation = 'default';
    expect((await carol.get('/api/me')).body.me.role).toBe('member');
    expect((await carol.get('/api/networks')).status).toBe(403);
  });

  it('work no more when they are taken back', async () => {
    const { body } = await owner.post('/api/invitations', { email: 'gone@example.com', role: 'member' });
    expect((await owner.request('DELETE', `/api/invitations/${body.invitation.id}`)).status).toBe(200);
    const account = { name: 'G', email: 'gone@example.com', password: PASSWORD, invitation: tokenOf(body.link) };
    expect((await new Browser(control).post('/auth/sign-up', account)).body.error.code).toBe('invitation-void');
    const again = await owner.request('DELETE', `/api/invitations/${body.invitation.id}`);
    expect([again.status, again.body.error.code]).toEqual([404, 'unknown-invitation']);
  });

  it('work no more when they have expired, nor when a younger one went to the same address', async () => {
    const first = (await owner.post('/api/invitations', { email: 'late@example.com', role: 'member' })).body;
    const second = (await owner.post('/api/invitations', { email: 'late@example.com', role: 'member' })).body;
    const account = { name: 'L', email: 'late@example.com', password: PASSWORD };
    const old = await new Browser(control).post('/auth/sign-up', { ...account, invitation: tokenOf(first.link) });
    expect(old.body.error.code).toBe('invitation-void');
    await control.rows('UPDATE invitations SET expires_at = 1 WHERE id = ?', second.invitation.id);
    const late = await new Browser(control).post('/auth/sign-up', { ...account, invitation: tokenOf(second.link) });
    expect([late.status, late.body.error.code]).toEqual([410, 'invitation-void']);
    const { invitations } = (await owner.get('/api/invitations')).body;
    expect(invitations.map((each: { email: string }) => each.email)).not.toContain('late@example.com');
  });

  it('are accepted by one of many who come at once', async () => {
    const { body } = await owner.post('/api/invitations', { email: 'rush@example.com', role: 'member' });
    const rush = await newOwner(control, 'rush@example.com');
    const invitation = tokenOf(body.link);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => rush.post('/auth/accept-invitation', { invitation })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
  });

  it('keep the token out of the database', async () => {
    const { body } = await owner.post('/api/invitations', { email: 'hash@example.com', role: 'member' });
    const rows = JSON.stringify(await control.rows('SELECT * FROM invitations'));
    expect(rows).toContain('hash@example.com');
    expect(rows).not.toContain(tokenOf(body.link));
    expect(JSON.stringify(await control.rows('SELECT * FROM audit'))).not.toContain(tokenOf(body.link));
  });

  it('are refused beside the field that is wrong', async () => {
    const email = await owner.post('/api/invitations', { email: 'nobody', role: 'member' });
    expect(email.body.error).toMatchObject({ code: 'bad-email', field: 'email' });
    const role = await owner.post('/api/invitations', { email: 'x@example.com', role: 'king' });
    expect(role.body.error).toMatchObject({ code: 'bad-value', field: 'role' });
  });
});

describe('roles', () => {
  it('of owners are in the hands of owners', async () => {
    const id = await idOf('owner@example.com');
    for (const answer of [
      await admin.post('/api/invitations', { email: 'boss@example.com', role: 'owner' }),
      await admin.request('PATCH', `/api/people/${id}`, { role: 'member' }),
      await admin.request('DELETE', `/api/people/${id}`),
      await admin.request('PATCH', `/api/people/${await idOf('admin@example.com')}`, { role: 'owner' }),
    ]) {
      expect([answer.status, answer.body.error.code]).toEqual([403, 'owners-only']);
    }
  });

  it('never leave the organisation without an owner', async () => {
    const id = await idOf('owner@example.com');
    for (const answer of [
      await owner.request('DELETE', `/api/people/${id}`),
      await owner.request('PATCH', `/api/people/${id}`, { role: 'admin' }),
    ]) {
      expect([answer.status, answer.body.error.code]).toEqual([409, 'last-owner']);
    }
    const heir = await joined(control, owner, 'heir@example.com', 'owner');
    const heirId = await idOf('heir@example.com');
    const both = await Promise.all([
      owner.request('DELETE', `/api/people/${id}`),
      heir.request('DELETE', `/api/people/${heirId}`),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const owners = await control.rows(
      "SELECT user_id FROM people WHERE organisation_id = 'default' AND role = 'owner'",
    );
    expect(owners).toHaveLength(1);
    if (owners[0]!.user_id === heirId) {
      owner = heir;
    }
  });

  it('end at once when somebody is removed', async () => {
    const leaving = await joined(control, owner, 'leaving@example.com', 'admin');
    expect((await leaving.get('/api/networks')).status).toBe(200);
    await owner.request('DELETE', `/api/people/${await idOf('leaving@example.com')}`);
    const { status, body } = await leaving.get('/api/networks');
    expect([status, body.error.code]).toEqual([404, 'unknown-organisation']);
  });

  it('let everybody leave by themselves', async () => {
    const member = await joined(control, owner, 'brief@example.com', 'member');
    const id = await idOf('brief@example.com');
    expect((await member.request('DELETE', `/api/people/${await idOf('admin@example.com')}`)).status).toBe(403);
    expect((await member.request('DELETE', `/api/people/${id}`)).status).toBe(200);
  });
});

describe('the audit', () => {
  it('names who did what to whom, and what it was before', async () => {
    const auditor = await joined(control, owner, 'watch@example.com', 'auditor');
    const id = await idOf('watch@example.com');
    await owner.request('PATCH', `/api/people/${id}`, { role: 'member' });
    await owner.request('PATCH', `/api/people/${id}`, { role: 'auditor' });
    const { entries } = (await auditor.get('/api/activity?target=person%20watch@example.com')).body;
    expect(entries.map((each: Record<string, unknown>) => [each.action, each.before, each.after])).toEqual([
      ['person.change', { role: 'member' }, { role: 'auditor' }],
      ['person.change', { role: 'auditor' }, { role: 'member' }],
    ]);
    expect(entries[0].actor).toMatch(/^(owner|heir)@example\.com$/);
  });
});
